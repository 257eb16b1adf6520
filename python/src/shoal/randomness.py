"""Leaves the random numbers of a training as they would be without shoal."""

from __future__ import annotations

import contextlib
import random
import sys
from typing import Any, Iterator


@contextlib.contextmanager
def preserved() -> Iterator[None]:
    """Restores the random state of Python and, where the program has loaded them, NumPy and PyTorch.

    PyTorch's generators of the CPU and of every CUDA, XPU and MPS device that is in use are restored,
    also after an exception. Generators that a program made for itself are its own affair.
    """
    python = random.getstate()
    numpy = sys.modules.get("numpy")
    torch = sys.modules.get("torch")
    legacy = numpy.random.get_state() if numpy is not None else None
    devices = _states(torch)
    try:
        yield
    finally:
        random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(legacy)
        for restore, state in devices:
            restore(state)


def _states(torch: Any) -> list[tuple[Any, Any]]:
    """What restores each of PyTorch's generators, with its state now."""
    if torch is None or not hasattr(torch, "get_rng_state"):
        return []
    out = [(torch.set_rng_state, torch.get_rng_state())]
    for name in ("cuda", "xpu"):
        kind = getattr(torch, name, None)
        if kind is not None and kind.is_initialized():
            out.append((kind.set_rng_state_all, kind.get_rng_state_all()))
    mps = getattr(torch, "mps", None)
    if mps is not None and torch.backends.mps.is_available():
        out.append((mps.set_rng_state, mps.get_rng_state()))
    return out
