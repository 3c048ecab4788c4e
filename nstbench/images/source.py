"""What a suite says about a picture: where it comes from, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

__all__ = ["ImageSource", "as_source"]

_SKIMAGE = "skimage:"


@dataclass(frozen=True, slots=True)
class ImageSource:
    """Where a picture comes from: a path, a picture of scikit-image, or an address; and what is known about it.

    ``path`` is relative to the suite's folder. ``sha256`` is that of the file behind ``url`` and says nothing about
    other files. ``file`` is the title that Wikimedia Commons knows the picture by. With none of ``path``, ``skimage``
    and ``url`` the picture can only come from a folder of the user's.
    """

    path: str | None = None
    skimage: str | None = None
    url: str | None = None
    sha256: str | None = None
    title: str | None = None
    author: str | None = None
    license: str | None = None
    file: str | None = None

    @property
    def credit(self) -> str:
        """What is known of the picture, to look for it by: `` (title, author, Commons: file)``; may be empty."""
        known = [self.title, self.author, f"Commons: {self.file}" if self.file else None]
        text = ", ".join(part for part in known if part)
        return f" ({text})" if text else ""


def as_source(value: object) -> ImageSource:
    """Return the source that a suite's text, mapping or object with the attributes of ``ImageSource`` stands for.

    A text is ``skimage:NAME``, an ``http://`` or ``https://`` address, or a path. Attributes that are missing are None.
    """
    if isinstance(value, ImageSource):
        return value
    if isinstance(value, str):
        return _from_text(value)
    names = [field.name for field in fields(ImageSource)]
    found = {name: value.get(name) if isinstance(value, Mapping) else getattr(value, name, None) for name in names}
    source = ImageSource(**{name: None if item is None else str(item) for name, item in found.items()})
    if source.path is None:
        return source
    short = _from_text(source.path)
    merged = replace(source, path=short.path)
    return replace(merged, skimage=source.skimage or short.skimage, url=source.url or short.url)


def _from_text(text: str) -> ImageSource:
    if text.startswith(_SKIMAGE):
        return ImageSource(skimage=text.removeprefix(_SKIMAGE))
    if text.lower().startswith(("http://", "https://")):
        return ImageSource(url=text)
    return ImageSource(path=text)
