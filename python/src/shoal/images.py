"""Thumbnails of the examples, kept once beside a log for the pages of shoal.

RUN/images/SPLIT.zip has one picture an example, stored without further compression and named by the
example's number: 0.png, 1.png, 2.jpg, ... No side is longer than 64 pixels, and a picture takes at
most 1,780 bytes, so that 10,000 stay under 20 MB. Where paths are given, RUN/images/SPLIT.paths.json
has them instead, for ``python -m shoal thumbnails`` or shoal itself to read.
"""

from __future__ import annotations

import contextlib
import glob
import io
import json
import os
import time
import zipfile
from typing import Any, Callable, List, Optional, Sequence, Tuple

from . import arrays, png
from .randomness import preserved

SIDE = 64
"""The longest side of a thumbnail, in pixels."""
MOST = 1780
"""The most bytes of a thumbnail."""
FAR = 1.15
"""What is estimated to be larger than MOST by this factor is."""
DEPTHS = ((8, 1.0), (6, 0.6), (5, 0.4), (4, 0.25))
"""Bits of a channel, and at least which share of the bytes at 8 bits a photograph has then."""

Image = Any
"""Pixels [height, width], [height, width, channels] or [channels, height, width] with 1, 3 or 4 channels, or a
picture of Pillow. Whole numbers are 0..255; fractions are 0..1, or stretched from the image's own
least to its greatest where they leave that range."""


def keep(root: str, split: str, images: Any, n: int, again: bool = False) -> None:
    """Writes the thumbnails of n examples, or the list of their paths, unless they are there already.

    With ``again`` what is there is replaced: it is of a log without an evaluation, which may have had other images.

    ``images`` is a sequence of n paths or of n images, an array [n, ...], or a function i -> image.
    Random numbers that the function draws are given back. Raises ValueError for another number, and
    whatever the function raises.
    """
    folder = os.path.join(root, "images")
    done = os.path.join(folder, split + ".zip")
    if again:
        for path in (done, os.path.join(folder, split + ".paths.json")):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
    elif os.path.exists(done):
        return
    if callable(images):
        with preserved():
            write(done, images, n)
        return
    if hasattr(images, "to_numpy"):  # of pandas: by place, as a column's own index may count otherwise
        images = images.to_numpy()
    if len(images) != n:
        raise ValueError(f"there are {len(images)} images, want {n}, one an example")
    if isinstance(images[0], (str, os.PathLike)):
        paths = [os.path.abspath(os.fspath(path)) for path in images]
        _replace(
            os.path.join(folder, split + ".paths.json"),
            lambda file: file.write(json.dumps({"shoal_images": 1, "split": split, "n": n, "paths": paths}).encode()),
        )
        return
    write(done, images.__getitem__, n)


def write(path: str, image: Callable[[int], Image], n: int) -> None:
    """Writes the zip of n thumbnails, whole or not at all."""

    def fill(file: Any) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for i in range(n):
                try:
                    data, kind = thumbnail(image(i))
                except (TypeError, ValueError) as e:
                    raise ValueError(f"image {i}: {e}") from e
                archive.writestr(zipfile.ZipInfo(f"{i}.{kind}"), data)

    _replace(path, fill)


