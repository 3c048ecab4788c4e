"""Import torchvision, of which only models and tracing are needed, even where its compiled operators cannot load."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

__all__ = ["import_torchvision"]

OPERATORS = "torchvision::nms does not exist"
REGISTRATIONS = "torchvision._meta_registrations"


def import_torchvision(name: str = "torchvision.models") -> ModuleType:
    """Import ``torchvision`` or one of its modules.

    A CPU build of PyTorch beside the registry's (CUDA) build of torchvision is common: the operators cannot be loaded,
    and torchvision's import fails where it registers their shapes. No network needs them, so that step is left out,
    but only after the plain import has failed for this reason.
    """
    try:
        return importlib.import_module(name)
    except RuntimeError as error:
        if OPERATORS not in str(error):
            raise
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "torchvision"]:
        del sys.modules[loaded]
    sys.modules[REGISTRATIONS] = ModuleType(REGISTRATIONS, "Left out: the compiled operators are not there.")
    return importlib.import_module(name)
