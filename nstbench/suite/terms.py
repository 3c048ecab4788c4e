"""The kinds of values a suite is made of, each with the words that say what is allowed."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta

__all__ = [
    "INITS",
    "BatchSize",
    "Fraction",
    "GreyLevels",
    "ImageSize",
    "Init",
    "Iterations",
    "NameOrNames",
    "NonNegative",
    "OptimizerName",
    "Placement",
    "Positive",
    "Repeats",
    "Seed",
    "Sha256",
    "Slug",
    "Snapshots",
    "Text",
    "Threads",
    "Timeout",
    "TotalVariation",
    "Url",
    "allow",
    "allowed",
    "members",
]


def allow(text: str) -> Meta:
    """Say what a value must be: for error messages and for editors."""
    return Meta(description=f"{text[0].upper()}{text[1:]}.", extra={"allowed": text})


_MAPPING = "a mapping of settings"


def allowed(kind: Any) -> str:
    """Return the words of the outermost annotation of a type that says what is allowed."""
    if get_origin(kind) is Annotated:
        for note in get_args(kind)[1:]:
            if isinstance(note, Meta) and note.extra and "allowed" in note.extra:
                return str(note.extra["allowed"])
    if get_origin(kind) in (Annotated, Union, types.UnionType):
        return next((text for member in get_args(kind) if (text := allowed(member)) != _MAPPING), _MAPPING)
    return _MAPPING


def members(kind: Any) -> Iterator[Any]:
    """Yield the types a type is made of, without annotations and unions."""
    if get_origin(kind) is Annotated:
        yield from members(get_args(kind)[0])
    elif get_origin(kind) in (Union, types.UnionType):
        for member in get_args(kind):
            yield from members(member)
    else:
        yield kind


# "$" also matches before a last newline in Python, though not in JSON Schema; the lookahead makes them agree.
Slug = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$(?!\n)"),
    allow("a name: at most 64 of a-z, 0-9, '.', '_' and '-', the first a letter or digit"),
]
Text = Annotated[str, Meta(min_length=1, max_length=4096), allow("text")]
Url = Annotated[
    str,
    Meta(pattern=r"^https?://[^\s]+$(?!\n)", max_length=4096),
    allow("an address (https://...)"),
]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}$(?!\n)"), allow("64 hexadecimal digits")]

_Name = Annotated[str, Meta(min_length=1, max_length=4096)]
NameOrNames = Annotated[
    _Name | Annotated[tuple[_Name, ...], Meta(min_length=1)],
    allow("a name or a list of names"),
]

_Size = Annotated[int, Meta(ge=16, le=8192)]
ImageSize = Annotated[
    _Size | Annotated[tuple[_Size, ...], Meta(min_length=1)],
    allow("a whole number from 16 to 8192, or a list of them"),
]
_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Iterations = Annotated[
    _Count | Annotated[tuple[_Count, ...], Meta(min_length=1)],
    allow("a whole number from 0 to 1000000, or a list of them"),
]
_Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]  # what numpy.random.RandomState takes
Seed = Annotated[
    _Seed | Annotated[tuple[_Seed, ...], Meta(min_length=1)],
    allow("a whole number from 0 to 4294967295, or a list of them"),
]
_NonNegative = Annotated[float, Meta(ge=0)]
NonNegative = Annotated[
    _NonNegative | Annotated[tuple[_NonNegative, ...], Meta(min_length=1)],
    allow("a number that is not negative, or a list of them"),
]
_Positive = Annotated[float, Meta(gt=0)]
Positive = Annotated[
    _Positive | Annotated[tuple[_Positive, ...], Meta(min_length=1)],
    allow("a number above 0, or a list of them"),
]
_Fraction = Annotated[float, Meta(ge=0, lt=1)]
Fraction = Annotated[
    _Fraction | Annotated[tuple[_Fraction, ...], Meta(min_length=1)],
    allow("a number from 0 up to, not including, 1, or a list of them"),
]

_OptimizerName = Literal["adam", "lbfgs"]
OptimizerName = Annotated[
    _OptimizerName | Annotated[tuple[_OptimizerName, ...], Meta(min_length=1)],
    allow("adam or lbfgs, or a list of them"),
]
_Placement = Literal["tensorflow", "pytorch"]
Placement = Annotated[
    _Placement | Annotated[tuple[_Placement, ...], Meta(min_length=1)],
    allow("tensorflow or pytorch, or a list of them"),
]
INITS = ("content", "style", "noise", "mixed")
# For editors; nstbench.suite.rules says it to users. Given as `pattern=`, msgspec 0.22 dies on a list of them.
_init_pattern = rf"^({'|'.join(INITS)}|file:.*\S.*)$"
_Init = Annotated[str, Meta(min_length=1, max_length=4096, extra_json_schema={"pattern": _init_pattern})]
Init = Annotated[
    _Init | Annotated[tuple[_Init, ...], Meta(min_length=1)],
    allow("content, style, noise, mixed or file:PATH, or a list of them"),
]

BatchSize = Annotated[
    Annotated[int, Meta(ge=1, le=64)] | Literal["auto"],
    allow("auto or a whole number from 1 to 64"),
]
Snapshots = Annotated[int, Meta(ge=0, le=1_000_000), allow("a whole number from 0 to 1000000")]
Repeats = Annotated[int, Meta(ge=1, le=1000), allow("a whole number from 1 to 1000")]
GreyLevels = Annotated[float, Meta(ge=0, le=255), allow("a number of grey levels from 0 to 255")]

_Precision = Literal["float32", "tf32", "bf16", "winograd"]
Precision = Annotated[
    _Precision | Annotated[tuple[_Precision, ...], Meta(min_length=1)],
    allow("float32, tf32, bf16 or winograd, or a list of them"),
]

_TotalVariation = Literal["anisotropic", "isotropic"]
TotalVariation = Annotated[
    _TotalVariation | Annotated[tuple[_TotalVariation, ...], Meta(min_length=1)],
    allow("anisotropic or isotropic, or a list of them"),
]

Threads = Annotated[
    Annotated[int, Meta(ge=1, le=4096)] | None,
    allow("a whole number from 1 to 4096"),
]
Timeout = Annotated[float, Meta(gt=0, le=1e9), allow("a number of seconds above 0")]
