"""One file a family: `CASES`, its models, and `TRAINED`, what its training promises on the command line."""

from importlib import import_module
from pkgutil import iter_modules

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
CASES = [case for module in _MODULES for case in module.CASES]
TRAINED = [module.TRAINED for module in _MODULES]
