"""Errors that a user can cause: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

__all__ = [
    "ImageError",
    "MissingError",
    "NotApplicable",
    "NstbenchError",
    "PluginError",
    "RunError",
    "SuiteError",
    "WeightsError",
]


class NstbenchError(Exception):
    """Base of all errors that are shown as one or two sentences, without a traceback (exit code 2)."""


class SuiteError(NstbenchError):
    """The suite file is wrong; the message starts with ``file:line:`` where the place is known."""


class PluginError(NstbenchError):
    """A plugin cannot do what was asked of it; the message names its provider."""


class ImageError(NstbenchError):
    """An image cannot be found, read or used."""


class WeightsError(NstbenchError):
    """Weights cannot be found, are damaged, or do not fit the backbone."""


class RunError(NstbenchError):
    """A run folder cannot be used (locked, read-only, full, frozen)."""


class MissingError(NstbenchError):
    """Several things a run needs are missing; one line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NotApplicable(NstbenchError):  # noqa: N818 - no error: some pictures have no such value
    """A metric has no value for this picture; the message says why."""