def _replace(path: str, fill: Callable[[Any], Any]) -> None:
    """Has ``fill`` write a file, which takes its name only when it is whole."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    _sweep(path)
    partial = f"{path}.{os.getpid()}.partial"
    try:
        with open(partial, "wb") as file:
            fill(file)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


def _sweep(path: str) -> None:
    """Removes what processes that were killed left of the file.

    Whether one on another host lives nobody can ask, so a file has to be three days old.
    """
    for partial in glob.glob(glob.escape(path) + ".*.partial"):
        with contextlib.suppress(OSError):
            if time.time() - os.path.getmtime(partial) > 3 * 24 * 3600:
                os.unlink(partial)


def thumbnail(image: Image) -> tuple[bytes, str]:
    """An image as the bytes of a small picture, with the ending of their format: png or jpg."""
    if hasattr(image, "convert") and hasattr(image, "tobytes"):
        return _of_pillow(image)
    width, height, channels, pixels = _pixels(image)
    width, height, pixels = _shrink(width, height, channels, pixels, SIDE)
    return _Fitting(width, height, channels, pixels).small(), "png"


class _Fitting:
    """A picture that is made small enough: it loses its last bits, which an eye misses first, and then its size.

    Compressing is what takes the time. So sizes are estimated first, where the picture is like a photograph.
    """

    def __init__(self, width: int, height: int, channels: int, pixels: bytes) -> None:
        self.width, self.height, self.channels, self.pixels = width, height, channels, pixels
        lines = png.Lines(width, height, channels, pixels)
        self.size = lines.photograph()  # at 8 bits
        self.photograph = self.size < lines.drawing()

    def small(self) -> bytes:
        """The file of at most MOST bytes, or of a single pixel."""
        best, size = self._within(self.width, self.height, self.pixels)
        side = max(self.width, self.height)
        while best is None:
            side = max(1, min(side - 1, int(side * (MOST / size) ** 0.55)))
            best, size = self._within(*_shrink(self.width, self.height, self.channels, self.pixels, side))
        return best

    def _within(self, width: int, height: int, pixels: bytes) -> Tuple[Optional[bytes], int]:
        """The picture at the most bits at which it is small enough; None for none, with its size at the fewest."""
        size, all_bits = 0, self.size * width * height / (self.width * self.height)
        for bits, share in DEPTHS:
            if self.photograph and share * all_bits > FAR * MOST and bits > 4:
                continue
            lines = png.Lines(width, height, self.channels, png.coarsen(pixels, bits))
            size = lines.photograph() if self.photograph else 0
            if size <= FAR * MOST or width == height == 1:
                data = lines.encode()
                size = len(data)
                if size <= MOST or width == height == 1:
                    return data, size
        return None, size


def _of_pillow(picture: Any) -> tuple[bytes, str]:
    """A picture of Pillow, which then does the work."""
    picture = picture.convert("L" if picture.mode in ("1", "L", "LA", "I", "I;16", "F") else "RGB")
    picture.thumbnail((SIDE, SIDE))
    for quality in (85, 75, 60, 40, 20, 5):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MOST or quality == 5:
            break
    return out.getvalue(), "jpg"


def _pixels(image: Image) -> tuple[int, int, int, bytes]:
    """Width, height, channels (1 or 3) and the pixels, row by row, each a byte a channel."""
    if not hasattr(image, "shape"):
        image = arrays.host(image)
    sizes = arrays.shape(image)
    first = len(sizes) == 3 and sizes[0] in (1, 3, 4) and sizes[2] not in (1, 3, 4)
    if len(sizes) == 2:
        height, width, channels = sizes[0], sizes[1], 1
    elif first:
        channels, height, width = sizes
    elif len(sizes) == 3 and sizes[2] in (1, 3, 4):
        height, width, channels = sizes
    else:
        raise ValueError(f"has shape {list(sizes)}: want [height, width] with 1, 3 or 4 channels before or after")
    if not width or not height:
        raise ValueError(f"has shape {list(sizes)}: it is empty")
    flat, area = _flat(image), height * width
    if channels == 1 or channels == 3 and not first:
        return width, height, channels, flat
    if first:
        planes = [flat[c * area : (c + 1) * area] for c in range(channels)]
    else:
        planes = [flat[c::channels] for c in range(channels)]
    return width, height, 3, _interleave(planes[:3])


def _flat(image: Image) -> bytes:
    """All numbers of an image in order, as bytes."""
    np = arrays.numpy()
    image = arrays.host(image)
    if np is not None:
        a = np.asarray(image)
        if a.dtype == np.uint8:
            return bytes(a.tobytes())
        if a.dtype.kind in "iub":
            return bytes((np.clip(a, 0, 255) if a.dtype != bool else a * 255).astype(np.uint8).tobytes())
        a = a.astype(np.float64)
        low, high = float(a.min()), float(a.max())
        if low != low:
            raise ValueError("has NaN")
        low, scale = _range(low, high)
        return bytes(np.clip((a - low) * scale + 0.5, 0, 255).astype(np.uint8).tobytes())
    flat: List[float] = _flatten(image)
    if all(isinstance(v, int) for v in flat):
        return bytes(min(max(int(v), 0), 255) if v is not True else 255 for v in flat)
    if any(v != v for v in flat):
        raise ValueError("has NaN")
    low, scale = _range(min(flat), max(flat))
    return bytes(int(min(max((v - low) * scale + 0.5, 0), 255)) for v in flat)


def _range(low: float, high: float) -> tuple[float, float]:
    """What maps fractions to 0..255: they are 0..1, or whatever their range is."""
    if low >= 0 and high <= 1:
        return 0.0, 255.0
    return low, 255 / (high - low) if high > low else 0.0


def _flatten(x: Any) -> List[Any]:
    return [v for e in x for v in _flatten(e)] if isinstance(x, list) and x and isinstance(x[0], list) else list(x)


def _interleave(planes: Sequence[bytes]) -> bytes:
    out = bytearray(len(planes) * len(planes[0]))
    for c, plane in enumerate(planes):
        out[c :: len(planes)] = plane
    return bytes(out)


def _shrink(width: int, height: int, channels: int, pixels: bytes, side: int) -> tuple[int, int, bytes]:
    """Averages areas so that no side is longer than ``side``."""
    longest = max(width, height)
    if longest <= side:
        return width, height, pixels
    w, h = max(1, width * side // longest), max(1, height * side // longest)
    np = arrays.numpy()
    if np is not None:
        a = np.frombuffer(pixels, np.uint8).reshape(height, width * channels)
        a = _sums(np, a, [at for at, _ in _cuts(height, h)])
        a = _sums(np, a.reshape(h, width, channels).swapaxes(0, 1), [at for at, _ in _cuts(width, w)])
        area = np.outer([t - f for f, t in _cuts(width, w)], [t - f for f, t in _cuts(height, h)])
        return w, h, bytes((a / area[..., None] + 0.5).astype(np.uint8).swapaxes(0, 1).tobytes())
    return w, h, _average(width, channels, pixels, _cuts(height, h), _cuts(width, w))


def _sums(np: Any, a: Any, first: List[int]) -> Any:
    """The sums of runs of rows, of which the first rows are given: up to 2**32, exact."""
    sums = np.cumsum(a, 0, np.uint32)
    ends = sums[[*(at - 1 for at in first[1:]), len(a) - 1]]
    ends[1:] -= ends[:-1].copy()
    return ends


def _cuts(size: int, parts: int) -> List[Tuple[int, int]]:
    """``size`` pixels cut into ``parts`` runs without gaps, first to last."""
    edges = [i * size // parts for i in range(parts + 1)]
    return list(zip(edges, edges[1:]))


def _average(
    width: int, channels: int, pixels: bytes, down: List[Tuple[int, int]], across: List[Tuple[int, int]]
) -> bytes:
    out = bytearray()
    stride = width * channels
    for top, bottom in down:
        sums = [sum(column) for column in zip(*(pixels[y * stride : (y + 1) * stride] for y in range(top, bottom)))]
        for left, right in across:
            area = (bottom - top) * (right - left)
            for c in range(channels):
                out.append(int(sum(sums[left * channels + c : right * channels : channels]) / area + 0.5))
    return bytes(out)


def waiting(root: str) -> list[str]:
    """The lists of paths in RUN/images whose thumbnails are not there yet."""
    folder = os.path.join(root, "images")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    ending = ".paths.json"
    return [
        os.path.join(folder, name)
        for name in names
        if name.endswith(ending) and name[: -len(ending)] + ".zip" not in names
    ]


def from_paths(manifest: str, opener: Optional[Callable[[str], Image]] = None) -> tuple[str, int]:
    """Writes the zip for a list of paths; returns its path and the number of pictures.

    ``opener`` reads an image file, by default with Pillow. Raises ImportError without Pillow,
    ValueError for a file that is not such a list, and what the opener raises for a bad image.
    """
    with open(manifest, encoding="utf-8") as file:
        content = json.load(file)
    if not isinstance(content, dict) or content.get("shoal_images") != 1 or not isinstance(content.get("paths"), list):
        raise ValueError(f"{manifest} is not a list of images of version 1")
    if opener is None:
        from PIL import Image as pillow

        opener = pillow.open
    paths: List[str] = content["paths"]
    done = os.path.join(os.path.dirname(manifest), content["split"] + ".zip")
    write(done, lambda i: opener(paths[i]), len(paths))
    return done, len(paths)
