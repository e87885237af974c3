"""Draw the picture in the README: what `lstmlint examples/forecast.py` prints in a terminal, as SVG.

python scripts/render_picture.py            write docs/finding.svg
python scripts/render_picture.py --check    exit with 1 when the picture shows another text than a run prints now
"""

from __future__ import annotations

import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "finding.svg"
COMMAND = ("lstmlint", "examples/forecast.py")
LEAST_COLUMNS, MOST_COLUMNS = 80, 112

_LINKS = re.compile(r"\x1b]8;[^\x1b]*\x1b\\")

THEME = TerminalTheme(
    (24, 26, 31),
    (216, 220, 226),
    [(24, 26, 31), (240, 98, 98), (120, 200, 120), (229, 192, 90), (98, 160, 240), (200, 130, 220), (86, 190, 200)]
    + [(216, 220, 226)],
    [(110, 116, 128), (255, 120, 120), (140, 220, 140), (245, 210, 110), (120, 180, 255), (220, 150, 240)]
    + [(110, 210, 220), (255, 255, 255)],
)


def run() -> str:
    """What the command prints, with colours.

    Errors: SystemExit when the run does not end with status 1: there must be something to show.
    """
    arguments = ["check", "--isolated", "--no-cache", "--color", "always", "--output-format", "full", COMMAND[1]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "lstmlint", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 1:
        sys.exit(f"expected findings, got status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def draw(printed: str) -> str:
    """The output as SVG, in the frame of a terminal, long lines wrapped."""
    text = Text.assemble(("$ ", "green"), (" ".join(COMMAND), "bold"), "\n", Text.from_ansi(_LINKS.sub("", printed)))
    width = min(max(max(map(len, text.plain.splitlines())), LEAST_COLUMNS), MOST_COLUMNS)
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text)
    svg = console.export_svg(title=" ".join(COMMAND), theme=THEME, unique_id="lstmlint")
    # The reader's own fonts: a picture in a page may load none.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def shown_text(svg: str) -> str:
    """The text in a picture, without spaces and line breaks, as wrapping moves those."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return re.sub(r"\s", "", html.unescape("".join(texts)).replace("\u00a0", ""))


def main() -> int:
    """Write the picture, or check it."""
    picture = draw(run())
    if "--check" not in sys.argv[1:]:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture, encoding="utf-8")
        return 0
    kept = PICTURE.read_text(encoding="utf-8") if PICTURE.exists() else ""
    if shown_text(kept) == shown_text(picture):
        return 0
    print(f"{PICTURE.relative_to(ROOT)} shows an old text; run python scripts/render_picture.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
