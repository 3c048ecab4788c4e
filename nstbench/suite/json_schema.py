"""A JSON Schema of suites, for editors."""

from __future__ import annotations

from typing import Any

import msgspec

from nstbench.suite.schema import SuiteSpec

__all__ = ["json_schema"]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a suite file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nstbench suite",
        **msgspec.json.schema(SuiteSpec),
    }
