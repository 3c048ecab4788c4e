"""Give a package the entry point that its ``pyproject.toml`` names: ``python announce.py PACKAGE SITE``.

That is what is left of ``pip install -e`` where the code is found anyway, without the seconds that building takes.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main(package: Path, site: Path) -> None:
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    points = [f"{key} = {value}\n" for key, value in project["entry-points"]["nstbench"].items()]
    (info / "entry_points.txt").write_text("".join(["[nstbench]\n", *points]), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
