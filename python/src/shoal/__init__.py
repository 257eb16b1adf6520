"""shoal's client: three lines keep which examples a network gets right while it learns.

    import shoal
    run = shoal.attach("runs/mine", labels=test_labels, classes=10, dataset="mnist")
    ...
    if run.due(step): run.log(step, logits)

:func:`attach` begins a log, :class:`Run` writes it. ``shoal.torch``, ``shoal.lightning``,
``shoal.huggingface``, ``shoal.keras`` and ``shoal.fastai`` follow the loops of those frameworks and
are imported only where a program asks for them. docs/attach.md in shoal's repository is the manual.

    data = shoal.read("runs/mine")     # arrays: data.predictions [T, N], data.labels [N], ...
    shoal.show("runs/mine")            # the report, in a notebook

:func:`read` and :func:`show` ask the program ``shoal``, which the wheels carry.
"""

from .attaching import attach
from .log import ShoalWarning
from .reading import Recorded, read
from .run import Run
from .showing import Page, show

__all__ = ["Page", "Recorded", "Run", "ShoalWarning", "attach", "read", "show"]
__version__ = "0.1.0"
