"""Run directories: the only thing that passes between commands."""

from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import Epoch, Epochs
from genmodels.runs.finding import find_run
from genmodels.runs.listing import list_runs
from genmodels.runs.making import create_run
from genmodels.runs.run_dir import Record, RunDir

__all__ = ["ComparisonDir", "Epoch", "Epochs", "Record", "RunDir", "create_run", "find_run", "list_runs"]
