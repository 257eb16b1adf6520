"""Reads what make.py made: data(FOLDER, NAME) is x_train, y_train, x_test, y_test, classes."""
import pathlib

import numpy as np


def data(folder, name):
    folder = pathlib.Path(folder)
    if name != "table":
        d = np.load(folder / f"{name}.npz")
        return d["x_train"], d["y_train"], d["x_test"], d["y_test"], int(d["y_train"].max()) + 1
    out = []
    for part in "train", "test":
        rows = [line.rstrip("\n").split(",") for line in open(folder / "table" / f"{part}.csv")][1:]
        out += [np.array([r[:-1] for r in rows], np.float32), np.array([r[-1] for r in rows])]
    classes, out[1] = np.unique(out[1], return_inverse=True)
    out[3] = np.searchsorted(classes, out[3])
    return *out, list(classes)
