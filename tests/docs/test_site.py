"""The site: it can be built without a warning, its links end somewhere, and it asks nothing of other machines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from nstbench.cli.app import cli
from nstbench.plugin import spec

from .pages import ROOT

FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src"}
NOT_FETCHED = {"canonical", "next", "prev", "alternate"}
"""Kinds of <link> that a browser only knows of."""


class Links(HTMLParser):
    """Gathers where a page leads to, and what a browser fetches to show it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.fetches: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.leads.append(str(found["href"]))
        if found.get(FETCHED.get(tag, "")) and found.get("rel") not in NOT_FETCHED:
            self.fetches.append(str(found[FETCHED[tag]]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    addresses = {address for page in pages for address in Links(page).fetches}
    assert any(address.endswith(".css") for address in addresses) and any(one.endswith(".js") for one in addresses)
    assert [one for one in addresses if urlsplit(one).netloc] == []
    sheets = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)]+", sheets) == []


def test_every_link_within_it_ends_at_a_file(site: Path) -> None:
    broken = []
    for page in site.rglob("*.html"):
        found = Links(page)
        for address in {*found.leads, *found.fetches}:
            parts = urlsplit(address)
            target = site if parts.path.startswith("/") else page.parent
            if not parts.netloc and parts.scheme in ("", "http", "https") and parts.path:
                path = target / unquote(parts.path).lstrip("/")
                if not path.exists():
                    broken.append(f"{page.relative_to(site)}: {address}")
    assert broken == []


def test_the_reference_has_every_command_and_hook(site: Path) -> None:
    commands = (site / "reference/cli.html").read_text(encoding="utf-8")
    for name, command in cli.commands.items():
        assert f"nstbench {name}" in commands
        for option in (one for one in command.params if one.param_type_name == "option"):
            assert all(text in commands for text in option.opts), (name, option.opts)
    hooks = (site / "reference/hooks.html").read_text(encoding="utf-8")
    assert all(f'id="{name}"' in hooks for name in spec.__all__)


def test_files_of_the_repository_that_pages_link_to_are_pages_of_it(site: Path) -> None:
    home = Links(site / "index.html")
    assert "repository/reports/example/report.html" in home.leads
    picture = next(one for one in home.fetches if one.endswith(".png") and "layers-1" in one)
    assert (site / picture).read_bytes().startswith(b"\x89PNG")
    loss = Links(site / "how-to/own-loss.html")
    assert "../repository/suites/losses.yaml.html" in loss.leads
    assert "swag-softmax" in (site / "repository/suites/losses.yaml.html").read_text(encoding="utf-8")
