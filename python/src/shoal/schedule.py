"""Evaluation schedules: the words of ``evaluate=`` and of shoal's study files.

    every:1                after every step
    every:50               after steps 50, 100, ...
    log:1.02               every step at first, then each at least 1.02 times the last
    every:1@2,log:1.05     every step to the end of epoch 2, then spaced evenly in ln(step)
    log:1.1,tail:5         and 5 more, evenly, in each of the last two tenths of the steps; needs ``steps``

A piece with ``@EPOCH`` ends there; only the last one, and no other, has none. Step 0, the untrained
network, always counts. ``budget:5%`` is a word of this client alone: see :class:`Budget`.
"""

from __future__ import annotations

import math
import re
import time
from typing import Callable, List, NamedTuple, Optional, Tuple, Union

# What Go's strconv reads: ASCII digits, no spaces; a float may have single underscores between digits.
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_D, _H = "[0-9](?:_?[0-9])*", "[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_DECIMAL = re.compile(rf"[+-]?(?:{_D}(?:\.(?:{_D})?)?|\.{_D})(?:[eE][+-]?{_D})?\Z")
_HEXADECIMAL = re.compile(rf"[+-]?0[xX](?:_?{_H}(?:\.(?:{_H})?)?|\.{_H})[pP][+-]?{_D}\Z")


class _Piece(NamedTuple):
    every: int  # 0 where growth is set
    growth: float  # from one scored step to the next, at least
    until: float  # epochs, inclusive; infinity for the last piece


