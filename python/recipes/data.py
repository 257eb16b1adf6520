"""The datasets of the recipes in memory, and shoal's augmentation.

Pixels are uint8 [n, height, width, channels], labels int64 [n].
"""

import gzip
import io
import math
import pathlib
import pickle
import tarfile
from typing import Any, NamedTuple

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SHAPES = {"mnist": (28, 28, 1), "fashion": (28, 28, 1), "cifar10": (32, 32, 3), "cifar100": (32, 32, 3)}


def load(name, folder, limit_train=0, limit_test=0):
    """((pixels, labels), (pixels, labels)) of training and test split, and the names of the classes or their number.

    ``folder`` has the dataset's files, or one folder a dataset: IDX files (also as .gz) of mnist and
    fashion; the Python or binary release of cifar10 and cifar100, also as .tar.gz. Raises ValueError
    or FileNotFoundError for another dataset or folder.
    """
    if name not in SHAPES:
        raise ValueError(f"dataset {name!r} has no recipe: want {', '.join(SHAPES)}")
    root = pathlib.Path(folder)
    root = root / name if (root / name).is_dir() else root
    read = _idx if SHAPES[name][2] == 1 else _cifar
    train, test, classes = read(root, name)
    return _first(train, limit_train), _first(test, limit_test), classes


def _first(split, limit):
    pixels, labels = split
    if limit > len(labels):
        raise ValueError(f"limit of {limit} examples: there are {len(labels)}")
    return (pixels[:limit], labels[:limit]) if limit else split


def _idx(root, name):
    def values(file):
        for path, opener in ((root / file, open), (root / f"{file}.gz", gzip.open)):
            if path.exists():
                with opener(path, "rb") as f:
                    raw = f.read()
                rank = raw[3]
                sizes = np.frombuffer(raw, ">u4", rank, 4)
                return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(*map(int, sizes))
        raise FileNotFoundError(f"{root / file} (or .gz) is not there")

    def split(part):
        return values(f"{part}-images-idx3-ubyte")[..., None], values(f"{part}-labels-idx1-ubyte").astype(np.int64)

    return split("train"), split("t10k"), 10


def _cifar(root, name):
    python, binary = {
        "cifar10": (
            ("cifar-10-batches-py", "cifar-10-python.tar.gz"),
            ("cifar-10-batches-bin", "cifar-10-binary.tar.gz"),
        ),
        "cifar100": (("cifar-100-python", "cifar-100-python.tar.gz"), ("cifar-100-binary", "cifar-100-binary.tar.gz")),
    }[name]
    hundred = name == "cifar100"
    train, test = (["train"], "test") if hundred else ([f"data_batch_{i}" for i in range(1, 6)], "test_batch")
    for names, ending, decode in ((python, "", _pickled), (binary, ".bin", _plain)):
        files = _members(root, *names)
        if files and (files.keys() >= {t + ending for t in (*train, test)}):
            parts = [decode(files[t + ending](), hundred) for t in (*train, test)]
            whole = tuple(np.concatenate(x) for x in zip(*parts[:-1]))
            return whole, parts[-1], 100 if hundred else 10
    raise FileNotFoundError(f"{root} has no files of {name}: want {python[0]}, {python[1]}, {binary[0]} or {binary[1]}")


def _members(root, folder, archive):
    """Name -> function that reads it, of the files in a folder or an archive."""
    for base in (root / folder, root):
        if any(base.glob("*batch*")) or any(base.glob("train*")):
            return {p.name: p.read_bytes for p in base.iterdir() if p.is_file()}
    if (root / archive).exists():
        with tarfile.open(root / archive) as tar:
            held = {pathlib.PurePosixPath(m.name).name: tar.extractfile(m).read() for m in tar if m.isfile()}
        return {name: lambda raw=raw: raw for name, raw in held.items()}
    return {}


class _Reader(pickle.Unpickler):
    """Reads the Python release, whose pickles need only NumPy's way to make an array."""

    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of a CIFAR file")
        return super().find_class(module, name)


def _pickled(raw, hundred):
    batch = _Reader(io.BytesIO(raw), encoding="latin1").load()
    labels = batch["fine_labels" if hundred else "labels"]
    return _planes(np.asarray(batch["data"], np.uint8)), np.asarray(labels, np.int64)


