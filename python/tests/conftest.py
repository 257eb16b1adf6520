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
