"""Numbers as people read them."""

from __future__ import annotations

import math

__all__ = ["MISSING", "count", "loss", "seconds", "setting", "significant", "similarity"]

MISSING = "–"


def loss(value: float | None) -> str:
    """Return three significant digits in the notation of the report: ``8.83e5``, and ``1.73`` as it is."""
    if value is None or not math.isfinite(value):
        return MISSING
    mantissa, exponent = f"{value:.2e}".split("e")
    return mantissa if int(exponent) == 0 else f"{mantissa}e{int(exponent)}"


def significant(value: float | None) -> str:
    """Return three significant digits without an exponent: ``0.0123``, ``12.3``, ``12,345``."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value == 0 or abs(value) >= 99.95:
        return f"{value:,.0f}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.{min(max(digits, 0), 9)}f}"


def seconds(value: float | None) -> str:
    """Return a time with its unit: ``12.3 s``."""
    text = significant(value)
    return text if text == MISSING else f"{text} s"


def setting(value: object) -> str:
    """Return a value of a suite as the suite would spell it: ``5``, ``100000``, ``adam``."""
    if value is None:
        return MISSING
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def similarity(value: float | None) -> str:
    """Return an SSIM with three decimals."""
    return MISSING if value is None or not math.isfinite(value) else f"{value:.3f}"


def count(value: int | None) -> str:
    """Return a whole number with thousands separators."""
    return MISSING if value is None else f"{value:,}"