def _plain(raw, hundred):
    head = 2 if hundred else 1
    rows = np.frombuffer(raw, np.uint8).reshape(-1, head + 3072)
    return _planes(rows[:, head:]), rows[:, head - 1].astype(np.int64)


def _planes(rows):
    return np.ascontiguousarray(rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def _mix(x):
    """The output function of SplitMix64."""
    with np.errstate(over="ignore"):
        x = x + GOLDEN
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


class Change(NamedTuple):
    """What augmentation does to m images, [m] each."""

    down: Any  # pixels
    right: Any
    flip: Any  # 0 or 1
    cos: Any = None  # of the rotation, in units of 2**-16; None where nothing is rotated
    sin: Any = None


ONE = 1 << 16


def changes(seed, number, examples, crop, flip, rotate=0.0):
    """What shoal's augmentation does to ``examples`` in pass ``number``; ``rotate`` is the largest angle in degrees."""
    examples = np.asarray(examples, np.uint64)
    with np.errstate(over="ignore"):
        state = _mix(_mix(_mix(np.uint64(seed)) ^ np.uint64(number)) ^ examples)
        draws = [_mix(state + np.uint64(i) * GOLDEN) for i in (1, 2, 3, 4)]
    span = 2 * crop + 1
    down, right = (_below(d, span) - crop for d in draws[:2])
    change = Change(down, right, (draws[2] >> np.uint64(63)).astype(np.int64) * int(flip))
    if not rotate:
        return change
    angle = (2 * ((draws[3] >> np.uint64(11)).astype(np.float64) / 2**53) - 1) * rotate * math.pi / 180
    cos, sin = ((np.sign(x) * np.floor(np.abs(x) * ONE + 0.5)).astype(np.int64) for x in (np.cos(angle), np.sin(angle)))
    return change._replace(cos=cos, sin=sin)


def _below(random, n):
    """64 random bits to 0..n-1: the high word of random * n."""
    n = np.uint64(n)
    with np.errstate(over="ignore"):
        low, high = (random & np.uint64(0xFFFFFFFF)) * n, (random >> np.uint64(32)) * n
        return ((high + (low >> np.uint64(32))) >> np.uint64(32)).astype(np.int64)


def gather(torch, pixels, examples, change):
    """A batch of changed images [m, height, width, channels], on the device of the tensor ``pixels``."""
    device = pixels.device
    height, width = pixels.shape[1:3]
    if change.cos is not None:
        return _gather_rotated(torch, pixels, examples, change)
    down, right, flip = (torch.as_tensor(c, device=device)[:, None] for c in change[:3])
    rows = torch.arange(height, device=device) + down
    columns = torch.arange(width, device=device)
    columns = torch.where(flip == 1, width - 1 - columns, columns) + right
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    picked = pixels[
        torch.as_tensor(examples, device=device)[:, None, None],
        rows.clamp(0, height - 1)[:, :, None],
        columns.clamp(0, width - 1)[:, None, :],
    ]
    return picked * inside[..., None]


def _gather_rotated(torch, pixels, examples, change):
    """``gather`` with a rotation about the centre, nearest pixels, in whole numbers: the engine's, bit for bit."""
    device = pixels.device
    height, width = pixels.shape[1:3]
    down, right, flip, cos, sin = (torch.as_tensor(c, device=device)[:, None, None] for c in change)
    # Twice the distances from the centre are whole numbers.
    dy = (2 * torch.arange(height, device=device) + 1 - height)[:, None]
    dx = 2 * torch.arange(width, device=device) + 1 - width
    x = (cos * dx - sin * dy + width * ONE) >> 17
    y = (sin * dx + cos * dy + height * ONE) >> 17
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    x, y = torch.where(flip == 1, width - 1 - x, x) + right, y + down
    inside &= (x >= 0) & (x < width) & (y >= 0) & (y < height)
    where = torch.as_tensor(examples, device=device)[:, None, None]
    return pixels[where, y.clamp(0, height - 1), x.clamp(0, width - 1)] * inside[..., None]
