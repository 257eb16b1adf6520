"""Hugging Face's Trainer: log what its evaluations predict.

    run = shoal.huggingface.attach(trainer, "runs/mine", evaluate="log:1.05")
    trainer.train()

The Trainer's callbacks see no predictions, so ``compute_metrics`` and ``evaluate`` of this trainer
are wrapped; evaluations are asked for by ``control.should_evaluate``.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import Any, Dict, Mapping, Optional, Sequence

import transformers

from .lazy import Lazy
from .log import ShoalWarning
from .randomness import preserved


def attach(
    trainer: Any,
    folder: str | os.PathLike[str],
    classes: int | Sequence[str] | None = None,
    *,
    evaluate: Optional[str] = None,
    split: str = "test",
    **more: Any,
) -> Attachment:
    """Follows a transformers.Trainer from now on; call it before ``train``.

    classes   names or number; by default the model's ``config.num_labels``
    evaluate  a schedule (step 0 included) by which evaluations are asked for; by default those of the
              trainer's own ``eval_strategy`` are logged and no others are made
    split     name of the evaluation split; where ``eval_dataset`` is a mapping, each entry is a split
              by its name
    more      the other arguments of shoal.attach, but for ``labels``: they come with the predictions

    Steps are ``state.global_step``: optimiser updates; after a training with load_best_model_at_end
    that of the best model. With several processes the first logs all.
    What ``trainer.evaluate`` is given instead of ``eval_dataset`` is a split of its own, by its
    ``metric_key_prefix``.
    Raises ValueError for what can't be followed: evaluation sorted by length, a loader that drops its
    last batch, ``batch_eval_metrics``, ``prediction_loss_only``, labels of tokens or none; and, with a
    schedule, for what additional evaluations would change: early stopping, the best model, a
    learning rate that waits for a plateau; ``budget:`` with several processes.
    """
    _refuse(trainer, evaluate)
    if classes is None:
        classes = getattr(getattr(trainer.model, "config", None), "num_labels", None)
    out = Attachment(trainer, evaluate, split, {"folder": folder, "classes": classes, **more})
    trainer.add_callback(_Asker(out))
    return out


class Attachment:
    """The logs of a trainer; made by :func:`attach`."""

    def __init__(self, trainer: Any, evaluate: Optional[str], split: str, make: Dict[str, Any]) -> None:
        self._trainer, self._evaluate, self._split = trainer, evaluate, split
        args = trainer.args
        make.setdefault("framework", f"transformers {transformers.__version__}")
        make.setdefault("seed", args.seed)
        self._make = {"rank": 0, "ranks": 1, "steps_per_epoch": None, **make}
        self.runs: Dict[str, Lazy] = {}
        self._begun: Optional[tuple[int, Optional[int], Optional[int]]] = None
        self._open: Optional[str] = None  # the prefix of the evaluation that is on
        self._training = False
        self._asked = False  # whether the next evaluation is shoal's, and none of the trainer's own
        self._seen: Optional[tuple[Any, Any]] = None
        self._metrics, self._evaluation = trainer.compute_metrics, trainer.evaluate
        self._lazy(split)
        trainer.compute_metrics, trainer.evaluate = self._compute_metrics, self._evaluate_all

    @property
    def run(self) -> Any:
        """The shoal.Run of the first split; None before its first evaluation."""
        return next(iter(self.runs.values())).run

    def _lazy(self, split: str) -> Lazy:
        if split not in self.runs:
            if len(self.runs) == 1 and self.run is None and self._begun is not None:
                self.runs.clear()  # the evaluation splits have names of their own
            self.runs[split] = Lazy(evaluate=self._evaluate, split=split, **self._make)
            if self._begun is not None:
                self.runs[split].begin(*self._begun)
        return self.runs[split]

    def begin(self, step: int, steps: int, per_epoch: Optional[int]) -> None:
        self._training, self._begun = True, (step, steps, per_epoch)
        for lazy in self.runs.values():
            lazy.begin(*self._begun)
        if self._evaluate is not None and self._due(step):
            self._asked = True
            self._trainer.evaluate()

    def end(self) -> None:
        self._training = False

    def ask(self, control: Any) -> None:
        """Asks for an evaluation, where the trainer makes none of its own."""
        self._asked = not control.should_evaluate
        control.should_evaluate = True

    def _due(self, step: int) -> bool:
        return any([lazy.due(step) for lazy in self.runs.values()])

    def _compute_metrics(self, prediction: Any, *positional: Any, **named: Any) -> Any:
        if self._open is not None:
            self._seen = (prediction.predictions, prediction.label_ids)
        return self._metrics(prediction, *positional, **named) if self._metrics is not None else {}

    def _evaluate_all(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval", **named: Any
    ) -> Any:
        """trainer.evaluate, which calls itself for each entry of a mapping."""
        trainer = self._trainer
        if trainer.compute_metrics != self._compute_metrics:  # another one was set since
            self._metrics, trainer.compute_metrics = trainer.compute_metrics, self._compute_metrics
        outer, self._open, self._seen = self._open, metric_key_prefix, None
        # The trainer's own evaluations draw random numbers, as they do without shoal.
        asked, self._asked = self._asked, False
        try:
            with preserved() if asked else contextlib.nullcontext():
                metrics = self._evaluation(
                    eval_dataset=eval_dataset, ignore_keys=ignore_keys, metric_key_prefix=metric_key_prefix, **named
                )
            seen, self._seen = self._seen, None
        finally:
            self._open = outer
        mapping = isinstance(trainer.eval_dataset if eval_dataset is None else eval_dataset, dict)
        if not mapping and trainer.is_world_process_zero() and self._is_of_its_split(eval_dataset, metric_key_prefix):
            self._log(metric_key_prefix, seen, metrics)
        return metrics

    def _is_of_its_split(self, dataset: Any, prefix: str) -> bool:
        """Whether an evaluation is of the examples that the split of its prefix has: of the trainer's, or of another name."""
        own = self._trainer.eval_dataset
        parts = own if isinstance(own, dict) else {self._split: own}
        name = self._name(prefix)
        if dataset is None or isinstance(dataset, str) or name not in parts or parts[name] is dataset:
            return True
        warnings.warn(
            f"shoal: evaluate(..., metric_key_prefix={prefix!r}) was given another dataset than the trainer's eval_dataset, "
            f"whose split is called {name!r}, and isn't logged: give another prefix, or another split= to attach",
            ShoalWarning,
            stacklevel=4,
        )
        return False

    def _name(self, prefix: str) -> str:
        return self._split if prefix == "eval" else prefix[5:] if prefix.startswith("eval_") else prefix

    def _log(self, prefix: str, seen: Optional[tuple[Any, Any]], metrics: Mapping[str, Any]) -> None:
        if seen is None:
            raise ValueError(
                "the evaluation came without predictions and labels: shoal needs the labels of eval_dataset "
                "(label_names has their columns)"
            )
        outputs, labels = (x[0] if isinstance(x, (tuple, list)) else x for x in seen)
        if getattr(labels, "ndim", 1) != 1 or getattr(outputs, "ndim", 2) not in (1, 2):
            raise ValueError(
                f"labels have shape {list(labels.shape)} and outputs {list(outputs.shape)}: "
                "shoal follows one class an example, not tokens"
            )
        state = self._trainer.state
        step = self._step()
        # With accumulated gradients an epoch's last update has fewer batches. Of a stream the trainer's epoch is a guess.
        known = self._begun is not None and self._begun[2] is not None and self._make["steps_per_epoch"] is None
        epoch = state.epoch if known and step == state.global_step else None
        self._lazy(self._name(prefix)).log(step, outputs, labels, epoch=epoch, loss=metrics.get(f"{prefix}_loss"))

    def _step(self) -> int:
        """The step whose weights are in place: after a training with load_best_model_at_end that of the best model."""
        state, best = self._trainer.state, self._trainer.state.best_model_checkpoint
        step: int = state.global_step
        if self._training or not self._trainer.args.load_best_model_at_end or best is None:
            return step
        number = os.path.basename(best).rpartition("-")[2]
        return int(number) if number.isdecimal() else step

    def close(self) -> None:
        """Closes the logs. A training that continues must not."""
        for lazy in self.runs.values():
            lazy.close()


