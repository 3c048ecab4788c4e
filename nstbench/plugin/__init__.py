"""Plugins: what they announce, how they are found, and what they must be able to do."""

from __future__ import annotations

from nstbench.plugin.catalogue import Catalogue, load_catalogue
from nstbench.plugin.discovery import Problem, Provider

__all__ = ["Catalogue", "Problem", "Provider", "load_catalogue"]
