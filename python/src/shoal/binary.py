"""The program ``shoal``: where it is, and calls of it.

Attaching needs only this package. What reads a run back (:func:`shoal.read`, :func:`shoal.show`) asks
the program, so that files of runs have one reader. The wheels of python/wheels.py carry it; what is
installed from the source doesn't.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import warnings
from typing import List

from .log import ShoalWarning

_NAME = "shoal.exe" if os.name == "nt" else "shoal"
_MISSING = (
    "the program shoal is neither beside this package nor on PATH: install a wheel that carries it "
    "(shoal-VERSION-py3-none-PLATFORM.whl), or build it in shoal's repository (go build ./cmd/shoal) and name it by "
    "the environment variable SHOAL_BINARY"
)


def find() -> str:
    """The path of the program: SHOAL_BINARY, else beside this package, else on PATH.

    SHOAL_BINARY is a path, or a name on PATH. Raises FileNotFoundError, which says how to get the
    program, where there is none; what SHOAL_BINARY names is never replaced by another.
    """
    given = os.environ.get("SHOAL_BINARY")
    if given:
        path = shutil.which(given)
        if path is None:
            raise FileNotFoundError(f"SHOAL_BINARY is {given!r}: want the path of the program shoal")
        return path
    for folder in _beside():
        path = os.path.join(folder, _NAME)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    path = shutil.which("shoal")
    if path is None:
        raise FileNotFoundError(_MISSING)
    return path


def _beside() -> List[str]:
    """The folders in which installers put the scripts of a wheel, the likeliest first."""
    site = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.version_info >= (3, 10):
        user = sysconfig.get_preferred_scheme("user")
    else:
        user = f"{os.name}_user"
    folders = [sysconfig.get_path("scripts")]
    if user in sysconfig.get_scheme_names():
        folders.append(sysconfig.get_path("scripts", user))
    folders.append(os.path.join(site, "bin"))  # pip install --target
    if os.path.basename(site) in ("site-packages", "dist-packages"):  # pip install --prefix
        levels, scripts = ([os.pardir] * 2, "Scripts") if os.name == "nt" else ([os.pardir] * 3, "bin")
        folders.append(os.path.normpath(os.path.join(site, *levels, scripts)))
    return folders


def call(*arguments: str) -> str:
    """Runs the program and returns what it prints; its warnings become ShoalWarning.

    Raises FileNotFoundError without the program, ValueError for what it was asked in vain (its exit
    status 2), RuntimeError for what failed, each with its message.
    """
    program = find()
    try:
        done = subprocess.run(
            [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
        )
    except OSError as e:
        raise RuntimeError(f"{program} can't be run: {e.strerror}: is it built for this machine?") from None
    said = done.stderr.strip().splitlines()
    if done.returncode:
        message = "\n".join(line for line in said if line.startswith("shoal: ")) or "\n".join(said[-3:])
        kind = ValueError if done.returncode == 2 else RuntimeError
        raise kind(message or f"{program} {arguments[0]} ended with status {done.returncode}")
    for line in said:
        if line.startswith("warning: "):
            warnings.warn(f"shoal: {line[len('warning: ') :]}", ShoalWarning, stacklevel=3)
    return done.stdout
