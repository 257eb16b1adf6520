"""What a framework hands over, as classes, labels and values an example.

Nothing is imported here: an array is known by what it can do (``detach``, ``__array__``,
``argmax``, ``tolist``, the buffer protocol), and NumPy is used where the program has loaded it
already. n is the number of examples, K of classes.
"""

from __future__ import annotations

import array
import base64
import math
import operator
import struct
import sys
import zlib
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

VALUES = ("p_label", "margin", "loss", "el2n")
"""The values an example that can be computed from logits; see :func:`example_values`."""

_HALF_MAX = 65504.0  # the largest finite number of half precision
_ROWS = 4096  # rows whose values are computed at a time: bounds the memory, not the result


def numpy() -> Any:
    """NumPy if the program has loaded it, else None."""
    return sys.modules.get("numpy")


def is_torch(x: Any) -> bool:
    return hasattr(x, "detach") and hasattr(x, "cpu")


def host(x: Any) -> Any:
    """``x`` in this machine's memory: a NumPy array where NumPy is loaded, else nested lists."""
    np = numpy()
    if is_torch(x):
        x = x.detach().cpu()
        if np is None:
            return x.tolist()
        try:
            return x.numpy()
        except TypeError:  # bfloat16 is unknown to NumPy
            return x.float().numpy()
    if np is not None:
        if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
            raise ValueError("an array has masked elements, which are no numbers: leave those examples out")
        if isinstance(x, np.ndarray):
            return x
        if hasattr(x, "__array__"):
            return np.asarray(x)
    return _lists(x)


def small(x: Any) -> Any:
    """:func:`host`, or a list at once where that is quicker: for the vector of a batch."""
    if hasattr(x, "tolist") and hasattr(x, "__len__") and len(x) <= 1024:
        return x.tolist()
    return host(x)


