"""Pictures of a run as the page shows them: by address, small ones made as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from nstbench.pages import Picture
from nstbench.pages.thumbnails import encoded
from nstbench.report.canvas import read_picture
from nstbench.watch.files import picture_file
from nstbench.watch.server import Answer

__all__ = ["Pictures"]

_KINDS = {".png": "image/png", ".webp": "image/webp"}
_KEPT = 400
"""Small pictures in memory, of some ten thousand bytes each."""


@dataclass(slots=True)
class Pictures:
    """The pictures of the run in ``run``: a page asks for ``small/<file>`` and links to ``file/<file>``."""

    run: Path
    _small: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def __call__(self, path: Path) -> Picture | None:
        """Return a picture for the page, None where there is none. A new picture of the same name has a new address."""
        name = path.relative_to(self.run).as_posix()
        file = picture_file(self.run, name)
        if file is None:
            return None
        try:
            with Image.open(file) as image:
                width, height = image.size
            stamp = file.stat().st_mtime_ns
        except (OSError, SyntaxError, ValueError):  # gone or damaged meanwhile
            return None
        return Picture(f"small/{quote(name)}?{stamp}", width, height, f"file/{quote(name)}")

    def whole(self, name: str) -> Answer | None:
        """Return a file as it is."""
        file = picture_file(self.run, name)
        return None if file is None else Answer(_KINDS[file.suffix], file.read_bytes())

    def small(self, name: str) -> Answer | None:
        """Return a picture of at most 256 px."""
        file = picture_file(self.run, name)
        if file is None:
            return None
        key = (name, file.stat().st_mtime_ns)
        if key not in self._small:
            pixels = read_picture(file)
            if pixels is None:
                return None
            while len(self._small) >= _KEPT:
                self._small.pop(next(iter(self._small)))
            self._small[key] = encoded(Image.fromarray(pixels))
        return Answer(_KINDS[".webp"], self._small[key])
