"""The code of a page, and a place to follow the page in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(
    r"^=== \"(?P<tab>[^\"]+)\"$"
    r"|^(?P<indent> *)```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
AS_TYPED = """
nstbench() {{ "{python}" -P {program} "$@"; }}
pip() {{
  test "$1 $2" = "install -e" || {{ echo "pip $*"; exit 1; }}
  "{python}" -S "{announce}" "$3" "{site}"
}}
set -e
"""
"""The commands of a page, in a shell; ``pip install -e`` leaves the entry point, the code is found where it is.

That pip itself installs what ``new-plugin`` writes is a test of the scaffold.
"""
ANNOUNCE = Path(__file__).parent / "announce.py"
WITHOUT_FIGURES = Path(__file__).parents[1] / "execute" / "fake" / "without_figures.py"


@dataclass(frozen=True)
class Block:
    """One piece of code; ``title`` is its file's, ``tab`` the label of the tab it is in, empty if there is none."""

    language: str
    title: str
    tab: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return the code of a page of docs/, in order."""
    return list(_blocks((DOCS / page).read_text(encoding="utf-8")))


def _blocks(text: str) -> Iterator[Block]:
    tab = ""
    for found in FENCE.finditer(text):
        if found["tab"]:
            tab = found["tab"]
        else:
            tab = tab if found["indent"] else ""
            yield Block(found["language"], found["title"] or "", tab, textwrap.dedent(found["text"]))


@dataclass
class Reader:
    """Somebody who does what a page says, in a folder of its own: writes its files, types its commands.

    Blocks with a title are files, ``sh`` is typed, ``python`` without a title is run, in one interpreter from one
    command to the next; of tabs one is chosen. Blocks of any other language (``bash``, ``text``) are shown only.
    Reports have ``figures`` if that is asked for: they take longer than most of what a page is about.
    """

    path: Path
    cache: Path
    packages: tuple[str, ...] = ()
    figures: bool = False
    output: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def follow(self, page: str, tab: str = "") -> str:
        """Do everything on the page; return all that was printed."""
        for block in blocks(page):
            if block.tab in ("", tab):
                self.do(block)
        self._run_python()
        return "\n".join(self.output)

    def do(self, block: Block) -> None:
        """Do what one block says."""
        if block.title:
            (self.path / block.title).parent.mkdir(parents=True, exist_ok=True)
            (self.path / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            self._run_python()
            program = "-m nstbench" if self.figures else f'"{WITHOUT_FIGURES}"'
            places = {"site": self.path / "site", "announce": ANNOUNCE}
            shell = AS_TYPED.format(python=sys.executable, program=program, **places)
            self._run(["bash", "-c", shell + block.text], block.text)
        elif block.language == "python":
            self.waiting.append(block.text)

    def _run_python(self) -> None:
        """Run what is written in Python since the last command: a framework takes seconds to import."""
        if self.waiting:
            text = "\n".join(self.waiting)
            self.waiting.clear()
            self._run([sys.executable, "-c", text], text)

    def _run(self, command: list[str], text: str) -> None:
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.output.append(done.stdout)
        assert done.returncode == 0, f"{text}\n{done.stdout}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the commands: the packages of the page before what is installed."""
        folders = [str(self.path / name) for name in (*self.packages, "site")]
        path = os.pathsep.join([*folders, os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
        return os.environ | {"PYTHONPATH": path, "NSTBENCH_CACHE_DIR": str(self.cache), "COLUMNS": "200"}
