#!/usr/bin/env python3
"""Turns what `tmux capture-pane -e -p` prints into an SVG picture. Usage: terminal_svg.py COLUMNS < capture > picture.svg"""

import re
import sys
import unicodedata
from xml.sax.saxutils import escape

COLUMN, LINE, SIZE, MARGIN = 8.4, 18, 14, 14
BACKGROUND, FOREGROUND = "#16181d", "#d6d9e0"
COLOURS = ["#4b505c", "#e0626c", "#7fc07f", "#d9b060", "#6ea8fe", "#c58fe0", "#5fc4c4", "#d6d9e0"]


def spans(line):
    """Yields (text, colour, bold, dim) with the codes of the line applied."""
    colour, bold, dim = FOREGROUND, False, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                yield part, colour, bold, dim
            continue
        for code in (int(c or 0) for c in part[2:-1].split(";")):
            if code == 0:
                colour, bold, dim = FOREGROUND, False, False
            elif code == 1:
                bold = True
            elif code == 2:
                dim = True
            elif code == 22:
                bold = dim = False
            elif 30 <= code <= 37:
                colour = COLOURS[code - 30]
            elif 90 <= code <= 97:
                colour = COLOURS[code - 90]
            elif code == 39:
                colour = FOREGROUND


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


columns = int(sys.argv[1])
lines = sys.stdin.read().rstrip("\n").split("\n")
w, h = columns * COLUMN + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:.0f}" height="{h}" viewBox="0 0 {w:.0f} {h}" '
      f'font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, Consolas, monospace" font-size="{SIZE}">')
print(f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>')
for row, line in enumerate(lines):
    x = 0
    for text, colour, bold, dim in spans(line):
        if text.strip():
            style = (' font-weight="bold"' if bold else "") + (' opacity="0.6"' if dim else "")
            print(f'<text x="{MARGIN + x * COLUMN:.1f}" y="{MARGIN + row * LINE + SIZE}" fill="{colour}"{style} '
                  f'textLength="{width(text) * COLUMN:.1f}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">'
                  f"{escape(text)}</text>")
        x += width(text)
print("</svg>")
