"""A :class:`Run` writes what a network predicts, evaluation by evaluation.

n is the number of examples of the evaluation split, K of classes.
"""

from __future__ import annotations

import array
import operator
import os
import sys
import threading
import warnings
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from . import arrays
from . import log as logs
from .collect import Collector
from .log import ShoalWarning
from .schedule import Pace

Values = Union[None, bool, str, Iterable[str], Mapping[str, Any]]
"""Which values an example are kept: True for all that logits give, names of them, or vectors [n] by name."""


class Run:
    """A log that is open for one process; made by :func:`shoal.attach`.

    Its methods may be called from several threads. Misuse raises ValueError or TypeError: another
    number of examples, classes that are NaN, labels in another order, steps that go back. Trouble
    with the disk never does.
    """

    folder: str
    """RUN, the folder of the run."""
    split: str
    n: int
    """Examples of the split."""
    classes: int
    """Number of classes."""
    rank: int
    ranks: int
    path: str
    """The file that this process writes."""

    def __init__(self) -> None:
        raise TypeError("use shoal.attach(folder, labels, ...)")

    def _begin(
        self, folder: str, labels: bytes, classes: int, split: str, rank: int, ranks: int,
        pace: Pace, per_epoch: Optional[int], resumed: int, values: Values,
    ) -> None:  # fmt: skip
        self.folder, self.split, self.rank, self.ranks = folder, split, rank, ranks
        self.classes, self.n = classes, len(labels) // arrays.width(classes)
        self._labels, self._numbers = labels, arrays.unpack_classes(labels, classes)
        self._pace, self._per_epoch = pace, per_epoch
        self._values = values
        self._resumed = resumed
        self._last = resumed  # the step logged last
        self._written = False  # whether this process has logged a step
        self._right: Optional[bytes] = None  # a byte an example, of the evaluation before
        self._told = False
        self._collected: Optional[Collector] = None
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._writer: Optional[logs.Writer] = None

    def __getstate__(self) -> None:
        raise TypeError("a shoal run can't be sent to another process: attach in each process")

    @property
    def labels(self) -> Sequence[int]:
        """[n] the labels given to attach."""
        return self._numbers

    @property
    def last(self) -> int:
        """The step logged last, or the one resumed from; -1 for none."""
        return self._last

    def due(self, step: int) -> bool:
        """Whether the network is to be scored now that ``step`` optimiser updates are done.

        Step 0 is the untrained network. A loop that asks less often than after every update is told
        at the first question that reaches a scheduled step. Asking twice gives the same answer
        until the step is logged.
        """
        step = operator.index(step)
        with self._lock:
            self._open()
            return self._pace.due(step)

    def log(
        self,
        step: int,
        outputs: Any,
        labels: Any = None,
        epoch: Optional[float] = None,
        loss: Any = None,
        seconds: Optional[float] = None,
        values: Values = None,
        right: Any = None,
        *,
        index: Any = None,
        probabilities: bool = False,
    ) -> None:
        """Writes one evaluation: what the network predicts for the whole split, in its fixed order.

        step           optimiser updates done, greater than at the call before
        outputs        [n] classes, or [n, K] logits (or probabilities): each row's first largest counts
        labels         [n] labels in the order of this pass; the first that differs from attach's is an error
        epoch          epochs done; by default step / steps_per_epoch
        loss           mean loss over the split, in nats
        seconds        that the evaluation took; by default the time since ``due`` said yes
        values         True for all of shoal.arrays.VALUES, names of them (both need logits), or {name: [n]}
        right          [n] booleans, where right is not "class equals label" (top-5, several labels)
        index          [m] the examples, where this process has only m of the n; all else has m elements then
        probabilities  outputs are probabilities: values are taken from their logarithms
        """
        with self._lock:
            self._open()
            step = self._next_step(step)
            where, m = self._index(index)
            if m < self.n and self.ranks == 1:
                raise ValueError(
                    f"index has {m} of {self.n} examples, and there is one rank: nobody has the others "
                    "(collect batches with add, then call log_added)"
                )
            codes, count, logits = arrays.predicted(outputs, self.classes)
            if count != m:
                raise ValueError(f"outputs have {count} examples, want {m}")
            expected = self._expected(where)
            self._compare(labels, expected, where)
            truth = None if right is None else arrays.truth_mask(right, m)
            kept = self._value_bytes(values, logits, expected, m, probabilities)
            self._record(step, epoch, loss, seconds, codes, truth, where, kept, expected)

    def add(
        self, index: Any, outputs: Any, labels: Any = None, values: Values = None, probabilities: bool = False
    ) -> None:
        """Collects a batch of m examples, in any order, for the evaluation that ``log_added`` closes.

        index    [m] which examples these are, 0..n-1; of an example that comes again the first counts
        outputs  [m] classes or [m, K] logits
        labels   [m] their labels; one that differs from attach's is an error
        values   as in ``log``, the same for all batches of an evaluation
        """
        with self._lock:
            self._open()
            where = arrays.indices(index)
            codes: Optional[Sequence[int]] = arrays.plain_classes(outputs, self.classes)
            logits = None
            if codes is None:
                packed, _, logits = arrays.predicted(outputs, self.classes)
                codes = arrays.unpack_classes(packed, self.classes)
            if len(codes) != len(where):
                raise ValueError(f"outputs have {len(codes)} examples, index has {len(where)}")
            if where and not (min(where) >= 0 and max(where) < self.n):
                bad = next(i for i in where if not 0 <= i < self.n)
                raise ValueError(f"index {bad} is not an example: want 0 to {self.n - 1}")
            if self._collected is None:
                self._collected = Collector(self.n, self.classes)
            numbers = self._numbers
            expected = [numbers[i] for i in where]
            if labels is not None and (labels.tolist() if hasattr(labels, "tolist") else labels) != expected:
                self._compare(labels, arrays.repack(expected, self.classes), where)
            wanted = self._values if values is None else values
            kept: Dict[str, bytes] = {}
            if wanted:
                kept = self._value_bytes(
                    wanted, logits, arrays.repack(expected, self.classes), len(where), probabilities
                )
            self._collected.add(where, codes, kept)

    def log_added(
        self, step: int, epoch: Optional[float] = None, loss: Any = None, seconds: Optional[float] = None
    ) -> None:
        """Writes what ``add`` has collected as one evaluation.

        With one rank, an example that was not added is an error, which keeps what was collected;
        with several, each writes its part.
        """
        with self._lock:
            self._open()
            step = self._next_step(step)
            collected = self._collected
            if collected is None:
                raise ValueError("nothing was added: call add(index, outputs) for every batch first")
            missing = collected.missing()
            if missing and self.ranks == 1:
                raise ValueError(f"{len(missing)} of {self.n} examples were not added, the first is {missing[0]}")
            if collected.differ > 1 and 100 * collected.differ > collected.repeats:
                _warn(
                    f"shoal: step {step}: {collected.differ} of {collected.repeats} examples that were added again are predicted "
                    "differently, and the first counts: was an earlier evaluation left without log_added?",
                    3,
                )
            where = collected.present() if missing else None
            codes, kept = collected.take(where)
            self._collected = None
            self._record(step, epoch, loss, seconds, codes, None, where, kept, self._expected(where))

    def close(self) -> None:
        """Ends the log. Closing twice is allowed; nothing else is possible afterwards."""
        with self._lock:
            if self._writer is None:
                return
            if self._collected is not None:
                _warn("shoal: the run was closed with added examples that log_added never wrote", 3)
            writer, self._writer = self._writer, None
            writer.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _open(self) -> logs.Writer:
        if self._writer is None:
            raise ValueError("the run is closed")
        if os.getpid() != self._process:
            raise ValueError(f"the run was attached in process {self._process}: attach in each process")
        return self._writer

    def _next_step(self, step: int) -> int:
        step = operator.index(step)
        if not 0 <= step < 1 << 63:
            raise ValueError(f"step is {step}: want 0 to 2^63 - 1 optimiser updates")
        if step < self._last or step == self._last and self._written:
            raise ValueError(
                f"step is {step}, but {self._last} is logged: steps count optimiser updates and never go back"
            )
        return step

    def _index(self, index: Any) -> tuple[Optional[List[int]], int]:
        if index is None:
            return None, self.n
        where = arrays.indices(index)
        seen = set(where)
        if len(seen) != len(where) or (where and not (min(where) >= 0 and max(where) < self.n)):
            raise ValueError(f"index has to hold numbers of 0 to {self.n - 1}, none of them twice")
        return where, len(where)

    def _expected(self, where: Optional[List[int]]) -> bytes:
        """The packed labels of the examples ``where``, or of all."""
        if where is None:
            return self._labels
        return arrays.repack(self._numbers, self.classes, where)

    def _compare(self, labels: Any, expected: bytes, where: Optional[List[int]]) -> None:
        if labels is None:
            return
        got = arrays.pack_classes(labels, self.classes, "label")
        if got == expected:
            return
        size = arrays.width(self.classes)
        if len(got) != len(expected):
            raise ValueError(f"there are {len(got) // size} labels, want {len(expected) // size}")
        pairs = zip(arrays.unpack_classes(got, self.classes), arrays.unpack_classes(expected, self.classes))
        i, a, b = next((i, a, b) for i, (a, b) in enumerate(pairs) if a != b)
        raise ValueError(
            f"labels differ from attach's first at index {i if where is None else where[i]}: got {a}, want {b}; "
            "the split has to be scored in one fixed order (no shuffling)"
        )

    def _value_bytes(self, values: Values, logits: Any, labels: bytes, m: int, probabilities: bool) -> Dict[str, bytes]:
        values = self._values if values is None else values
        if not values:
            return {}
        if isinstance(values, Mapping):
            _check_names([str(name) for name in values])
            return {str(name): arrays.pack_half(x, m, f"value {name!r}") for name, x in values.items()}
        names = list(arrays.VALUES) if values is True else [values] if isinstance(values, str) else list(values)
        for name in names:
            if name not in arrays.VALUES:
                raise ValueError(f"unknown value {name!r}: want {', '.join(arrays.VALUES)}, or a vector by its name")
        if logits is None:
            raise ValueError(f"the values {', '.join(names)} need logits [n, {self.classes}], got classes")
        arrays.check_probabilities(logits, probabilities)
        columns = arrays.example_values(logits, arrays.unpack_classes(labels, self.classes), names, probabilities)
        return {name: arrays.pack_half(column, m, f"value {name!r}") for name, column in columns.items()}

    def _record(
        self, step: int, epoch: Optional[float], loss: Any, seconds: Optional[float], codes: bytes,
        truth: Optional[bytes], where: Optional[List[int]], values: Dict[str, bytes], expected: bytes,
    ) -> None:  # fmt: skip
        if seconds is None:
            seconds = self._pace.taken(step)
        if epoch is None and self._per_epoch:
            epoch = step / self._per_epoch
        record: Dict[str, Any] = {
            "step": step, "epoch": _measure(epoch, "epoch"), "loss": arrays.number(loss, "loss"),
            "seconds": _measure(seconds, "seconds"), "predictions": arrays.encode(codes),
        }  # fmt: skip
        if truth is not None:
            record["right"] = arrays.encode(arrays.pack_bits(truth))
        if where is not None:
            record["index"] = arrays.encode(_words(where))
        if values:
            record["values"] = {name: arrays.encode(raw) for name, raw in values.items()}
        line = logs.dump(record)
        # First: if an interrupt ends the write, the step must not be written twice.
        self._last, self._written = step, True
        self._open().write(line)
        self._pace.logged(step)
        if where is None:
            self._watch(step, arrays.right_mask(codes, expected, self.classes) if truth is None else truth)

    def _watch(self, step: int, right: bytes) -> None:
        """Says once that an evaluation found more than a fifth of the examples newly right."""
        before, self._right = self._right, right
        if before is None:
            # Without an evaluation before it, what is right is new but for what chance gives.
            chance = 0 if step > 0 and self._resumed < 0 else 1
            newly = right.count(1) - len(right) / self.classes if not chance else 0
        else:
            newly = right.count(1) - arrays.count_both(right, before)
        if newly > len(right) / 5 and not self._told:
            self._told = True
            _warn(
                f"shoal: at step {step} more than a fifth of the examples are newly right: "
                "more evaluations are needed before it, or no change of regime can be told",
                5,
            )


def _check_names(names: Sequence[str]) -> None:
    """Raises ValueError for names of values that no reader of the log takes."""
    if len(names) > 64:
        raise ValueError(f"there are {len(names)} values: want at most 64")
    for name in names:
        if not 1 <= len(name.encode()) <= 100:
            raise ValueError(f"a value is called {name!r:.120}: want a name of 1 to 100 bytes")


def _words(index: Sequence[int]) -> bytes:
    """Indices as unsigned numbers of four bytes, least first."""
    words = array.array("I", index)
    assert words.itemsize == 4
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def _measure(value: Any, what: str) -> Optional[float]:
    out = arrays.number(value, what)
    if out is None and value is not None or out is not None and out < 0:
        raise ValueError(f"{what} is {value}: want a finite number, 0 or more")
    return out


def _warn(message: str, level: int) -> None:
    warnings.warn(message, ShoalWarning, stacklevel=level)
