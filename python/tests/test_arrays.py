"""The arrays of frameworks give what lists give."""

import math
import random

import pytest
from reader import read_file

import shoal
from shoal import arrays

LABELS = [3, 1, 4, 1, 5, 9, 2, 6]
R = random.Random(1)
LOGITS = [[R.gauss(0, 3) for _ in range(10)] for _ in LABELS]


def makers():
    """Name -> function from nested lists to that framework's array, for what is installed."""
    out = {"list": lambda x: x}
    try:
        import numpy

        out["numpy"] = numpy.array
        out["numpy f4, columns first"] = lambda x: numpy.asfortranarray(numpy.array(x, "f4"))
        out["list of numpy"] = lambda x: [numpy.array(v) for v in x]
    except ImportError:
        pass
    try:
        import torch

        out["torch"] = lambda x: torch.tensor(x)
        out["torch with gradient"] = lambda x: torch.tensor(x, requires_grad=isinstance(x[0], list))
        out["list of torch"] = lambda x: [torch.tensor(v) for v in x]
    except ImportError:
        pass
    try:
        import jax.numpy

        out["jax"] = jax.numpy.array
    except ImportError:
        pass
    return out


@pytest.mark.parametrize("name", makers())
def test_all_arrays(tmp_path, name):
    make = makers()[name]
    with shoal.attach(tmp_path, make(LABELS), 10, values=True) as run:
        run.log(0, make(LOGITS), labels=make(LABELS), loss=make([0.5])[0])
        run.log(1, make(LABELS), values=(), right=make([label % 2 == 0 for label in LABELS]))
        run.add([0, 2, 4, 6, 1, 3, 5, 7], make([LABELS[i] for i in (0, 2, 4, 6, 1, 3, 5, 7)]), values={})
        run.log_added(2)
        header, (a, b, c) = read_file(run.path)
    assert header["labels"] == b["predictions"] == c["predictions"] == LABELS
    assert a["predictions"] == [row.index(max(row)) for row in LOGITS] and a["loss"] == 0.5
    want = arrays.example_values(LOGITS, LABELS, arrays.VALUES)
    for key, column in want.items():
        assert a["values"][key] == pytest.approx(list(column), rel=2e-3, abs=1e-6)
    assert b["right"] == [label % 2 == 0 for label in LABELS]


@pytest.mark.parametrize("name", makers())
def test_all_arrays_refuse_nan(tmp_path, name):
    rows = [list(row) for row in LOGITS]
    rows[5][7] = math.nan
    with shoal.attach(tmp_path, LABELS, 10) as run:
        with pytest.raises(ValueError, match="example 5 and 0 others are NaN"):
            run.log(0, makers()[name](rows))
        with pytest.raises(ValueError, match="prediction 2 is nan"):
            run.log(0, makers()[name]([0.0, 1.0, math.nan, 0.0, 0.0, 0.0, 0.0, 0.0]))
        with pytest.raises(ValueError, match="prediction 7 is 10"):
            run.log(0, makers()[name]([*LABELS[:-1], 10]))


@pytest.mark.parametrize("probabilities", [False, True])
def test_values_with_and_without_numpy(monkeypatch, probabilities):
    np = pytest.importorskip("numpy")
    rows = [[abs(v) / 10 for v in row] for row in LOGITS] if probabilities else LOGITS
    monkeypatch.setattr(arrays, "_ROWS", 3)
    fast = arrays.example_values(np.array(rows), LABELS, arrays.VALUES, probabilities)
    monkeypatch.setattr(arrays, "numpy", lambda: None)
    plain = arrays.example_values(rows, LABELS, arrays.VALUES, probabilities)
    for key in arrays.VALUES:
        assert list(fast[key]) == pytest.approx(plain[key], rel=1e-12)
    assert (
        arrays.pack_half([1e9, -1e9, 0.1, 2049], 4, "x") == np.array([65504, -65504, 0.1, 2049]).astype("<f2").tobytes()
    )


def test_shapes_of_thumbnails_do_not_depend_on_numpy(monkeypatch):
    np = pytest.importorskip("numpy")
    from shoal import images

    picture = np.random.default_rng(0).integers(0, 256, (90, 70, 3))
    fast = images._shrink(70, 90, 3, picture.astype("u1").tobytes(), 64)
    monkeypatch.setattr(arrays, "numpy", lambda: None)
    slow = images._shrink(70, 90, 3, picture.astype("u1").tobytes(), 64)
    assert fast[:2] == slow[:2] and max(abs(a - b) for a, b in zip(fast[2], slow[2])) <= 1


def test_bfloat16(tmp_path):
    torch = pytest.importorskip("torch")
    with shoal.attach(tmp_path, LABELS, 10, values=True) as run:
        run.log(0, torch.tensor(LOGITS, dtype=torch.bfloat16))
        _, (a,) = read_file(run.path)
    assert len(a["values"]["margin"]) == 8


def test_bits():
    for n in (1, 7, 8, 9, 100):
        mask = bytes(R.randrange(2) for _ in range(n))
        bits = arrays.pack_bits(mask)
        assert len(bits) == (n + 7) // 8 and [bits[i // 8] >> i % 8 & 1 for i in range(n)] == list(mask)
    for classes, a, b in ((10, [1, 2, 3], [1, 0, 3]), (300, [1, 256, 257, 0], [257, 256, 1, 0])):
        packed = [arrays.pack_classes(x, classes, "x") for x in (a, b)]
        assert list(arrays.right_mask(*packed, classes)) == [x == y for x, y in zip(a, b)]
