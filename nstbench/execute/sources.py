"""Where the files of a grid are: images and weights, looked up once each, nothing fetched."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from nstbench.errors import ImageError, WeightsError
from nstbench.execute.options import Options
from nstbench.files import file_sha256
from nstbench.images.locate import LocatedImage, locate_image, locate_start
from nstbench.images.source import ImageSource, as_source
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import WeightsInfo
from nstbench.suite import Cell, Suite
from nstbench.suite.names import backbone_infos
from nstbench.weights.locate import Located, locate
from nstbench.weights.naming import weights_info

__all__ = ["Sources", "WeightsChoice", "image_sha256"]


@dataclass(frozen=True, slots=True)
class WeightsChoice:
    """The weight set taken for a backbone, out of the suite's order of preference."""

    info: WeightsInfo
    located: Located

    @property
    def sha256(self) -> str:
        """Hash of the source file; empty for generated weights, whose name says it all."""
        return file_sha256(self.located.path) if self.located.kind == "file" and self.located.path else ""


@dataclass(slots=True)
class Sources:
    """Looks things up for the cells it is asked about, and remembers."""

    suite: Suite
    catalogue: Catalogue
    options: Options
    _images: dict[tuple[str, str], LocatedImage] = field(default_factory=dict)
    _used: dict[tuple[str, str], LocatedImage] = field(default_factory=dict)
    _sizes: dict[tuple[str, str], tuple[int, int] | None] = field(default_factory=dict)
    _starts: dict[str, LocatedImage] = field(default_factory=dict)
    _weights: dict[tuple[tuple[str, ...], str], WeightsChoice | str] = field(default_factory=dict)

    def image(self, role: str, name: str) -> LocatedImage:
        """Return where the image ``name`` is; ``role`` is ``content`` or ``style``."""
        found = self._used[role, name] = self._image(role, name)
        return found

    def _image(self, role: str, name: str) -> LocatedImage:
        key = (role, name)
        if key not in self._images:
            source = self.image_source(role, name)
            found = locate_image(name, source, self.suite.folder, self.options.images_dir)
            if found.problem and found.origin == "file":
                found = replace(found, problem=f"{self.suite.place('images', role, name)}: {found.problem}")
            self._images[key] = found
        return self._images[key]

    def working_size(self, cell: Cell, role: str = "content") -> tuple[int, int] | None:
        """Return (height, width) of one of the cell's pictures as backends get it; None if its file cannot be read.

        Only the head of the file is read, and the picture does not count as used.
        """
        from nstbench.images.header import upright_size  # here: Pillow is slow to import, and most plans do without
        from nstbench.images.resize import target_size

        key = (role, cell.content if role == "content" else cell.style)
        if key not in self._sizes:
            path = self._image(*key).path
            self._sizes[key] = None if path is None else upright_size(path)
        size = self._sizes[key]
        return None if size is None else target_size(*size, cell.image_size)

    def image_source(self, role: str, name: str) -> ImageSource:
        """Return what the suite says about an image."""
        return as_source(getattr(self.suite.spec.images, role)[name])

    def start(self, cell: Cell) -> LocatedImage | None:
        """Return where the file that the cell starts from is, None if it starts from no file."""
        if not cell.init.startswith("file:"):
            return None
        if cell.init not in self._starts:
            self._starts[cell.init] = locate_start(cell.init, self.suite.folder)
        return self._starts[cell.init]

    def weights(self, cell: Cell) -> WeightsChoice | str:
        """Return the first of the cell's weights that is here, else the first to be had, else what is missing."""
        key = (cell.weights, cell.backbone)
        if key not in self._weights:
            self._weights[key] = self.choose(*key)
        return self._weights[key]

    def choose(self, names: tuple[str, ...], backbone: str) -> WeightsChoice | str:
        """Return the first of the weights that is here, else the first to be had, else what is missing."""
        choices: list[WeightsChoice] = []
        about = next(iter(backbone_infos(self.catalogue, backbone).values()), None)
        for name in names:
            info = weights_info(self._placed(name), self.catalogue.weights, about or backbone)
            choices.append(WeightsChoice(info, self._locate(info, backbone)))
        here = [choice for choice in choices if choice.located.here]
        fetchable = [choice for choice in choices if choice.located.kind == "download"]
        if here or fetchable:
            return (here or fetchable)[0]
        return " ".join(dict.fromkeys(choice.located.problem for choice in choices))

    def images_used(self) -> dict[tuple[str, str], LocatedImage]:
        """Return every image asked about so far, by (role, name)."""
        return dict(self._used)

    def weights_used(self) -> list[tuple[str, WeightsChoice]]:
        """Return every (backbone, weights) asked about so far."""
        return [(key[1], choice) for key, choice in self._weights.items() if isinstance(choice, WeightsChoice)]

    def _placed(self, name: str) -> str:
        """Resolve a user's own file like an image: from the suite's folder; else it is the working directory's."""
        if not name.startswith("file:"):
            return name
        named = Path(name.removeprefix("file:")).expanduser()
        path = self.suite.folder / named
        return f"file:{path.absolute()}" if path.exists() or not named.exists() else name

    def _locate(self, info: WeightsInfo, backbone: str) -> Located:
        try:
            return locate(info, backbone, self.options.weights_dir)
        except WeightsError as error:
            return Located("missing", problem=str(error))


def image_sha256(located: LocatedImage) -> str:
    """Return the hash of a located image's file. Raises ``ImageError`` if it cannot be read."""
    path = located.path
    if path is None:
        raise ImageError(located.problem or f"image {located.name} is not here")
    try:
        return file_sha256(Path(path))
    except OSError as error:
        raise ImageError(f"image {located.name}: cannot read {path} ({error.strerror}).") from error
