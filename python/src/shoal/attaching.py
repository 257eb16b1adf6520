"""Attaching: what is checked before a training starts, and the header of its log.

n is the number of examples of the evaluation split, K of classes.
"""

from __future__ import annotations

import operator
import os
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import arrays
from . import log as logs
from .run import Run, Values
from .schedule import Budget, Pace, parse


def attach(
    folder: str | os.PathLike[str],
    labels: Any,
    classes: int | Sequence[str] | None = None,
    dataset: Optional[str] = None,
    seed: Optional[int] = None,
    network: Optional[str] = None,
    evaluate: str = "log:1.05",
    steps_per_epoch: Optional[int] = None,
    ids: Optional[Sequence[Any]] = None,
    images: Any = None,
    split: str = "test",
    resumed_from: Optional[int] = None,
    more: Optional[Mapping[str, Any]] = None,
    *,
    steps: Optional[int] = None,
    values: Values = None,
    framework: Optional[str] = None,
    rank: Optional[int] = None,
    ranks: Optional[int] = None,
) -> Run:
    """Begins a log in ``folder`` (RUN/log/*.jsonl) for a training that is about to start.

    labels           [n] classes of the evaluation split, in the fixed order in which it is scored
    classes          names of the classes, or their number; by default the largest label plus 1, where the least is 0
    dataset          name of the dataset, such as "mnist" or "folder:photos": what ``shoal compare`` fits references on
    seed, network    what the run is called by in tables and pages
    evaluate         when to score: see shoal.schedule. ``budget:5%`` bounds the share of the time
    steps_per_epoch  optimiser updates of an epoch; needed by an @ in ``evaluate``, and fills in epochs
    ids              [n] names of the examples, no two the same
    images           paths [n], an array [n, ...], or a function i -> image: thumbnails for the pages, see shoal.images
    split            "test", "train" or another name; each split of a run has its own log
    resumed_from     the step of the checkpoint that this process resumes from
    more             whatever else should be kept, as JSON
    steps            optimiser updates in all, if known: the last one is then always scored; a tail in ``evaluate`` needs it
    values           what ``log`` keeps of every example where it is not told, see ``Run.log``
    framework        by default what the program has imported, such as "torch 2.9.0"
    rank, ranks      of this process, by default from RANK, LOCAL_RANK, SLURM_PROCID or OMPI_COMM_WORLD_RANK

    Raises ValueError or TypeError for what can't be followed, OSError if the folder can't be
    written, FileExistsError if it has a run of this split already and ``resumed_from`` is None.
    """
    names = _class_names(classes, labels)
    count = names if isinstance(names, int) else len(names)
    packed = arrays.pack_classes(labels, count, "label")
    n = len(packed) // arrays.width(count)
    rank, ranks = _processes(rank, ranks)
    resumed = None if resumed_from is None else _natural(resumed_from, "resumed_from")
    schedule = parse(evaluate, None if steps_per_epoch is None else _natural(steps_per_epoch, "steps_per_epoch"))
    if isinstance(schedule, Budget) and ranks > 1:
        raise ValueError(
            f"evaluate is {evaluate!r} with {ranks} ranks: their clocks would disagree on when to score; use log:1.05"
        )
    _check_split(split, n)
    for what, text in (("dataset", dataset), ("network", network), ("framework", framework)):
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{what} is {text!r}: want its name, as text")
    before = -1 if resumed is None else resumed
    pace = Pace(schedule, steps, before)
    header = {
        "shoal_log": logs.VERSION, "split": split, "n": n, "classes": names, "labels": arrays.encode(packed),
        "dataset": dataset, **_place(dataset), "network": network, "seed": None if seed is None else operator.index(seed),
        "framework": framework or _framework(), "rank": rank, "ranks": ranks, "resumed_from": resumed,
        **({} if ids is None else {"ids": _ids(ids, n)}), "more": dict(more or {}),
    }  # fmt: skip
    first, root = logs.dump(header), os.fspath(folder)
    after, begun = _fits_earlier(root, header, packed)
    if images is not None and rank == 0:
        from .images import keep

        keep(root, split, images, n, again=not begun)
    run = Run.__new__(Run)
    run._begin(root, packed, count, split, rank, ranks, pace, steps_per_epoch, before, values)
    run._writer = logs.Writer(os.path.join(root, "log"), rank, first, after)
    run.path = run._writer.path
    return run


def _place(dataset: Optional[str]) -> Dict[str, str]:
    """The folder that a path in ``dataset`` counts from, for whoever compares the run from another one."""
    return {"folder": os.getcwd()} if dataset is not None and ":" in dataset else {}


