"""Templates, and the styles and scripts that go into a page."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["environment", "script", "style"]


def environment(*packages: str) -> Environment:
    """Return an environment that finds ``templates/`` of ``packages``, then those of this package.

    Everything is escaped but what is ``Markup``. Filters: ``text`` (one line without control characters) and ``json``
    (for a ``<script type="application/json">``). Functions: ``style(*names)`` and ``script(*names)``, what is in
    ``static/``, and ``digest(content)``, what a content security policy calls a script by.
    """
    loaders = [PackageLoader(name) for name in (*packages, "nstbench.pages")]
    # trim_blocks and lstrip_blocks: a loop leaves no blank lines in a page that somebody may read.
    made = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"text": _text, "json": _json}
    made.globals |= {"style": style, "script": script, "digest": _digest}
    return made


def style(*names: str) -> Markup:
    """Return style sheets of ``static/`` one after the other."""
    return _static(names)


def script(*names: str) -> Markup:
    """Return scripts of ``static/`` one after the other."""
    return _static(names)


@cache
def _static(names: tuple[str, ...]) -> Markup:
    folder = files("nstbench.pages") / "static"
    # These are our own files, which no text of a run gets into.
    return Markup("\n".join((folder / name).read_text("utf-8").strip() for name in names))  # noqa: S704


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _text(value: object) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())


def _json(value: Any) -> Markup:
    """Return JSON that can end no script: a browser looks for ``</`` and ``<!--`` before it looks at quotes."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
