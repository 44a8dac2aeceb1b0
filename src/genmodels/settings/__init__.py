"""Every setting of every family: its default, its range, its help, in one place.

The command line reads its options from these fields, a run records them, a resumed run gets them back.
"""

from genmodels.settings.fields import Settings, flag_of, setting
from genmodels.settings.training import AveragedSettings, TrainingSettings

__all__ = ["AveragedSettings", "Settings", "TrainingSettings", "flag_of", "setting"]
