"""Suite files: read, checked, and expanded into cells; no framework and no plugin is imported."""

from __future__ import annotations

from nstbench.suite.cell import Cell, Optimizer, without_folder
from nstbench.suite.grid import expand
from nstbench.suite.json_schema import json_schema
from nstbench.suite.load import Suite, load_suite, parse_suite, resolved
from nstbench.suite.names import check_names
from nstbench.suite.packaged import packaged_suites
from nstbench.suite.schema import ImageSource, SuiteSpec
from nstbench.suite.select import select
from nstbench.suite.template import template
from nstbench.suite.variations import variations

__all__ = [
    "Cell",
    "ImageSource",
    "Optimizer",
    "Suite",
    "SuiteSpec",
    "check_names",
    "expand",
    "json_schema",
    "load_suite",
    "packaged_suites",
    "parse_suite",
    "resolved",
    "select",
    "template",
    "variations",
    "without_folder",
]
