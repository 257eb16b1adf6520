#!/usr/bin/env python3
"""Compares boosting with HistGradientBoostingClassifier: the same examples, dealt to training and test
again for every split, each with a seed of its own for the examples that early stopping goes by.

usage: boosting.py FOLDER SPLITS table|text|embeddings...    (FOLDER is that of run.sh; SHOAL names the program)
       boosting.py table FILE...

Prints one line of JSON a split, and at the end a table: mean accuracies, and the mean difference with
its 95 % interval by Student's t over the splits. SPLITS is their number, or the first and the last, 5-8.
The second form prints the table of lines that several calls printed.
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.stats import t
from sklearn.ensemble import HistGradientBoostingClassifier

from data import data


def compare(folder, name, seeds):
    """Both models, by lines of JSON as they come."""
    x, y, x_test, y_test, _ = data(folder, name)
    if name == "text":  # its most frequent words
        x, x_test = x[:, :300], x_test[:, :300]
    x, y, n = np.concatenate([x, x_test]).astype(np.float32), np.concatenate([y, y_test]).astype(np.int64), len(x)
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(x))
        train, test = order[:n], order[n:]
        with tempfile.TemporaryDirectory(dir=folder) as place:
            path = pathlib.Path(place) / "d.npz"
            np.savez(path, x_train=x[train], y_train=y[train], x_test=x[test], y_test=y[test])
            answer = subprocess.run([os.environ.get("SHOAL", "shoal"), "fit", "boosting", f"npz:{path}", "--seed", str(seed), "--workers", os.environ.get("JOBS", "2"), "--no-cache", "--json"],
                                    check=True, capture_output=True, text=True)
        a = json.loads(answer.stdout)
        start = time.time()
        m = HistGradientBoostingClassifier(random_state=seed).fit(x[train], y[train])
        accuracy = m.score(x[test], y[test])
        yield {"features": name, "seed": seed, "shoal": a["accuracy"], "scikit-learn": accuracy, "iterations": a["facts"]["iterations"], "iterations_scikit-learn": m.n_iter_,
               "seconds": a["fit_seconds"] + a["predict_seconds"], "seconds_scikit-learn": time.time() - start}


def table(lines):
    print("| features | splits | shoal | scikit-learn | difference, points |\n| --- | --- | --- | --- | --- |")
    for name in dict.fromkeys(line["features"] for line in lines):
        ours, theirs = (100 * np.array([line[side] for line in lines if line["features"] == name]) for side in ("shoal", "scikit-learn"))
        d = ours - theirs
        half = t.ppf(.975, len(d) - 1) * d.std(ddof=1) / math.sqrt(len(d))
        print(f"| {name} | {len(d)} | {ours.mean():.2f} % | {theirs.mean():.2f} % | {d.mean():+.2f} [{d.mean() - half:+.2f}, {d.mean() + half:+.2f}] |")


if sys.argv[1] == "table":
    table([json.loads(line) for path in sys.argv[2:] for line in open(path) if line.startswith("{")])
else:
    folder, splits, *names = sys.argv[1:]
    first, last = splits.split("-") if "-" in splits else (1, splits)
    lines = []
    for name in names:
        for line in compare(folder, name, range(int(first), int(last) + 1)):
            print(json.dumps(line), flush=True)
            lines.append(line)
    table(lines)
