"""Batches in any order, gathered by index into one evaluation."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple


class Collector:
    """Packed classes and values of n examples, of which the first to come counts.

    width is the bytes of a class. Values are of half precision, two bytes each.
    """

    def __init__(self, n: int, width: int) -> None:
        self._n, self._width = n, width
        self._seen = bytearray(n)
        self._codes = bytearray(n * width)
        self._values: Optional[Dict[str, bytearray]] = None  # None before the first batch

    def add(self, where: List[int], codes: bytes, values: Dict[str, bytes]) -> None:
        """A batch: its examples, their packed classes, and packed values by name."""
        if self._values is None:
            self._values = {name: bytearray(2 * self._n) for name in values}
        if self._values.keys() != values.keys():
            raise ValueError(f"values are {sorted(values)}, but {sorted(self._values)} in the batches before")
        seen, mine = self._seen, self._codes
        if self._width == 1 and not values:
            for i, c in zip(where, codes):
                if not seen[i]:
                    seen[i] = 1
                    mine[i] = c
            return
        columns = [(mine, codes, self._width), *((self._values[k], raw, 2) for k, raw in values.items())]
        for j, i in enumerate(where):
            if not seen[i]:
                seen[i] = 1
                for into, raw, size in columns:
                    into[size * i : size * i + size] = raw[size * j : size * j + size]

    def missing(self) -> List[int]:
        """The examples that have not come, ascending."""
        return [i for i, s in enumerate(self._seen) if not s] if 0 in self._seen else []

    def present(self) -> List[int]:
        """The examples that have come, ascending."""
        return [i for i, s in enumerate(self._seen) if s]

    def take(self, where: Optional[List[int]]) -> Tuple[bytes, Dict[str, bytes]]:
        """Packed classes and values of the examples ``where``, or of all."""

        def pick(raw: bytearray, size: int) -> bytes:
            return bytes(raw) if where is None else b"".join(raw[size * i : size * i + size] for i in where)

        return pick(self._codes, self._width), {k: pick(raw, 2) for k, raw in (self._values or {}).items()}
