"""What of the documentation is written by a program: docs/reference/suite.md and formulas.md, the README's table.

python documentation/generate.py           # writes them
python documentation/generate.py --check   # writes nothing; exit code 1 if one is not current
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import formulas_page
import readme_page
import suite_page

__all__ = ["FOLDER", "PAGES", "outdated"]

FOLDER = Path(__file__).parents[1]
PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/suite.md": suite_page.render,
    "docs/reference/formulas.md": formulas_page.render,
    "README.md": readme_page.render,
}


def outdated(folder: Path = FOLDER) -> list[str]:
    """Return the names of the pages in ``folder`` that are not what would be written."""
    return [name for name, render in PAGES.items() if _stored(folder / name) != render()]


def _stored(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; return the exit code."""
    old, check = outdated(), arguments == ["--check"]
    for name in old:
        if not check:
            (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"{FOLDER / name}: {'not current; run python documentation/generate.py' if check else 'written'}")  # noqa: T201
    return int(bool(old) and check)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