class Schedule:
    """Which steps are scored: a function of the step and the steps of an epoch alone.

    Processes that train together and a process that resumes therefore agree on it.
    Raises ValueError for a text that is not a schedule, or for one with ``@`` without
    ``steps_per_epoch``, the number of optimiser updates of an epoch (1 or more).
    """

    def __init__(self, text: str, steps_per_epoch: Optional[int] = None) -> None:
        self.pieces, self.tail = _parse(text)
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch is {steps_per_epoch}: want 1 or more")
        if steps_per_epoch is None and len(self.pieces) > 1:
            raise ValueError(f"evaluation schedule {text!r}: an @ counts epochs and needs steps_per_epoch")
        self.per_epoch = steps_per_epoch or 1

    def next(self, last: int) -> int:
        """The first scored step after ``last``, itself a scored step; 0 after -1."""
        if last < 0:
            return 0
        step = last + 1
        for piece in self.pieces:
            if self._over(step, piece):
                continue
            if piece.every > 0:
                candidate = -(-step // piece.every) * piece.every
            else:
                candidate = max(step, _first_from(last * piece.growth - 1e-9))
            if not self._over(candidate, piece):
                return candidate
            step = self._end(piece) + 1
        raise AssertionError("the last piece has no end")

    def ending(self, total: int) -> List[int]:
        """The steps of the tail of a training of ``total``, ascending; what is scored otherwise doesn't know of them."""
        count = 2 * self.tail
        return sorted({math.floor(total * (1 - k / (5 * count)) + 0.5) for k in range(count)})

    def _over(self, step: int, piece: _Piece) -> bool:
        return float(step) > piece.until * float(self.per_epoch) + 1e-6

    def _end(self, piece: _Piece) -> int:
        """The last step of a piece that has an end."""
        return math.floor(piece.until * float(self.per_epoch) + 1e-6)


class Budget:
    """``budget:5%``: score as often as that share of the time so far allows.

    Evaluations are spaced evenly in ln(step), each at least 1.02 times the last, as in ``log:1.02``,
    but none is made that would take more than the share of the time so far: early on, where steps
    are cheap beside an evaluation, they are farther apart. Step 0 is always scored.
    """

    least_growth = 1.02

    def __init__(self, text: str) -> None:
        number = text[len("budget:") :]
        share = _float(number[:-1]) if number.endswith("%") else None
        if share is None or not 0 < share < 100:
            raise ValueError(f"evaluation schedule {text!r}: want a share of the time such as budget:5%")
        self.share = share / 100

    def due(self, step: int, last: int, elapsed: float, spent: float, cost: float) -> bool:
        """Whether ``step`` is scored.

        ``last`` is the step scored before (-1 for none); ``elapsed``, ``spent`` (on evaluations, in
        all) and ``cost`` (of the last one) are in seconds.
        """
        if last < 0:
            return True
        if spent + cost > self.share * (elapsed + cost):
            return False
        return step >= last * self.least_growth


class Pace:
    """Answers whether a step is due, question by question, and times the evaluations.

    ``steps`` is the last step if it is known, ``resumed`` the step that a process resumes from, -1
    for none; ``clock`` returns seconds.
    """

    def __init__(
        self,
        schedule: Union[Schedule, Budget],
        steps: Optional[int],
        resumed: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._schedule, self._steps, self.clock = schedule, steps, clock
        self._tail: List[int] = []
        if isinstance(schedule, Schedule) and schedule.tail:
            if steps is None:
                raise ValueError("an evaluation schedule with a tail needs steps, the number of the last one")
            self._tail = schedule.ending(steps)
        self._start = clock()
        self._last = resumed  # the step logged last
        self._asked = resumed  # the step asked for last, and the answer
        self._answer = False
        self._reached = -1  # the newest step of the schedule that the questions have reached
        self._due_at: Optional[float] = None  # when the last yes was said
        self._spent = self._cost = 0.0

    def due(self, step: int) -> bool:
        """See Run.due."""
        if step <= self._last:
            return False
        if step != self._asked:
            self._answer = self._decide(step)
            self._asked, self._due_at = step, None
        if self._answer:
            self._due_at = self.clock()
        return self._answer

    def _decide(self, step: int) -> bool:
        if step == self._steps:
            return True
        if isinstance(self._schedule, Budget):
            return self._schedule.due(step, self._last, self.clock() - self._start, self._spent, self._cost)
        before = max(self._asked, self._last)
        if before < 0 or before > step:  # the first question, or one that goes back
            before = step - 1
        if self._reached > before:
            self._reached = -1
        while True:
            following = self._schedule.next(self._reached)
            if following > step:
                return self._reached > before or any(before < s <= step for s in self._tail)
            self._reached = following

    def taken(self, step: int) -> Optional[float]:
        """Seconds since ``due`` said yes to ``step``; None if it did not."""
        return None if self._due_at is None or step != self._asked else self.clock() - self._due_at

    def logged(self, step: int) -> None:
        """Says that ``step`` is logged now."""
        taken = self.taken(step)
        if taken is not None:
            self._cost = taken
            self._spent += taken
        self._last, self._due_at = step, None


def parse(text: str, steps_per_epoch: Optional[int]) -> Union[Schedule, Budget]:
    """The schedule that ``text`` names; ValueError where it names none."""
    if text.startswith("budget:"):
        return Budget(text)
    return Schedule(text, steps_per_epoch)


def _parse(text: str) -> Tuple[List[_Piece], int]:
    """The pieces, and the evaluations of the tail in each of its tenths: 0 without one."""
    words, tail = text.split(","), 0
    if len(words) > 1 and words[-1].startswith("tail:"):
        count = words.pop()[len("tail:") :]
        if not _INTEGER.match(count) or not 1 <= int(count) <= 1000:
            raise ValueError(f"evaluation schedule {text!r}: tail {count!r}: want a number of evaluations, 1 to 1000")
        tail = int(count)
    pieces: List[_Piece] = []
    for i, word in enumerate(words):
        piece = _piece(text, word)
        last = i == len(words) - 1
        if last and piece.until != math.inf:
            raise ValueError(
                f"evaluation schedule {text!r}: the last piece has an end: drop its @, or add a piece for the rest"
            )
        if not last and piece.until == math.inf:
            raise ValueError(f"evaluation schedule {text!r}: piece {word!r} needs its last epoch, as in {word}@2")
        if pieces and piece.until <= pieces[-1].until:
            raise ValueError(f"evaluation schedule {text!r}: piece {word!r} ends no later than the one before")
        pieces.append(piece)
    return pieces, tail


def _piece(text: str, word: str) -> _Piece:
    body, at, end = word.partition("@")
    until: Optional[float] = _float(end) if at else math.inf
    name, _, argument = body.partition(":")
    if until is not None and until > 0 and (not at or until < math.inf):
        if name == "every" and _INTEGER.match(argument) and 1 <= int(argument) < 1 << 63:
            return _Piece(int(argument), 0.0, until)
        growth = _float(argument)
        if name == "log" and growth is not None and 1 < growth < math.inf:
            return _Piece(0, growth, until)
    raise ValueError(
        f"evaluation schedule {text!r}: want every:N, log:FACTOR or pieces such as every:1@2,every:20, "
        f"and tail:N at the end; got {word!r}"
    )


def _float(text: str) -> Optional[float]:
    """A finite number as Go's strconv.ParseFloat reads it; None for any other text."""
    try:
        if _DECIMAL.match(text):
            value = float(text)
        elif _HEXADECIMAL.match(text):
            value = float.fromhex(text.replace("_", ""))
        else:
            return None
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _first_from(bound: float) -> int:
    """The least whole number that is not below ``bound``."""
    return math.ceil(bound)
