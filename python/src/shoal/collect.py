"""Batches in any order, gathered by index into one evaluation."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from . import arrays


class Collector:
    """Classes and values of n examples, of which the first to come counts.

    Values come packed (shoal.arrays): in half precision, two bytes each.
    """

    def __init__(self, n: int, classes: int) -> None:
        self._n, self._classes = n, classes
        self._seen = bytearray(n)
        self._codes = arrays.zeros(n, classes)
        self._values: Optional[Dict[str, bytearray]] = None  # None before the first batch
        self.repeats = self.differ = 0  # examples that came again, and those of another class than before

    def add(self, where: List[int], codes: Sequence[int], values: Dict[str, bytes]) -> None:
        """A batch: its examples, their classes, and packed values by name."""
        if self._values is None:
            self._values = {name: bytearray(2 * self._n) for name in values}
        if self._values.keys() != values.keys():
            raise ValueError(f"values are {sorted(values)}, but {sorted(self._values)} in the batches before")
        seen, mine = self._seen, self._codes
        fresh = [(j, i) for j, i in enumerate(where) if not seen[i]] if values else []
        for i, c in zip(where, codes):
            if not seen[i]:
                seen[i] = 1
                mine[i] = c
            else:
                self.repeats += 1
                self.differ += mine[i] != c
        for j, i in reversed(fresh):  # the first of a repeated example is written last
            for name, raw in values.items():
                self._values[name][2 * i : 2 * i + 2] = raw[2 * j : 2 * j + 2]

    def missing(self) -> List[int]:
        """The examples that have not come, ascending."""
        return [i for i, s in enumerate(self._seen) if not s] if 0 in self._seen else []

    def present(self) -> List[int]:
        """The examples that have come, ascending."""
        return [i for i, s in enumerate(self._seen) if s]

    def take(self, where: Optional[List[int]]) -> Tuple[bytes, Dict[str, bytes]]:
        """Packed classes and values of the examples ``where``, or of all."""
        codes = arrays.repack(self._codes, self._classes, where)
        values = self._values or {}
        if where is None:
            return codes, {name: bytes(raw) for name, raw in values.items()}
        return codes, {name: b"".join(raw[2 * i : 2 * i + 2] for i in where) for name, raw in values.items()}
