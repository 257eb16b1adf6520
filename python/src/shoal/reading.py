"""A run in NumPy and pandas, as ``shoal export`` writes it.

T is the number of evaluations, N of examples of an evaluation split. NumPy is imported here only,
and only when a run is read; pandas only for the tables.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
import tempfile
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from . import binary

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclasses.dataclass(eq=False, repr=False)
class Recorded:
    """One evaluation split of a run.

    run, split   what was read; a split of None is the run's main one
    steps        [T] int64, optimiser updates done; ascending
    predictions  [T, N] uint8, or uint16 with more than 256 classes
    labels       [N] as predictions
    right        [T, N] bool; where the log doesn't say, whether the prediction is the label
    epochs       [T] float64, NaN where it is not known, as are loss and accuracy
    loss         [T] float64, as it was logged
    accuracy     [T] float64, 0 to 1
    names        [N] text, or None where examples have no names
    references   by name: [N] predictions of a shallow model
    margins      by name: [N] float32, of the references that have them
    values       by name: [N] float64, NaN where not known: aum, el2n, confidence, variability, mean_loss
    learned_step, share_learned   [N] float64: the order of learning, as in examples(); NaN where it
                 has none. None where the program that reads the run is too old to say

    Names of references are those of the export: all but letters, digits, dot, hyphen and underscore
    is an underscore.
    """

    run: str
    split: Optional[str]
    steps: np.ndarray
    predictions: np.ndarray
    labels: np.ndarray
    right: np.ndarray
    epochs: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    names: Optional[np.ndarray]
    references: Dict[str, np.ndarray]
    margins: Dict[str, np.ndarray]
    values: Dict[str, np.ndarray]
    learned_step: Optional[np.ndarray] = None
    share_learned: Optional[np.ndarray] = None

    def __repr__(self) -> str:
        evaluations, examples = self.predictions.shape
        references = ", ".join(self.references) or "none"
        return f"<shoal run {self.run!r}: {evaluations} evaluations of {examples} examples; references: {references}>"

    def curves(self) -> pd.DataFrame:
        """A row for each evaluation and reference: step, epoch, loss, accuracy, both, shallow_only,
        deep_only, neither, and all statistics with their intervals (docs/statistics.md).

        What is undefined is NaN, what is infinite inf; counts are Int64 where some are missing. Raises ModuleNotFoundError without pandas, RuntimeError if the run was
        evaluated again since it was read, and what :func:`read` raises.
        """
        table = self._table("curves")
        if table["step"].drop_duplicates().tolist() != self.steps.tolist():
            raise RuntimeError(f"{self.run} has other evaluations now than when it was read: read it again")
        return table

    def examples(self) -> pd.DataFrame:
        """A row for each example: its label, when it is learned, forgotten and learned for good, what
        the references say of it. Raises what :meth:`curves` raises.
        """
        table = self._table("examples")
        if len(table) != len(self.labels):
            raise RuntimeError(f"{self.run} has other examples now than when it was read: read it again")
        return table

    def _table(self, name: str) -> pd.DataFrame:
        pd = _module("pandas")
        with tempfile.TemporaryDirectory(prefix="shoal-") as folder:
            out = os.path.join(folder, "tables")
            _export(self.run, self.split, "csv", out)
            # Before 3.1 pandas reads some floats as their neighbours unless it is told not to.
            old = tuple(int(part) for part in pd.__version__.split(".")[:2]) < (3, 1)
            exact: Dict[str, Any] = {"float_precision": "round_trip"} if old else {}
            file = os.path.join(out, f"{name}.csv")
            # Names are texts, also where they look like numbers. Only an empty field is a missing value: a
            # class may be called NA.
            head = pd.read_csv(file, nrows=0).columns
            texts = {c: str for c in head if c in ("name", "class", "reference") or c.startswith("group_")}
            return _typed(pd.read_csv(file, keep_default_na=False, na_values=[""], dtype=texts, **exact))


def read(run: str | os.PathLike[str], split: Optional[str] = None) -> Recorded:
    """Reads the run in the folder ``run``: what was predicted, and what its references predict.

    ``split`` names one of a run that has several; by default the main one. A log that was attached
    is first brought in, as all commands of the program do.

    Raises ModuleNotFoundError without NumPy, FileNotFoundError without the program, ValueError or
    RuntimeError with the program's message if it can't read the run.
    """
    np = _module("numpy")
    run = os.fsdecode(run)
    with tempfile.TemporaryDirectory(prefix="shoal-") as folder:
        out = os.path.join(folder, "run.npz")
        _export(run, split, "npz", out)
        with np.load(out, allow_pickle=False) as archive:
            arrays: Dict[str, Any] = {name: archive[name] for name in archive.files}
    references, margins = _named(arrays, "reference_"), _named(arrays, "margin_")
    predictions, labels = arrays.pop("predictions"), arrays.pop("labels")
    right = arrays.pop("right") != 0 if "right" in arrays else predictions == labels
    known = {name: arrays.pop(name) for name in ("steps", "epochs", "loss", "accuracy")}
    known.update({name: arrays.pop(name, None) for name in ("learned_step", "share_learned")})
    return Recorded(
        run=run, split=split, predictions=predictions, labels=labels, right=right, names=arrays.pop("names", None),
        references=references, margins=margins, values=arrays, **known,
    )  # fmt: skip


def _module(name: str) -> Any:
    """A module that only what reads runs needs; ModuleNotFoundError says how to get it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name != name:
            raise
        raise ModuleNotFoundError(
            f"shoal reads runs with {name}, which is not there: pip install {name}", name=name
        ) from None


_WHOLE = re.compile(
    "id|label|((first_right|right_for_good|learned)_)?step|both|shallow_only|deep_only|neither|times_forgotten(_per_epoch)?"
    "|final_prediction|prediction_.*"
)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a CSV in the types that the Parquet has, whatever values they happen to hold."""
    for column, kind in table.dtypes.items():
        if _WHOLE.fullmatch(column) and kind == "float64":  # some are missing
            table[column] = table[column].astype("Int64")
        elif kind == "int64" and not _WHOLE.fullmatch(column):
            table[column] = table[column].astype("float64")
    return table


def _named(arrays: Dict[str, Any], prefix: str) -> Dict[str, Any]:
    """Takes the arrays whose names begin with prefix out of arrays."""
    names = [name for name in arrays if name.startswith(prefix)]
    return {name[len(prefix) :]: arrays.pop(name) for name in names}


def _export(run: str, split: Optional[str], kind: str, out: str) -> None:
    arguments: List[str] = ["export", f"--format={kind}", f"--out={out}"]
    if split is not None:
        arguments.append(f"--split={split}")
    binary.call(*arguments, "--", run)
