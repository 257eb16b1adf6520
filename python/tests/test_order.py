"""shoal.order is the Go package curriculum's twin."""

import json
import pathlib

import pytest

from shoal import order

CASES = json.loads((pathlib.Path(__file__).parent / "fixtures" / "orders.json").read_text())


def fnv(numbers):
    """FNV-1a, 64 bits, over each number as four bytes, least first."""
    h = 0xCBF29CE484222325
    for v in numbers:
        for byte in v.to_bytes(4, "little"):
            h = (h ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return f"{h:016x}"


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['N']} by {c['Batch']}, seed {c['Seed']}")
def test_passes(case):
    n, size, seed = case["N"], case["Batch"], int(case["Seed"])
    per = -(-n // size)
    passes = [[] for _ in case["Passes"]]
    for number, examples in order.batches(seed, n, size, 0, per * len(passes)):
        passes[number] += examples
    for got, want in zip(passes, case["Passes"]):
        assert got[: len(want["First"])] == want["First"] and fnv(got) == want["Hash"]
    assert [b for b in order.batches(seed, n, size, per + 1, 2 * per)] == list(
        order.batches(seed, n, size, 0, 2 * per)
    )[per + 1 :]
