"""python -m shoal."""

import subprocess
import sys

import pytest

import shoal
from shoal.__main__ import main


def test_it_says_what_it_is():
    done = subprocess.run([sys.executable, "-m", "shoal"], capture_output=True, text=True)
    assert (
        done.returncode == 0 and "three lines" in done.stdout and "thumbnails" in done.stdout and "check" in done.stdout
    )
    assert subprocess.run([sys.executable, "-m", "shoal", "nothing"], capture_output=True).returncode == 2


def test_nothing_is_imported():
    code = "import sys, shoal; print([m for m in ('numpy', 'torch', 'jax', 'keras', 'PIL') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda t: t, None),
        (lambda t: t[:-5], None),
        (lambda t: t.replace('"step":2', '"step":1'), "line 3: step 1 after step 1"),
        (lambda t: t.replace('"predictions"', '"guesses"'), "line 2: lacks 'predictions'"),
        (lambda t: t.replace('"shoal_log":1', '"shoal_log":2'), "line 1: version 2, want 1"),
        (lambda t: t.replace('"n":3', '"n":4'), "line 1: labels have 3 bytes, want 4"),
        (lambda t: "x" + t, "line 1 isn't JSON: want a log"),
        (lambda t: "", "has no header"),
    ],
)
def test_check(tmp_path, capsys, damage, message):
    with shoal.attach(tmp_path, [0, 1, 2]) as run:
        run.log(1, [0, 0, 0])
        run.log(2, [0, 0, 0])
    path = tmp_path / "log" / "copy"
    with open(run.path) as file:
        path.write_text(damage(file.read()))
    status = main(["check", str(path)])
    out = capsys.readouterr()
    assert status == (message is not None)
    assert message in out.err if message else "3 examples" in out.out
