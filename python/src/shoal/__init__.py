"""shoal's client: three lines keep which examples a network gets right while it learns.

    import shoal
    run = shoal.attach("runs/mine", labels=test_labels, classes=10, dataset="mnist")
    ...
    if run.due(step): run.log(step, logits)

:func:`attach` begins a log, :class:`Run` writes it. ``shoal.torch``, ``shoal.lightning``,
``shoal.huggingface``, ``shoal.keras`` and ``shoal.fastai`` follow the loops of those frameworks and
are imported only where a program asks for them. docs/attach.md in shoal's repository is the manual.
"""

from .attaching import attach
from .log import ShoalWarning
from .run import Run

__all__ = ["Run", "ShoalWarning", "attach"]
__version__ = "0.1.0"
