"""Reading a pseudo-terminal to its end."""

import os
import threading

END = b"<the end of what was written>"


class Reader:
    """Collects all that arrives on a pseudo-terminal, in a thread of its own.

    The end is a mark of ours: a terminal that is closed may lose what its reader has not fetched yet.
    """

    def __init__(self, master: int, slave: int) -> None:
        self._master, self._slave = master, slave
        self._received = b""
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        while not self._received.endswith(END):
            self._received += os.read(self._master, 65536)

    def text(self) -> str:
        """All that was written until now; the terminal is closed."""
        if self._thread.is_alive():
            os.write(self._slave, END)
            self._thread.join()
            os.close(self._slave)
            os.close(self._master)
        return self._received.removesuffix(END).decode("utf-8")
