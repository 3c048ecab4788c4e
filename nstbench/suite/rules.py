"""What the schema cannot say about a suite: values that do not go together."""

from __future__ import annotations

from collections.abc import Iterator

from nstbench.errors import SuiteError
from nstbench.suite.layers import named_layers
from nstbench.suite.schema import Entry, ImageSource, RefereeEntry, SuiteSpec
from nstbench.suite.suggest import suggestion
from nstbench.suite.terms import INITS
from nstbench.suite.tree import Node, Path, find, located, shorten

__all__ = ["check_rules"]

Problem = tuple[Path, str]


def check_rules(spec: SuiteSpec, root: Node) -> None:
    """Raise ``SuiteError`` at the first contradiction."""
    for path, problem in _problems(spec):
        raise SuiteError(f"{located(find(root, path), path)}: {problem}")


def _problems(spec: SuiteSpec) -> Iterator[Problem]:
    for role, sources in (("content", spec.images.content), ("style", spec.images.style)):
        for name, source in sources.items():
            if isinstance(source, ImageSource):
                yield from _source_problems(source, ("images", role, name))
    for name, source in spec.images.style.items():
        # --images-dir, downloads and tables know an image by its name alone.
        if spec.images.content.get(name, source) != source:
            yield ("images", "style", name), "the same name is a different image in images.content"
    for label, entry in spec.backbones.items():
        yield from _layer_problems(entry, ("backbones", label))
    for label, referee in spec.referee.items() if isinstance(spec.referee, dict) else ():
        yield from _layer_problems(referee, ("referee", label))
    yield from _init_problems(spec.init)


def _init_problems(chosen: str | tuple[str, ...]) -> Iterator[Problem]:
    for i, init in enumerate((chosen,) if isinstance(chosen, str) else chosen):
        if init not in INITS and not (init.startswith("file:") and init.removeprefix("file:").strip()):
            path = ("init",) if isinstance(chosen, str) else ("init", i)
            yield path, f"must be {', '.join(INITS)} or file:PATH, not {shorten(init)}{suggestion(init, INITS)}"


def _source_problems(source: ImageSource, path: Path) -> Iterator[Problem]:
    if source.path is not None and source.url is not None:
        yield (*path, "url"), "an image has a path or a url, not both"
    if source.sha256 is not None and source.url is None:
        yield (*path, "sha256"), "a sha256 is checked on downloads only, so it needs a url"


def _layer_problems(entry: Entry | RefereeEntry, path: Path) -> Iterator[Problem]:
    if isinstance(entry.style_layers, tuple) and len({type(item) for item in entry.style_layers}) > 1:
        yield (*path, "style_layers"), "must be a list of layers or a list of lists, not both mixed"
    for where, names in named_layers(entry):
        for i, name in enumerate(names):
            if name in names[:i]:
                yield (*path, *where, i), f"{shorten(name)} is given twice in one set"
