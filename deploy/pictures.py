"""Makes the README's pictures anew: `make pictures`, which plays the demo and needs Chromium.

`docs/demo.svg` is what the demo prints, `docs/report.png` the top of the report that it leaves.
"""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from rekindle.engines import clear

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
COLUMNS = 100
WINDOW = "1000,1000"


def played(data: Path) -> str:
    """What a demo in a folder of its own prints, with its colours."""
    words = [sys.executable, "-m", "rekindle", "demo", "--data", "data"]
    env = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=data.parent, env=env, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


def draw(said: str, svg: Path) -> None:
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text("$ make demo", "bold"))
    console.print(Text.from_ansi(said))
    drawn = console.export_svg(title="Rekindle")
    svg.write_text(FONTS.sub("", drawn))  # which it would load from elsewhere


def photograph(page: Path, png: Path, profile: Path) -> None:
    words = (
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync",
        "--disable-background-networking", "--hide-scrollbars", f"--user-data-dir={profile}",
        f"--window-size={WINDOW}", f"--screenshot={png}", page.as_uri(),
    )  # fmt: skip
    subprocess.run(words, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        try:
            draw(played(data), DOCS / "demo.svg")
            photograph(
                data / "demo" / "report.html", DOCS / "report.png", Path(folder) / "chromium"
            )
        finally:
            clear(data)
