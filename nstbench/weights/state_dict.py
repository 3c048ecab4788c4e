"""Files of PyTorch, for the readers of plugins; whatever is in them, no code is run."""

from __future__ import annotations

import pickle
from typing import Any

from nstbench.errors import WeightsError

__all__ = ["read_state_dict"]


def read_state_dict(path: str) -> dict[str, Any]:
    """Return the tensors of a state dict by name, on the CPU; needs torch.

    Raises ``WeightsError`` for a file that is damaged or holds anything but tensors.
    """
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError("this file is damaged, or holds code instead of tensors, which is never run.") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        reason = str(error).partition("\n")[0].partition(". ")[0].rstrip(".")[:120] or type(error).__name__
        raise WeightsError(f"this is no whole PyTorch file ({reason}). Give the published file.") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise WeightsError("this file is no state dict: it must map names to tensors.")
    return state
