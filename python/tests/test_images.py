"""Thumbnails: what is written, how large it is, and the command that makes them from paths."""

import json
import os
import random
import struct
import zipfile
import zlib

import pytest

import shoal
from shoal import __main__, images, png


def unpng(data):
    """Width, height, channels and pixels of a PNG of this package, read by the standard's text."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, body, head = 8, b"", None
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        name, chunk = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(name + chunk)
        head, body = (chunk if name == b"IHDR" else head), body + (chunk if name == b"IDAT" else b"")
        at += 12 + size
    assert name == b"IEND"
    width, height, depth, colour = struct.unpack(">IIBB", head[:10])
    channels = {0: 1, 2: 3}[colour]
    lines, stride, above, out = zlib.decompress(body), width * channels, bytes(width * channels), b""
    for y in range(height):
        kind, row = lines[y * (stride + 1)], lines[y * (stride + 1) + 1 : (y + 1) * (stride + 1)]
        above = bytes((a + b) % 256 for a, b in zip(row, above)) if kind == 2 else row
        assert kind in (0, 2)
        out += above
    return width, height, channels, out


def picture(height, width, channels, seed=0):
    r = random.Random(seed)
    return [[[r.randrange(256) for _ in range(channels)] for _ in range(width)] for _ in range(height)]


@pytest.mark.parametrize("size", [(1, 1, 1), (5, 3, 1), (28, 28, 1), (7, 9, 3)])
def test_png_is_lossless(size):
    height, width, channels = size
    flat = bytes(v for row in picture(*size) for p in row for v in p)
    assert unpng(png.encode(width, height, channels, flat)) == (width, height, channels, flat)
    smooth = bytes(range(0, 200, 2)) * 3
    assert unpng(png.encode(100, 3, 1, smooth)) == (100, 3, 1, smooth)


def test_png_refuses():
    with pytest.raises(ValueError, match="3 bytes for 2 x 2"):
        png.encode(2, 2, 1, b"abc")


@pytest.mark.parametrize("size", [(32, 32, 3), (64, 64, 3), (64, 40, 1), (200, 100, 3), (1, 900, 1)])
def test_size_is_bounded(size):
    data, kind = images.thumbnail(picture(*size))
    width, height, channels, _ = unpng(data)
    assert kind == "png" and len(data) <= images.MOST and max(width, height) <= images.SIDE
    assert (
        channels == size[2]
        and abs(width / height - size[1] / size[0]) < 0.1 * size[1] / size[0]
        or 1 in (width, height)
    )


def test_shrinking_averages():
    assert images._shrink(4, 2, 1, bytes([0, 2, 10, 20, 4, 6, 30, 40]), 2) == (2, 1, bytes([3, 25]))
    white = [[[255, 0, 128]] * 130] * 70
    assert set(unpng(images.thumbnail(white)[0])[3][0::3]) == {255}


def test_layouts():
    hwc = picture(4, 6, 3)
    chw = [[[hwc[y][x][c] for x in range(6)] for y in range(4)] for c in range(3)]
    assert images.thumbnail(hwc) == images.thumbnail(chw)
    grey = [[float(x) / 255 for x in range(6)] for _ in range(4)]
    assert unpng(images.thumbnail(grey)[0]) == (6, 4, 1, bytes(range(6)) * 4)
    assert images.thumbnail([[[v, v, v, 7] for v in range(5)]]) == images.thumbnail([[[v, v, v] for v in range(5)]])
    normalised = [[-1.0, 0.0, 3.0]]
    assert unpng(images.thumbnail(normalised)[0])[3] == bytes([0, 64, 255])
    for bad in ([1, 2, 3], [[[1, 2]], [[1, 2]]], [[]], [[float("nan")]]):
        with pytest.raises(ValueError):
            images.thumbnail(bad)


def test_images_of_an_attached_run(tmp_path):
    state = random.getstate()

    def image(i):
        return [[int(random.random()) + i, i], [0, 255]]

    shoal.attach(tmp_path, [0, 1, 2], images=image).close()
    assert random.getstate() == state
    with zipfile.ZipFile(tmp_path / "images" / "test.zip") as archive:
        assert archive.namelist() == ["0.png", "1.png", "2.png"]
        assert unpng(archive.read("2.png")) == (2, 2, 1, bytes([2, 2, 0, 255]))
    assert [p.name for p in (tmp_path / "images").iterdir()] == ["test.zip"]
    shoal.attach(tmp_path, [0, 1, 2], images=[1, 2, 3], rank=1, ranks=2).close()  # rank 0's affair
    with pytest.raises(ValueError, match="2 images, want 3"):
        shoal.attach(tmp_path / "b", [0, 1, 2], images=[[[0]], [[1]]])
    with pytest.raises(ValueError, match="image 1: has shape"):
        shoal.attach(tmp_path / "b", [0, 1], images=[[[0]], [1]])
    assert not list((tmp_path / "b").rglob("*.*"))


def test_images_of_a_log_without_an_evaluation_are_replaced(tmp_path):
    def first():
        with zipfile.ZipFile(tmp_path / "images" / "test.zip") as archive:
            return unpng(archive.read("0.png"))[3]

    shoal.attach(tmp_path, [0, 1], images=[[[1]], [[2]]]).close()
    shoal.attach(tmp_path, [0, 1], images=["a.png", "b.png"]).close()
    assert [p.name for p in (tmp_path / "images").iterdir()] == ["test.paths.json"]
    with shoal.attach(tmp_path, [0, 1], images=[[[3]], [[4]]]) as run:
        run.log(0, [0, 1])
    assert first() == bytes([3]) and [p.name for p in (tmp_path / "images").iterdir()] == ["test.zip"]
    shoal.attach(tmp_path, [0, 1], images=[[[5]], [[6]]], resumed_from=0).close()
    assert first() == bytes([3])


def test_paths(tmp_path, capsys):
    run = tmp_path / "run"
    shoal.attach(run, [0, 1], images=[tmp_path / "a.png", "b.png"], split="train").close()
    manifest = json.loads((run / "images" / "train.paths.json").read_text())
    assert manifest["n"] == 2 and manifest["paths"][0] == str(tmp_path / "a.png") and manifest["shoal_images"] == 1
    path, n = images.from_paths(str(run / "images" / "train.paths.json"), lambda path: [[len(path)]])
    assert n == 2 and zipfile.ZipFile(path).namelist() == ["0.png", "1.png"]
    assert __main__.main(["thumbnails", str(run)]) == 0
    assert "no thumbnails to make" in capsys.readouterr().out
    assert __main__.main(["thumbnails", str(tmp_path / "rum")]) == 1
    assert "is not a folder: want the folder of a run" in capsys.readouterr().err


def test_pillow(tmp_path, capsys):
    pillow = pytest.importorskip("PIL.Image")
    for i in range(2):
        pillow.frombytes("RGB", (90, 60), bytes(v for row in picture(60, 90, 3, i) for p in row for v in p)).save(
            tmp_path / f"{i}.png"
        )
    shoal.attach(tmp_path / "run", [0, 1], images=[tmp_path / "0.png", tmp_path / "1.png"]).close()
    assert __main__.main(["thumbnails", str(tmp_path / "run")]) == 0
    with zipfile.ZipFile(tmp_path / "run" / "images" / "test.zip") as archive:
        assert archive.namelist() == ["0.jpg", "1.jpg"]
        with archive.open("0.jpg") as file:
            assert pillow.open(file).size == (64, 43)
        assert len(archive.read("0.jpg")) <= images.MOST
    (tmp_path / "1.png").write_bytes(b"no image")
    shoal.attach(tmp_path / "bad", [0, 1], images=[tmp_path / "0.png", tmp_path / "1.png"]).close()
    assert __main__.main(["thumbnails", str(tmp_path / "bad")]) == 1
    assert "1.png" in capsys.readouterr().err


def test_what_killed_processes_left_is_removed(tmp_path):
    path = tmp_path / "test.zip"
    old, young, other = (tmp_path / name for name in ("test.zip.1.partial", "test.zip.2.partial", "train.zip.1.partial"))
    for file in (old, young, other):
        file.write_bytes(b"x")
    for file in (old, other):
        os.utime(file, (0, 0))
    images.write(str(path), lambda i: [[0, 1], [2, 3]], 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["test.zip", "test.zip.2.partial", "train.zip.1.partial"]
