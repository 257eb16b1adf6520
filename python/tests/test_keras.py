"""shoal.keras against the real Keras, with each backend that is installed, in processes of their own."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

if importlib.util.find_spec("keras") is None:
    pytest.skip("keras is not installed", allow_module_level=True)

BACKENDS = [b for b in ("torch", "jax") if importlib.util.find_spec(b)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_a_process_of_its_own(tmp_path, backend):
    script = pathlib.Path(__file__).with_name("keras_cases.py")
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "inner"), str(script)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
