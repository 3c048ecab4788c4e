"""Import this before ``keras`` where it does not matter what Keras computes with, as long as it is here."""

from __future__ import annotations

import os
from importlib.util import find_spec

__all__: list[str] = []

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow" if find_spec("tensorflow") is not None else "jax")
