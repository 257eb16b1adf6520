"""A run's page in a notebook."""

from __future__ import annotations

import html
import operator
import os
from typing import List, Optional

from . import binary


class Page:
    """A report: what a notebook shows as the page, and everything else as one line.

    ``path`` is the file, ``html`` its text. The whole page is in the notebook's output, so that the
    notebook can be sent and read without the run; 10,000 examples with pictures take up to 15 MB.
    """

    def __init__(self, path: str, height: int) -> None:
        self.path, self._height = path, height
        with open(path, encoding="utf-8") as file:
            self.html = file.read()

    def __repr__(self) -> str:
        return f"<shoal page {self.path!r}: a notebook shows it, and so does a browser>"

    def _repr_html_(self) -> str:
        # Without a base of its own, links within the page would load the notebook into the frame.
        text = self.html.replace("<head>", '<head><base href="about:srcdoc">', 1)
        # The frame may run the page's own scripts, and nothing in it reaches the notebook.
        return (
            f'<iframe title="shoal report" srcdoc="{html.escape(text)}" sandbox="allow-scripts allow-downloads '
            f'allow-popups" style="width:100%;height:{self._height}px;border:0"></iframe>'
        )


def show(run: str | os.PathLike[str], split: Optional[str] = None, height: int = 800) -> Page:
    """Draws the report of the run, or of a paper's folder, as ``shoal report`` does, and shows it in a notebook's cell.

    ``split`` names one of a run that has several, by default the main one. ``height`` is that of the
    frame in CSS pixels.

    Raises FileNotFoundError without the program, ValueError for a height below 1, ValueError or
    RuntimeError with the program's message if it can't draw the run.
    """
    height = operator.index(height)
    if height < 1:
        raise ValueError(f"height is {height}: want 1 or more pixels")
    arguments: List[str] = ["report"] if split is None else ["report", f"--split={split}"]
    printed = binary.call(*arguments, "--", os.fsdecode(run))
    return Page(os.path.abspath(printed.strip().splitlines()[-1]), height)
