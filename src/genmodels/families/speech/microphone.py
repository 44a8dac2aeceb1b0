"""Recording from a microphone, by `sounddevice` in the optional extra genmodels[audio]."""

from typing import TYPE_CHECKING

from genmodels.errors import ResourceError
from genmodels.families.speech.hearing import Source
from genmodels.telling import Teller

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHORTEST, SECONDS, LONGEST = 0.5, 5.0, 600.0


def microphone_source(seconds: float, teller: Teller) -> Source:
    """What a microphone hears when its turn comes: nobody speaks in vain where the network can't be read.

    Args:
        seconds: so long it listens.
        teller: is told when to speak.
    """
    return Source("microphone", lambda: iter([_recorded(seconds, teller)]))


def _recorded(seconds: float, teller: Teller) -> "NDArray[np.int16]":
    """What it hears in the next seconds.

    Raises:
        ResourceError: the extra is not installed, or no microphone is there.
    """
    try:
        import sounddevice
    except ImportError as error:
        hint = "type: pip install 'genmodels[audio]'"
        raise ResourceError("--microphone needs the package sounddevice, which is not installed", hint) from error
    except OSError as error:  # its library in C
        hint = "install the system's PortAudio library (Debian: apt install libportaudio2), or read a file."
        raise ResourceError(f"--microphone needs PortAudio: {error}", hint) from error
    import numpy as np

    from genmodels.data.sound.formats.opened import Opened
    from genmodels.data.sound.formats.recordings import samples_of

    try:
        rate = round(sounddevice.query_devices(kind="input")["default_samplerate"])  # few have 8,000 Hz
        teller.notice(f"listening for {seconds:g} s: speak now")
        heard = sounddevice.rec(round(seconds * rate), samplerate=rate, channels=1, dtype="float32", blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        hint = "plug a microphone in, or record a wav and name it."
        raise ResourceError(f"the microphone can't be used: {error}", hint) from error
    frames = np.asarray(heard, dtype=np.float32)
    return np.concatenate(list(samples_of(Opened(rate, 1, 16, iter([frames])), "microphone", teller.notice)))
