"""The order in which shoal's own trainings visit their examples, for trainings that repeat one.

A twin of the Go package curriculum: the permuted congruential generator of Go's math/rand/v2
(PCG-DXSM, 128 bits; O'Neill 2014) and the shuffle of Fisher and Yates.
"""

from __future__ import annotations

from typing import Iterator, List, NamedTuple

_MASK64, _MASK128 = (1 << 64) - 1, (1 << 128) - 1
_MULTIPLIER = 2549297995355413924 << 64 | 4865540595714422341
_INCREMENT = 6364136223846793005 << 64 | 1442695040888963407
_CHEAP = 0xDA942042E4DD58B5
_ORDER = 0x6F72646572  # "order": keeps the shuffles apart from all else that a seed draws


class PCG:
    """Go's rand.NewPCG(high, low)."""

    def __init__(self, high: int, low: int) -> None:
        self._state = (high & _MASK64) << 64 | low & _MASK64

    def uint64(self) -> int:
        """The next number, 0 to 2**64-1."""
        self._state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK128
        high, low = self._state >> 64, self._state & _MASK64
        high ^= high >> 32
        high = high * _CHEAP & _MASK64
        high ^= high >> 48
        return high * (low | 1) & _MASK64


def shuffle(seed: int, number: int, n: int) -> List[int]:
    """0..n-1 in the sequence of pass ``number`` (from 0) of a training with this seed."""
    source = PCG(seed ^ (_ORDER << 24), number)
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = source.uint64() * (i + 1) >> 64
        order[i], order[j] = order[j], order[i]
    return order


class Batch(NamedTuple):
    """What one training step learns from."""

    number: int  # of the pass, from 0
    examples: List[int]


def batches(seed: int, n: int, size: int, first: int, total: int) -> Iterator[Batch]:
    """The batches of steps ``first`` to ``total`` - 1 of a training on all n examples.

    The last batch of a pass is the rest. A training that resumes visits what one that never stopped
    would have visited.
    """
    per = -(-n // size)
    current, order = -1, [0] * 0
    for step in range(first, total):
        number, at = step // per, step % per * size
        if number != current:
            current, order = number, shuffle(seed, number, n)
        yield Batch(number, order[at : at + size])
