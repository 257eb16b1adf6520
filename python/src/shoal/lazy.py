"""A run that is attached when its labels are known: after an adapter's first evaluation."""

from __future__ import annotations

import os
from typing import Any, Optional

from . import arrays
from .attaching import attach
from .run import Run
from .schedule import Pace, parse


class Lazy:
    """What :func:`shoal.attach` is given, until the labels come.

    ``evaluate`` may be None: then no step is due, and the framework's own evaluations are logged.
    ``more`` are the other arguments of attach. Raises ValueError for a schedule that is none.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        evaluate: Optional[str],
        steps_per_epoch: Optional[int],
        labels: Any = None,
        **more: Any,
    ) -> None:
        self.folder, self.labels, self.more = folder, labels, more
        self.run: Optional[Run] = None
        self._evaluate, self._per_epoch = evaluate, steps_per_epoch
        if evaluate is not None:
            parse(evaluate, steps_per_epoch or 1)  # what is no schedule fails before the training
        self._pace: Optional[Pace] = None
        self._resumed: Optional[int] = None

    def begin(self, step: int, steps: Optional[int] = None, per_epoch: Optional[int] = None) -> None:
        """A training begins at ``step``, 0 or that of its checkpoint.

        ``steps`` is its last, ``per_epoch`` the steps of an epoch, as far as the framework knows them.
        One that begins before the last logged step resumes from a checkpoint of it; at 0 it is another
        training, and ValueError.
        """
        self._per_epoch = self._per_epoch or per_epoch
        if self.run is not None and step < self.run.last:
            if step == 0:
                raise ValueError(
                    f"{os.fspath(self.folder)} has steps up to {self.run.last}, and this training begins at 0: "
                    "two trainings are not one log; give it another folder"
                )
            self.run.close()
            self.run = None
        if self.run is None:
            self._resumed = step or None
        last = self.run.last if self.run else step if step else -1
        if self._evaluate is not None:
            self._pace = Pace(parse(self._evaluate, self._per_epoch), steps, last)
        if self.run is not None and self._pace is not None:
            self.run._pace = self._pace

    @property
    def last(self) -> int:
        """The step logged last; -1 for none."""
        return -1 if self.run is None else self.run.last

    @property
    def classes(self) -> Optional[int]:
        """The number of classes; None while only the logits would tell."""
        given = self.more.get("classes")
        return given if given is None or isinstance(given, int) else len(given)

    def due(self, step: int) -> bool:
        return self._pace is not None and step > self.last and self._pace.due(step)

    def log(self, step: int, outputs: Any, labels: Any, index: Any = None, **more: Any) -> None:
        """Writes an evaluation, attaching first if this is the first one. A step that is there is left alone."""
        if self.run is None:
            sizes = arrays.shape(outputs)
            if self.more.get("classes") is None and len(sizes) == 2:
                self.more["classes"] = sizes[1]
            self.run = attach(
                self.folder,
                labels if self.labels is None else self.labels,
                evaluate=self._evaluate or "every:1",
                steps_per_epoch=self._per_epoch,
                resumed_from=self._resumed,
                **self.more,
            )
            if self._pace is not None:
                self.run._pace = self._pace
        if step <= self.run.last and not (step == self._resumed and not self.run._written):
            return
        if index is None:
            self.run.log(step, outputs, labels, **more)
            return
        self.run.add(index, outputs, labels)
        self.run.log_added(step, **more)

    def close(self) -> None:
        if self.run is not None:
            self.run.close()
