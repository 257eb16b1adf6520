"""fastai: a callback that scores the learner's model on its own schedule.

learn.fit_one_cycle(3, cbs=shoal.fastai.ShoalCallback("runs/mine"))
"""

from __future__ import annotations

import os
from typing import Any, Optional, Sequence

import fastai
from fastai.callback.core import Callback

from .lazy import Lazy
from .torch import predict


class ShoalCallback(Callback):  # type: ignore[misc, unused-ignore]
    """Logs to ``folder`` what the model says about the validation set.

    loader    a fastai DataLoader in a fixed order; by default ``learn.dls.valid``
    classes   names or number; by default ``learn.dls.vocab``
    evaluate  the schedule; an @ counts the epochs of ``fit``
    values    as in Run.log
    more      the other arguments of shoal.attach

    Steps are calls of the optimiser: with GradientAccumulation fewer than batches. The same callback
    in a later ``fit`` continues its log. Raises ValueError for a loader that shuffles, sorts or
    drops its last batch.
    """

    order = 55  # after fastai's own callbacks, so that the step's work is done

    def __init__(
        self,
        folder: str | os.PathLike[str],
        classes: int | Sequence[str] | None = None,
        *,
        loader: Any = None,
        evaluate: str = "log:1.05",
        values: Any = None,
        steps_per_epoch: Optional[int] = None,
        resumed_from: int = 0,
        **more: Any,
    ) -> None:
        super().__init__()
        more.setdefault("framework", f"fastai {fastai.__version__}")
        self._lazy = Lazy(folder, evaluate, steps_per_epoch, classes=classes, values=values, **more)
        self._loader, self._keep_logits = loader, bool(values)
        self._training = False
        self.updates = self._batches = resumed_from  # optimiser updates and batches done
        self._counts = steps_per_epoch is None

    @property
    def shoal_run(self) -> Any:
        """The shoal.Run; None before the first evaluation."""
        return self._lazy.run

    def before_fit(self) -> None:
        # Trials of learning rates, and get_preds, are no training.
        self._training = not hasattr(self.learn, "lr_finder") and not hasattr(self.learn, "gather_preds")
        if not self._training:
            return
        loader = self._loader if self._loader is not None else self.learn.dls.valid
        _check(loader)
        if self._lazy.more["classes"] is None:
            vocab = getattr(self.learn.dls, "vocab", None)
            self._lazy.more["classes"] = (
                None if vocab is None or isinstance(vocab[0], (list, tuple)) else [str(v) for v in vocab]
            )
        self._lazy.begin(self.updates, None, max(1, len(self.learn.dls.train)))
        self._score()

    def after_step(self) -> None:
        self.updates += self._training

    def after_batch(self) -> None:
        if self._training and self.learn.training:
            self._batches += 1
            self._score()

    def after_fit(self) -> None:
        if self._training:
            self._score(due=self.updates > self._lazy.last)
        self._training = False

    def _score(self, due: bool = False) -> None:
        if not (due or self._lazy.due(self.updates)) or self.updates <= self._lazy.last:
            return
        loader = self._loader if self._loader is not None else self.learn.dls.valid
        keep = self._keep_logits or self._lazy.more["classes"] is None  # their number is that of the logits
        outputs, labels = predict(self.learn.model, loader, logits=keep, classes=self._lazy.classes)
        # With accumulated gradients an epoch has fewer updates than batches.
        epoch = self._batches / max(1, len(self.learn.dls.train)) if self._counts else None
        self._lazy.log(self.updates, outputs, labels, epoch=epoch)

    def close(self) -> None:
        """Closes the log. A training that continues must not."""
        self._lazy.close()


def _check(loader: Any) -> None:
    from .torch import check_loader

    check_loader(loader)
    name = type(loader).__name__
    if getattr(loader, "shuffle", False):
        raise ValueError(f"the evaluation loader shuffles ({name}): give one with shuffle=False")
    if getattr(loader, "drop_last", False):
        raise ValueError("the evaluation loader has drop_last=True: it would leave examples out")
    if "Sorted" in name or "Weighted" in name or "Partial" in name:
        raise ValueError(f"the evaluation loader reorders or leaves out examples ({name})")
