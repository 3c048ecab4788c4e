"""Keras, on whatever is here: for what it does not matter to what Keras computes with.

A worker has chosen before, by ``KERAS_BACKEND``; where nobody has, it is what is installed.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow" if find_spec("tensorflow") is not None else "jax")

import keras

__all__ = ["keras"]