def _lists(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return [_lists(e) for e in x] if x and not isinstance(x[0], (int, float)) else list(x)
    if hasattr(x, "tolist"):
        return x.tolist()
    try:
        return memoryview(x).tolist()
    except TypeError:
        pass
    if hasattr(x, "item"):
        return x.item()
    return list(x) if isinstance(x, Iterable) and not isinstance(x, (str, dict)) else x


def shape(x: Any) -> Tuple[int, ...]:
    """The sizes of an array or of nested sequences, by their first elements."""
    if hasattr(x, "shape"):
        return tuple(x.shape)
    if isinstance(x, (str, bytes)) or not hasattr(x, "__len__"):
        if isinstance(x, bytes):
            return (len(x),)
        return ()
    inner = shape(x[0]) if len(x) and not isinstance(x, array.array) else ()
    return (len(x), *inner)


def width(classes: int) -> int:
    """Bytes of a class: 1 up to 256 classes, 2 beyond."""
    return 1 if classes <= 256 else 2


def pack_classes(x: Any, classes: int, what: str) -> bytes:
    """The classes ``x`` [n] as little-endian bytes of :func:`width`.

    Raises ValueError for what is not a class: NaN, fractions, numbers outside 0..classes-1.
    """
    if isinstance(x, (str, dict, set, frozenset)):
        raise TypeError(f"{what}s are a {type(x).__name__}: want a vector, one element an example")
    sizes = getattr(x, "shape", (1,))
    x = small(x)
    if not hasattr(x, "__len__") or len(sizes) == 0:  # bytes(5) would be five classes
        raise ValueError(f"{what} is {x!r}: want a vector, one element an example")
    if len(sizes) != 1:  # bytes(x) would be the bytes of its memory
        raise ValueError(f"{what}s have shape {list(sizes)}: want a vector [n], one class an example")
    np = numpy()
    if np is not None and isinstance(x, np.ndarray):
        if x.dtype.kind in "iub" and _array_fits(x, classes):
            return bytes(x.astype("<u1" if width(classes) == 1 else "<u2").tobytes())
        x = x.tolist()
    raw = _pack_quickly(x, classes)
    if raw is not None:
        return raw
    numbers = [_whole(v, i, what) for i, v in enumerate(x)]
    if numbers and not (min(numbers) >= 0 and max(numbers) < classes):
        _refuse(numbers, classes, what)
    return bytes(numbers) if width(classes) == 1 else _halfwords(array.array("H", numbers))


def plain_classes(x: Any, classes: int) -> Optional[Sequence[int]]:
    """The classes ``x`` [m] of a batch, at once; None for what is not that, or not a class."""
    if len(getattr(x, "shape", (0,))) != 1:
        return None
    whole = _is_whole(x)
    if hasattr(x, "tolist"):
        x = x.tolist()
    if type(x) is not list or not x or not whole(x):
        return None
    if width(classes) == 1:
        return _pack_quickly(x, classes)
    return x if min(x) >= 0 and max(x) < classes else None


def _is_whole(x: Any) -> Callable[[List[Any]], bool]:
    """Says of the list of x whether all are int; of an array, whose elements are of one type, the first is enough."""
    if hasattr(x, "dtype") and not getattr(x.dtype, "hasobject", False):
        return lambda values: not values or type(values[0]) is int
    return lambda values: set(map(type, values)) <= {int}


def _pack_quickly(x: Any, classes: int) -> Optional[bytes]:
    """The packed classes of a list of whole numbers; None where any is not a class."""
    try:
        if width(classes) == 1:
            raw = bytes(x)
            return None if raw.translate(None, _BYTES[:classes]) else raw
        words = array.array("H", x)
        return None if len(words) and max(x) >= classes else _halfwords(words)
    except (TypeError, ValueError, OverflowError):
        return None


_BYTES = bytes(range(256))


def _halfwords(words: array.array[int]) -> bytes:
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def _array_fits(x: Any, classes: int) -> bool:
    return len(x) == 0 or (int(x.min()) >= 0 and int(x.max()) < classes)


def indices(x: Any) -> List[int]:
    """The whole numbers of a vector as a list. Raises TypeError for others."""
    whole = _is_whole(x)
    if hasattr(x, "tolist"):
        x = x.tolist()
    plain: List[Any] = x if type(x) is list else list(x)
    return plain if whole(plain) else [operator.index(i) for i in plain]


def _whole(value: Any, i: int, what: str) -> int:
    """``value`` as a whole number, whatever type holds it."""
    try:
        return operator.index(value)
    except TypeError:
        pass
    try:
        number = float("text" if isinstance(value, (str, bytes)) else value)  # "10" may be a name
    except (TypeError, ValueError):
        raise TypeError(f"{what} {i} is {value!r}: want a class, a whole number") from None
    if not number.is_integer():
        hint = " (for probabilities of one class, give the class: p > 0.5)" if 0 < number < 1 else ""
        raise ValueError(f"{what} {i} is {number}: want a class, a whole number{hint}")
    return int(number)


def _refuse(numbers: Sequence[int], classes: int, what: str) -> None:
    i = next(i for i, v in enumerate(numbers) if not 0 <= v < classes)
    if numbers[i] == -100:
        raise ValueError(
            f"{what} {i} is -100, which marks what is ignored (tokens): shoal follows one class an example"
        )
    raise ValueError(f"{what} {i} is {numbers[i]}: want 0 to {classes - 1}, there are {classes} classes")


def unpack_classes(raw: bytes, classes: int) -> Sequence[int]:
    """The inverse of :func:`pack_classes`."""
    if width(classes) == 1:
        return raw
    out = array.array("H", raw)
    if sys.byteorder == "big":
        out.byteswap()
    return out


def zeros(n: int, classes: int) -> bytearray | array.array[int]:
    """n classes that can be set one by one; :func:`repack` packs them."""
    return bytearray(n) if width(classes) == 1 else array.array("H", bytes(2 * n))


def repack(numbers: Sequence[int], classes: int, where: Optional[List[int]] = None) -> bytes:
    """Classes that are known to be valid, packed: those of the examples ``where``, or all."""
    picked = numbers if where is None else [numbers[i] for i in where]
    return bytes(picked) if width(classes) == 1 else _halfwords(array.array("H", picked))


def predicted(outputs: Any, classes: int) -> Tuple[bytes, int, Any]:
    """The classes that ``outputs`` predict: packed, how many, and the logits or None.

    ``outputs`` are classes [n], or logits or probabilities [n, K], of which each row's first
    largest is taken. Raises ValueError for another shape, for K != classes, and for NaN.
    """
    if not hasattr(outputs, "shape"):
        outputs = host(outputs)
    sizes = shape(outputs)
    if len(sizes) == 1:
        if classes > 2 and _are_booleans(outputs):
            raise ValueError(
                f"outputs are True and False, and there are {classes} classes: want the predicted classes, "
                "not whether they are right"
            )
        return pack_classes(outputs, classes, "prediction"), sizes[0], None
    if len(sizes) != 2:
        raise ValueError(f"outputs have shape {list(sizes)}: want classes [n] or logits [n, classes]")
    check_columns(sizes[1], classes)
    return pack_classes(largest(outputs, classes), classes, "prediction"), sizes[0], outputs


def check_columns(columns: int, classes: Optional[int]) -> None:
    """Raises ValueError unless logits have one column a class; None: as many classes as there are, 2 or more."""
    if columns == classes or classes is None and columns != 1:
        return
    hint = ": give the class instead, such as p > 0.5" if columns == 1 else ""
    raise ValueError(
        f"outputs have {columns} column{'s' if columns != 1 else ''}, want {classes or '2 or more'}, one a class{hint}"
    )


def _are_booleans(x: Any) -> bool:
    if hasattr(x, "dtype") and str(x.dtype) != "object":
        return str(x.dtype) in ("bool", "torch.bool", "boolean")
    return len(x) > 0 and type(next(iter(x))).__name__ in ("bool", "bool_")


def largest(logits: Any, classes: int) -> Any:
    """[n] the column of each row's first largest, as what holds them; ValueError for a row of NaN or -inf."""
    np = numpy()
    if is_torch(logits):
        logits = logits.detach()
        best = logits.argmax(-1)
        top = host(logits.gather(-1, best.unsqueeze(-1)).squeeze(-1))
    elif np is not None and isinstance(logits, np.ndarray):
        best = logits.argmax(-1)
        top = logits[np.arange(len(best)), best]
    elif hasattr(logits, "argmax"):
        best, top = logits.argmax(-1), host(logits.max(-1))
    else:
        logits = host(logits)
        if np is not None and isinstance(logits, np.ndarray):
            return largest(logits, classes)
        _check_rows(logits, classes)
        top = [math.nan if any(v != v for v in row) else max(row) for row in logits]
        best = [0 if t != t else row.index(t) for row, t in zip(logits, top)]
    _refuse_nan(top)
    return best


def _check_rows(rows: Sequence[Sequence[float]], classes: int) -> None:
    for i, row in enumerate(rows):
        if len(row) != classes:
            raise ValueError(f"outputs of example {i} have {len(row)} columns, want {classes}, one a class")


def _refuse_nan(top: Any) -> None:
    np = numpy()
    if np is not None and isinstance(top, np.ndarray):
        bad = np.flatnonzero(~(top > -math.inf)).tolist()
    else:
        bad = [i for i, v in enumerate(top) if not v > -math.inf]
    if bad:
        what = "NaN" if top[bad[0]] != top[bad[0]] else "-inf for every class"
        raise ValueError(f"outputs of example {bad[0]} and {len(bad) - 1} others are {what}: has the training diverged?")


def encode(raw: bytes) -> str:
    """base64(zlib(raw)), the B of the format. Level 1: the levels above cost time and save nothing."""
    return base64.b64encode(zlib.compress(raw, 1)).decode("ascii")


def decode(text: str) -> bytes:
    """The inverse of :func:`encode`."""
    return zlib.decompress(base64.b64decode(text, validate=True))


def right_mask(predicted: bytes, labels: bytes, classes: int) -> bytes:
    """A byte an example: 1 where the packed class is the packed label, else 0."""
    n = len(predicted)
    differs = (int.from_bytes(predicted, "little") ^ int.from_bytes(labels, "little")).to_bytes(n, "little")
    if width(classes) == 2:
        low, high = int.from_bytes(differs[0::2], "little"), int.from_bytes(differs[1::2], "little")
        differs = (low | high).to_bytes(n // 2, "little")
    return differs.translate(_IS_ZERO)


_IS_ZERO = bytes([1]) + bytes(255)
_IS_NOT_ZERO = bytes([0]) + bytes([1]) * 255


def truth_mask(x: Any, n: int) -> bytes:
    """A byte an example: 1 where ``x`` [n] is true (1), else 0."""
    raw = pack_classes(x, 2, "right")
    if len(raw) != n:
        raise ValueError(f"right has {len(raw)} elements, want {n}")
    return raw


def pack_bits(mask: bytes) -> bytes:
    """``mask``, a 0 or 1 an example, as bits: example i is bit i % 8 of byte i // 8."""
    size = (len(mask) + 7) // 8
    bits = 0
    for j in range(8):
        bits |= int.from_bytes(mask[j::8], "little") << j
    return bits.to_bytes(size, "little")


def count_both(a: bytes, b: bytes) -> int:
    """How many elements of two masks are 1 in both."""
    both = int.from_bytes(a, "little") & int.from_bytes(b, "little")
    return both.to_bytes(len(a), "little").count(1)


def pack_half(x: Any, n: int, what: str) -> bytes:
    """Numbers ``x`` [n] in half precision, saturated at +-65504. Raises ValueError for NaN."""
    x = host(x)
    np = numpy()
    if np is not None:
        x = np.asarray(x, dtype=np.float64)
        if x.shape != (n,):
            raise ValueError(f"{what} has shape {list(x.shape)}, want [{n}]")
        bad = np.flatnonzero(np.isnan(x)).tolist()
        if bad:
            raise ValueError(f"{what} of example {bad[0]} is NaN")
        return bytes(np.clip(x, -_HALF_MAX, _HALF_MAX).astype("<f2").tobytes())
    if len(x) != n:
        raise ValueError(f"{what} has {len(x)} elements, want {n}")
    for i, v in enumerate(x):
        if v != v:
            raise ValueError(f"{what} of example {i} is NaN")
    return struct.pack(f"<{n}e", *(min(max(v, -_HALF_MAX), _HALF_MAX) for v in x))


def example_values(
    logits: Any, labels: Sequence[int], names: Sequence[str], probabilities: bool = False
) -> Dict[str, Any]:
    """Values an example from ``logits`` [n, K] and ``labels`` [n]: a vector [n] for each name.

    p_label  softmax of the logits at the label, 0..1
    margin   logit of the label less the largest other (Pleiss et al. 2020, area under the margin)
    loss     cross entropy in nats
    el2n     norm of the probabilities less the one-hot label, 0..sqrt(2) (Paul et al. 2021)

    With ``probabilities`` the logits are taken to be the logarithms of ``logits``.
    """
    logits = host(logits)
    np = numpy()
    if np is None:
        rows = [_row_values(row, y, probabilities) for row, y in zip(logits, labels)]
        return {name: [row[VALUES.index(name)] for row in rows] for name in names}
    logits, y = np.asarray(logits), np.asarray(labels if not isinstance(labels, bytes) else list(labels))
    out = {name: np.empty(len(y)) for name in names}
    for at in range(0, len(y), _ROWS):
        part = slice(at, at + _ROWS)
        for name, column in zip(VALUES, _block_values(np, logits[part], y[part], probabilities)):
            if name in out:
                out[name][part] = column
    return out


def check_probabilities(outputs: Any, probabilities: bool) -> None:
    """Raises ValueError for ``outputs`` [n, K] that are not what the caller says: probabilities, or logits.

    Rows of numbers from 0 to 1 that all add up to 1 are no logits: eight such rows don't come by chance.
    """
    rows = host(outputs)
    np = numpy()
    if np is not None:
        z = np.asarray(rows).astype(np.float64)
        low, high, sums = z.min(1), z.max(1), z.sum(1)
        inside = (low >= 0) & (high <= 1 + 1e-3) & (abs(sums - 1) < 0.02)
        wrong, between = np.flatnonzero(~inside).tolist(), bool(((z > 0) & (z < 1)).any())
    else:
        sums = [math.fsum(row) for row in rows]
        wrong = [i for i, r in enumerate(rows) if not (min(r) >= 0 and max(r) <= 1 + 1e-3 and abs(sums[i] - 1) < 0.02)]
        between = any(0 < v < 1 for row in rows for v in row)
    if probabilities and wrong:
        raise ValueError(
            f"outputs of example {wrong[0]} are no probabilities: want numbers from 0 to 1 that add up to 1, they add up to "
            f"{float(sums[wrong[0]]):.4g}; are these logits? leave probabilities=False"
        )
    if not probabilities and not wrong and between and len(rows) >= 8:
        raise ValueError(
            "outputs are probabilities, as every row has numbers from 0 to 1 that add up to 1, and values would be taken from "
            "them as from logits: give logits, or probabilities=True"
        )


def _block_values(np: Any, z: Any, y: Any, probabilities: bool) -> List[Any]:
    z, rows = z.astype(np.float64), np.arange(len(y))
    if probabilities:
        z = np.log(np.maximum(z, _TINY))
    z = np.clip(z, -_HUGE, _HUGE)
    top, label = z.max(1), z[rows, y]
    e = np.exp(z - top[:, None])
    total = e.sum(1)
    p = e / total[:, None]
    p_label = p[rows, y]
    z[rows, y] = -np.inf
    p[rows, y] -= 1
    return [p_label, label - z.max(1), np.log(total) + top - label, np.sqrt((p * p).sum(1))]


_TINY, _HUGE = 1e-300, 1e30  # keep logarithms and differences finite


def _row_values(row: Sequence[float], y: int, probabilities: bool) -> Tuple[float, float, float, float]:
    z = [math.log(max(v, _TINY)) for v in row] if probabilities else row
    z = [min(max(float(v), -_HUGE), _HUGE) for v in z]
    top = max(z)
    e = [math.exp(v - top) for v in z]
    total = math.fsum(e)
    others = [v for k, v in enumerate(z) if k != y]
    square = math.fsum((v / total - (k == y)) ** 2 for k, v in enumerate(e))
    margin = z[y] - max(others) if others else math.inf
    return e[y] / total, margin, math.log(total) + top - z[y], math.sqrt(square)


def number(x: Any, what: str) -> Optional[float]:
    """A Python float of a number or an array of one; None for None and for what is not finite."""
    if x is None:
        return None
    if is_torch(x) or hasattr(x, "item"):
        x = x.item()
    try:
        value = float(x)
    except (TypeError, ValueError):
        raise TypeError(f"{what} is {x!r}: want a number") from None
    return value if math.isfinite(value) else None