def _class_names(classes: Any, labels: Any) -> int | List[str]:
    if classes is None:
        plain = arrays.host(labels)
        classes = int(max(plain)) + 1 if len(plain) else 1
        if len(plain) and min(plain) > 0:
            raise ValueError(
                f"labels are {int(min(plain))} to {classes - 1}: classes count from 0; where no example is of class 0, "
                "give classes=, their number or names"
            )
    try:
        count = operator.index(classes)
    except TypeError:
        names = [str(c) for c in classes]
        if isinstance(classes, str) or len(set(names)) != len(names):
            raise ValueError("classes: want a number, or a list of names of which no two are the same") from None
        count = len(names)
        classes = names
    else:
        classes = count
    if not 1 <= count <= 65536:
        raise ValueError(f"there are {count} classes: want 1 to 65536")
    return classes  # type: ignore[no-any-return]


def _processes(rank: Optional[int], ranks: Optional[int]) -> tuple[int, int]:
    """Rank and number of ranks: as given, else as the launcher says."""
    here, world = logs.rank_of(os.environ)
    rank = here if rank is None else _natural(rank, "rank")
    return rank, max(world if ranks is None else _natural(ranks, "ranks"), rank + 1)


# Files and folders of a run folder: a split has a folder of its name there.
_OF_RUN = frozenset(
    "run.lock summary.json report.html study.toml easiness figures checkpoints ladder images log".split()
)


def _check_split(split: str, n: int) -> None:
    if not split or set(split) & set("/\\:\0") or split.startswith(".") or len(split.encode()) > 100:
        raise ValueError(f"split is {split!r}: want a name such as test or train")
    if split.casefold() in _OF_RUN or split.casefold().startswith("run.db"):
        raise ValueError(
            f"split is {split!r}, which a run folder has for something else: want a name such as test or train"
        )
    if n == 0:
        raise ValueError("there are no labels: want one an example")


def _ids(ids: Sequence[Any], n: int) -> List[str]:
    names = [str(i) for i in arrays.host(ids)]
    if len(names) != n:
        raise ValueError(f"there are {len(names)} ids, want {n}, one an example")
    if len(set(names)) != n:
        seen: Dict[str, int] = {}
        for i, name in enumerate(names):
            if seen.setdefault(name, i) != i:
                raise ValueError(f"ids {seen[name]} and {i} are both {name!r}: want a name of its own for each example")
    return names


def _fits_earlier(root: str, header: Dict[str, Any], labels: bytes) -> Tuple[float, bool]:
    """Checks the logs that the folder has already; returns the newest one's time, 0 for none, and
    whether any has an evaluation.

    ``header`` is that of the log to be begun, and ``labels`` its packed labels.
    """
    split, rank, n, resumed = header["split"], header["rank"], header["n"], header["resumed_from"]
    classes = _count(header["classes"])
    folder = os.path.join(root, "log")
    if os.path.exists(os.path.join(root, "run.db")) and not os.path.isdir(folder):
        raise FileExistsError(f"{root} is a run that shoal trained: want another folder")
    files = logs.earlier(folder, split, rank)
    for file in files:
        if not file.evaluated:
            continue
        if resumed is None:
            raise FileExistsError(
                f"{root} has a run of split {split!r} already ({os.path.basename(file.path)}): "
                "give resumed_from=STEP to continue it, or another folder"
            )
        there = _count(file.header["classes"])
        old = arrays.decode(file.header["labels"])
        if (file.header["n"], there) != (n, classes):
            raise ValueError(
                f"{file.path} has {file.header['n']} examples of {there} classes, got {n} of {classes}: it is another run"
            )
        if old != labels:
            pairs = zip(arrays.unpack_classes(labels, classes), arrays.unpack_classes(old, classes))
            i, a, b = next((i, a, b) for i, (a, b) in enumerate(pairs) if a != b)
            raise ValueError(f"{file.path} has other labels, first at index {i}: got {a}, want {b}: it is another run")
        for key in ("classes", "ids"):
            _same_names(file, key, header.get(key))
    return max((file.time for file in files), default=0), any(file.evaluated for file in files)


def _count(classes: int | List[str]) -> int:
    return classes if isinstance(classes, int) else len(classes)


def _same_names(file: logs.Earlier, key: str, names: Any) -> None:
    """Compares classes or ids, where both logs have their names."""
    old = file.header.get(key)
    if not isinstance(names, list) or not isinstance(old, list):
        return
    for i, (a, b) in enumerate(zip(names, old)):
        if a != b:
            raise ValueError(
                f"{file.path} has other {key}, first at index {i}: got {a!r}, want {b!r}: they are in another order, "
                "or it is another run"
            )


def _natural(value: Any, what: str) -> int:
    value = operator.index(value)
    if value < 0:
        raise ValueError(f"{what} is {value}: want 0 or more")
    return int(value)


def _framework() -> str:
    for name in ("torch", "jax", "tensorflow", "mxnet"):
        version = getattr(sys.modules.get(name), "__version__", None)
        if version:
            return f"{name} {version}"
    return "python {}.{}.{}".format(*sys.version_info[:3])
