"""An environment of their own for the published peers, whose requirements may disagree with ours."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["REQUIREMENTS", "set_up"]

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"


def set_up(folder: Path) -> None:
    """Create the environment, from whatever index pip is set to. Raises ``CalledProcessError`` where pip fails."""
    venv.EnvBuilder(with_pip=True).create(folder)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--requirement", str(REQUIREMENTS)]
    subprocess.run(pip, check=True, stdout=sys.stderr)
