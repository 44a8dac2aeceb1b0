"""One of several processes that wait for work: a line on stdin is what to do and how, one on stdout what came of it.

Of an error that a user would be told it is a sentence; any other ends the process. SIGUSR1 has it write where it is.
"""

import faulthandler
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any


def main(store: str) -> None:
    import torch
    import torch.distributed as dist

    faulthandler.register(signal.SIGUSR1)
    rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    dist.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=count, timeout=timedelta(seconds=60)
    )
    torch.set_num_threads(1)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(**json.loads(line))) + "\n")
        sys.stdout.flush()


def answer(do: str, **asked: Any) -> Any:
    from genmodels.errors import GenmodelsError
    from several import trained

    try:
        return getattr(trained, do)(**asked)
    except GenmodelsError as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(sys.argv[1])
