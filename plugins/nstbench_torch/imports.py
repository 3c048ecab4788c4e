"""Import torchvision, of which only models and tracing are needed: fast, and even where its operators cannot load."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

__all__ = ["import_torchvision"]

OPERATORS = "torchvision::nms does not exist"
REGISTRATIONS = "torchvision._meta_registrations"
COMPILER = ("torch._dynamo", "torch._dynamo.utils")


def import_torchvision(name: str = "torchvision.models") -> ModuleType:
    """Import ``torchvision`` or one of its modules.

    A CPU build of PyTorch beside the registry's (CUDA) build of torchvision is common: the operators cannot be loaded,
    and torchvision's import fails where it registers their shapes. No network needs them, so that step is left out,
    but only after the plain import has failed for this reason.
    """
    try:
        return _import(name)
    except RuntimeError as error:
        if OPERATORS not in str(error):
            raise
    _forget()
    sys.modules[REGISTRATIONS] = ModuleType(REGISTRATIONS, "Left out: the compiled operators are not there.")
    return _import(name)


def _import(name: str) -> ModuleType:
    """Import without PyTorch's compiler if torchvision lets us, else plainly."""
    try:
        with _without_compiler():
            return importlib.import_module(name)
    except (ImportError, AttributeError):
        _forget()
        return importlib.import_module(name)


@contextlib.contextmanager
def _without_compiler() -> Iterator[None]:
    """Keep PyTorch's compiler from being loaded, which takes as long as PyTorch itself.

    All that torchvision wants of it is one function that the detection operator ``roi_align`` may ask: can this device
    compile? It gets one that says no. Where the compiler is loaded already, nothing is done.
    """
    if COMPILER[0] in sys.modules:
        yield
        return
    package, utils = (ModuleType(name) for name in COMPILER)
    package.__path__, package.utils, utils.is_compile_supported = [], utils, _no  # type: ignore[attr-defined]
    sys.modules |= dict(zip(COMPILER, (package, utils), strict=True))
    try:
        yield
    finally:
        for name in COMPILER:
            del sys.modules[name]


def _no(device: str) -> bool:  # noqa: ARG001
    return False


def _forget() -> None:
    """Take back a half-finished import."""
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "torchvision" and one != REGISTRATIONS]:
        del sys.modules[loaded]