class _Asker(transformers.TrainerCallback):  # type: ignore[misc, unused-ignore]
    """Asks for evaluations when they are due."""

    def __init__(self, attachment: Attachment) -> None:
        self._attachment = attachment

    def on_train_begin(self, args: Any, state: Any, control: Any, train_dataloader: Any = None, **_: Any) -> None:
        try:
            per_epoch = max(1, -(-len(train_dataloader) // args.gradient_accumulation_steps))
        except TypeError:  # a stream without a length
            per_epoch = None
        self._attachment.begin(state.global_step, state.max_steps, per_epoch)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._attachment.end()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if self._attachment._due(state.global_step):
            self._attachment.ask(control)
        return control


def _refuse(trainer: Any, evaluate: Optional[str]) -> None:
    args = trainer.args
    if getattr(args, "group_by_length", False) or getattr(args, "train_sampling_strategy", "") == "group_by_length":
        raise ValueError(
            "the trainer sorts by length (group_by_length), its evaluations too: shoal needs a fixed order"
        )
    if args.dataloader_drop_last:
        raise ValueError("the trainer has dataloader_drop_last=True: it would leave examples out")
    if getattr(args, "batch_eval_metrics", False):
        raise ValueError("the trainer has batch_eval_metrics=True: its metrics never see all predictions")
    if not getattr(args, "eval_do_concat_batches", True):
        raise ValueError("the trainer has eval_do_concat_batches=False: its metrics see batches, not the whole split")
    if args.prediction_loss_only:
        raise ValueError("the trainer has prediction_loss_only=True: it keeps no predictions")
    if trainer.eval_dataset is None:
        raise ValueError("the trainer has no eval_dataset: that is the split that shoal follows")
    if evaluate is None:
        return
    if evaluate.startswith("budget:") and args.world_size > 1:
        raise ValueError(
            f"evaluate is {evaluate!r} with {args.world_size} processes: their clocks would disagree on when to score, "
            "and each would wait for the others; use log:1.05"
        )
    stopping = [c for c in trainer.callback_handler.callbacks if isinstance(c, transformers.EarlyStoppingCallback)]
    rate = str(args.lr_scheduler_type).lower()
    plateau = "plateau" in rate or "greedy" in rate  # those that read the metrics
    if stopping or args.load_best_model_at_end or plateau:
        what = (
            "EarlyStoppingCallback"
            if stopping
            else "load_best_model_at_end"
            if args.load_best_model_at_end
            else "its learning rate"
        )
        raise ValueError(
            f"more evaluations would change {what}: leave evaluate=None to log the trainer's own evaluations only"
        )
