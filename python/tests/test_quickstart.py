"""The quick starts of docs/attach.md, on a small MNIST, and of README.md, run as they stand."""

import gzip
import os
import pathlib
import re
import struct
import subprocess
import sys
import zipfile

import pytest
from reader import read_run

pytest.importorskip("torch")
np = pytest.importorskip("numpy")
ROOT = pathlib.Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "docs" / "attach.md"


def test_quick_start(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert [line[-1] for line in code.splitlines() if re.search(r" # \d$", line)] == ["1", "2", "3"]
    (tmp_path / "mnist").mkdir()
    r = np.random.default_rng(0)
    for part, n in (("train", 640), ("t10k", 50)):
        labels = r.integers(0, 10, n, dtype=np.uint8)
        images = r.integers(0, 100, (n, 28, 28), dtype=np.uint8) + 15 * labels[:, None, None]
        for kind, head, body in (("images-idx3", (0x803, n, 28, 28), images), ("labels-idx1", (0x801, n), labels)):
            raw = struct.pack(f">{len(head)}I", *head) + body.tobytes()
            (tmp_path / "mnist" / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(raw))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    got = read_run(tmp_path / "runs" / "quick")
    assert sorted(got) == list(range(11)) and len(got[10]) == 50
    with zipfile.ZipFile(tmp_path / "runs" / "quick" / "images" / "test.zip") as archive:
        assert len(archive.namelist()) == 50


def test_readme(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert [line[-1] for line in code.splitlines() if re.search(r" # \d$", line)] == ["1", "2", "3"]
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    got = read_run(tmp_path / "runs" / "mine")
    assert min(got) == 0 and len(got) > 20 and all(len(predictions) == 1000 for predictions in got.values())
    assert (tmp_path / "mine.npz").exists()
