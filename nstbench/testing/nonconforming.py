"""How a check of the conformance kit ends that does not pass."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from nstbench.errors import NotApplicable, NstbenchError, PluginError
from nstbench.testing.conformance_job import Answer

__all__ = ["Nonconforming", "answer", "described"]


class Nonconforming(NstbenchError):  # noqa: N818 - what a check finds
    """A plugin does not do what it must; the message says what is wrong, and what to do."""


def answer(check: str, function: Callable[[], str]) -> Answer:
    """Return how a check ended: it returns its figures, or raises."""
    try:
        return Answer(check, "pass", function())
    except (Nonconforming, PluginError) as wrong:  # a backend's refusal says what to do, too
        return Answer(check, "fail", str(wrong))
    except NotApplicable as reason:
        return Answer(check, "skip", str(reason))
    except Exception as error:
        traceback.print_exc()
        return Answer(check, "fail", f"it raised {described(error)}. What it calls must not raise here: mend it there.")


def described(error: Exception) -> str:
    """Return the error with the line that raised it: that is where a plugin's author must look."""
    text = " ".join(str(error).split())[:300] or "no message"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {text} ({Path(frame.filename).name}, line {frame.lineno})"
