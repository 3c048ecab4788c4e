"""Weights: find them, fetch them, convert them once to a canonical file that every backend opens."""

from __future__ import annotations

from nstbench.weights.cache import cached, canonicalise
from nstbench.weights.canonical import load_weight_set, save_weight_set
from nstbench.weights.download import fetch
from nstbench.weights.locate import Located, locate
from nstbench.weights.naming import weights_info
from nstbench.weights.random import Initial
from nstbench.weights.state_dict import read_state_dict
from nstbench.weights.weight_set import WeightSet

__all__ = [
    "Initial",
    "Located",
    "WeightSet",
    "cached",
    "canonicalise",
    "fetch",
    "load_weight_set",
    "locate",
    "read_state_dict",
    "save_weight_set",
    "weights_info",
]
