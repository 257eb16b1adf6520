import os
import pathlib
import sys

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the models of these tests are tiny
HERE = pathlib.Path(__file__).parent
# The package of this tree, in this process and in those that tests start.
sys.path[:0] = [str(HERE.parent / "src"), str(HERE)]
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])

LAUNCHERS = (
    "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_NPROCS",
    "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch):
    for name in LAUNCHERS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Makes a program of a script for sh and names it by SHOAL_BINARY; it keeps its arguments in tmp_path/arguments."""
    if os.name == "nt":
        pytest.skip("needs sh")
    monkeypatch.delenv("SHOAL_BINARY", raising=False)

    def make(script, path=tmp_path / "programs" / "shoal", named=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{tmp_path}/arguments'\n{script}\n")
        path.chmod(0o755)
        if named:
            monkeypatch.setenv("SHOAL_BINARY", str(path))
        return path

    return make
