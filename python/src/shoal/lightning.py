"""Lightning: a callback that logs a module's predictions.

    Trainer(callbacks=[shoal.lightning.ShoalCallback("runs/mine", classes=10)])
    Trainer(callbacks=[shoal.lightning.ShoalCallback("runs/mine", classes=10, loader=tests, evaluate="log:1.05")])

The first logs every validation that Lightning runs: ``validation_step`` has to return the logits
[m, K], or a mapping with "logits" (and "labels" where a batch is not (inputs, labels)). The second
scores on its own schedule, step 0 included, by calling the module over ``loader``.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List, Optional, Sequence

import torch as _torch

from .lazy import Lazy
from .torch import check_loader, indices, labels_of, logits_of, predict, predicted

if "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
    import pytorch_lightning as _pl  # type: ignore[no-redef, unused-ignore]
else:
    import lightning.pytorch as _pl  # type: ignore[no-redef, unused-ignore]


class ShoalCallback(_pl.Callback):
    """Logs to ``folder``; see the module. Steps are Lightning's ``global_step``: optimiser updates.

    loader, evaluate  an evaluation loader and its schedule; without them every validation is logged,
                      the sanity check left out
    splits            names of the splits where there are several validation loaders; by default
                      split, split-1, split-2, ...
    labels            [n] labels of the whole split; needed with several ranks, where each logs its
                      part, and otherwise taken from the first pass
    values            as in Run.log
    more              the other arguments of shoal.attach

    Raises ValueError for what can't be followed, such as a loader that shuffles; after a first
    evaluation only misuse raises.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        classes: int | Sequence[str] | None = None,
        *,
        loader: Any = None,
        evaluate: Optional[str] = None,
        splits: Optional[Sequence[str]] = None,
        split: str = "test",
        labels: Any = None,
        values: Any = None,
        steps_per_epoch: Optional[int] = None,
        **more: Any,
    ) -> None:
        if (loader is None) != (evaluate is None):
            raise ValueError(
                "loader and evaluate belong together: give both, or neither to log Lightning's own validations"
            )
        if loader is not None:
            check_loader(loader)
        version = getattr(_pl, "__version__", "")
        self._make: Dict[str, Any] = {
            "folder": folder, "classes": classes, "evaluate": evaluate, "labels": labels, "values": values,
            "steps_per_epoch": steps_per_epoch, "framework": f"lightning {version}".strip(), **more,
        }  # fmt: skip
        self._loader, self._split, self._splits = loader, split, splits
        self._counts = steps_per_epoch is None
        self._keep_logits = bool(values) or classes is None  # their number is that of the logits
        self._runs: Dict[int, Lazy] = {}  # by validation loader
        self._passes: Dict[int, tuple[List[Any], List[Any]]] = {}
        self._begun: Optional[tuple[int, Optional[int], Optional[int]]] = None
        self._first, self._over = _First(self), False
        self._run_of(0)  # what attach would refuse of the schedule fails now

    @property
    def run(self) -> Any:
        """The shoal.Run of the first loader; None before its first evaluation."""
        return self._runs[0].run

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        batches = trainer.num_training_batches
        per_epoch = None
        if batches != float("inf") and batches:
            per_epoch = -(-int(batches) // max(1, trainer.accumulate_grad_batches))
        total = trainer.estimated_stepping_batches if trainer.max_epochs != -1 or trainer.max_steps != -1 else None
        total = int(total) if total is not None and total != float("inf") else None
        self._begun = (trainer.global_step, total, per_epoch)
        for lazy in self._runs.values():
            lazy.begin(*self._begun)
        self._over = False
        if self._loader is not None and self._first not in trainer.callbacks:
            trainer.callbacks = [self._first, *trainer.callbacks]
        self._score(trainer, pl_module)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        self._score(trainer, pl_module)

    def _finish(self, trainer: Any, pl_module: Any) -> None:
        """Scores the last step, after which other weights may be put in place."""
        self._score(trainer, pl_module, last=True)
        self._over = True

    def _score(self, trainer: Any, pl_module: Any, last: bool = False) -> None:
        lazy, step = self._runs[0], trainer.global_step
        if self._loader is None or self._over or not trainer.is_global_zero:
            return
        if lazy.due(step) or last and step > lazy.last:
            lazy.more.update(rank=0, ranks=1)
            with trainer.precision_plugin.forward_context():
                outputs, labels = predict(pl_module, self._loader, logits=self._keep_logits, classes=lazy.classes)
            lazy.log(step, outputs, labels, epoch=self._epoch(trainer))

    def _epoch(self, trainer: Any) -> Optional[float]:
        """Epochs done, by batches: one may be part of an update, or have several. None where they are not known."""
        batches = float(trainer.num_training_batches)
        if not self._counts or not batches or batches == float("inf"):
            return None
        done: int = trainer.fit_loop.epoch_loop.batch_progress.total.processed
        return done / batches

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        self._passes = {}
        if self._follows(trainer):
            for loader in _loaders(trainer):
                check_loader(loader, distributed=True)
            if trainer.world_size > 1 and self._make["labels"] is None:
                raise ValueError(
                    f"there are {trainer.world_size} ranks: give labels=, those of the whole validation split"
                )

    def on_validation_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        if not self._follows(trainer):
            return
        if outputs is None:
            raise ValueError(
                'validation_step returned nothing: shoal needs it to return the logits, or {"logits": ..., "labels": ...}'
            )
        z = logits_of(outputs)
        if z.dim() == 0:
            raise ValueError("validation_step returned one number: shoal needs the logits [m, classes]")
        kept = self._passes.setdefault(dataloader_idx, ([], []))
        kept[0].append((z if self._keep_logits else predicted(z, self._run_of(dataloader_idx).classes)).cpu())
        kept[1].append(labels_of(_labels_in(outputs, batch)).cpu())

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if not self._follows(trainer):
            return
        loaders = _loaders(trainer)
        for i, (outputs, labels) in sorted(self._passes.items()):
            lazy = self._run_of(i)
            part = trainer.world_size > 1
            lazy.more.update(rank=trainer.global_rank, ranks=trainer.world_size)
            z, y = _torch.cat(outputs), _torch.cat(labels)
            index = indices(loaders[i]) if part else None
            index = index[: len(y)] if index is not None else None
            lazy.log(trainer.global_step, z, y, index=index, epoch=self._epoch(trainer))
        self._passes = {}

    def _follows(self, trainer: Any) -> bool:
        """Whether this validation is logged: one within a training, and not its sanity check."""
        return self._loader is None and not trainer.sanity_checking and trainer.state.fn == "fit"

    def _run_of(self, i: int) -> Lazy:
        if i not in self._runs:
            name = self._splits[i] if self._splits else self._split if i == 0 else f"{self._split}-{i}"
            self._runs[i] = Lazy(split=name, **self._make)
            if self._begun is not None:
                self._runs[i].begin(*self._begun)
        return self._runs[i]

    def close(self) -> None:
        """Closes the logs. A training that continues must not."""
        for lazy in self._runs.values():
            lazy.close()


class _First(_pl.Callback):
    """Stands before all callbacks, as others put averages or the best weights in place when a training ends."""

    def __init__(self, follower: ShoalCallback) -> None:
        self._follower = follower

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        # An epoch more, in which the averages are in place and nothing but batch norm's statistics changes.
        averaging = [c for c in trainer.callbacks if isinstance(c, _pl.callbacks.StochasticWeightAveraging)]
        if any(trainer.current_epoch == c.swa_end + 1 for c in averaging):
            self._follower._finish(trainer, pl_module)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self._follower._finish(trainer, pl_module)
        trainer.callbacks = [c for c in trainer.callbacks if c is not self]


def _loaders(trainer: Any) -> List[Any]:
    found = trainer.val_dataloaders
    if hasattr(found, "values"):
        return list(found.values())
    return list(found) if isinstance(found, (list, tuple)) else [found]


def _labels_in(outputs: Any, batch: Any) -> Any:
    for where in (outputs, batch):
        for name in ("labels", "label", "targets", "target", "y"):
            if hasattr(where, "keys") and name in where:
                return where[name]
    if isinstance(batch, (tuple, list)) and len(batch) >= 2:
        if len(batch) > 2:  # the last may as well be weights, indices or groups
            raise ValueError(
                f"which of the {len(batch)} parts of a validation batch are the labels is not known: "
                'have validation_step return {"logits": ..., "labels": ...}'
            )
        return batch[-1]
    raise ValueError(
        'the labels of a validation batch are not known: have validation_step return {"logits": ..., "labels": ...}'
    )
