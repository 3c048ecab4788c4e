"""A hook of MkDocs: what pages link to outside ``docs/`` becomes part of the site, so that no link leaves or breaks.

Pages are read where they lie, too, so their links are those of the repository: ``../suites/report.yaml``. In the site
such a file is at ``repository/suites/report.yaml``: markdown and sources as pages, all else as it is.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

__all__ = ["on_files", "on_page_markdown"]

DOCS, SITE = "docs/", "repository/"
LINK = re.compile(
    r"^ *(?P<fence>`{3,}).*?^ *(?P=fence) *$|`[^`\n]+`|(?<=\]\()(?![a-z]+:|[#/])(?P<link>[^)#\s]+)", re.M | re.S
)
"""The target of a relative link; what is code comes first, and has none."""
LANGUAGES = {".cff": "yaml", ".py": "python", ".sh": "sh", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", "": "text"}
"""Of sources that are shown as pages, by suffix."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is linked to, and what that links to."""
    waiting = [file for file in files if file.src_uri.endswith(".md")]
    while waiting:
        file = waiting.pop()
        for path in _linked(file):
            uri, source = _uri(path), Path(config.docs_dir).parent / path
            if uri.startswith(SITE) and source.is_file() and files.get_file_from_path(uri) is None:
                files.append(added := _file(uri, path, source, config))
                waiting += [added] if path.endswith(".md") else []
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Point links at where the files are in the site."""
    folder = posixpath.dirname(page.file.src_uri) or "."

    def pointed(found: re.Match[str]) -> str:
        if found["link"] is None:
            return found[0]
        return posixpath.relpath(_uri(_path(page.file.src_uri, found["link"])), folder)

    return LINK.sub(pointed, markdown)


def _linked(file: File) -> list[str]:
    """Return the paths in the repository that a page links to."""
    links = [found["link"] for found in LINK.finditer(file.content_string) if found["link"]]
    return sorted({_path(file.src_uri, link) for link in links})


def _path(uri: str, link: str) -> str:
    """Return the path in the repository that a page's link means."""
    origin = uri.removeprefix(SITE) if uri.startswith(SITE) else DOCS + uri
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))


def _uri(path: str) -> str:
    """Return where a path of the repository is in the site."""
    if path.startswith(DOCS):
        return path.removeprefix(DOCS)
    return f"{SITE}{path}.md" if posixpath.splitext(path)[1] in LANGUAGES else SITE + path


def _file(uri: str, path: str, source: Path, config: MkDocsConfig) -> File:
    if uri == SITE + path:
        return File.generated(config, uri, abs_src_path=str(source))
    language = LANGUAGES[posixpath.splitext(path)[1]]
    text = f"# {path}\n\n````{language}\n{source.read_text(encoding='utf-8')}````\n"
    return File.generated(config, uri, content=text)
