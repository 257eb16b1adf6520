#!/usr/bin/env python3
"""Count where two runs of one study predict differently.

usage: compare.py RUN RUN      needs numpy and zstandard
"""

import sqlite3
import sys

import numpy as np
import zstandard


def read(folder):
    """Labels [N] and the predicted classes [N] of every evaluation, by step."""
    db = sqlite3.connect(f"file:{folder}/run.db?mode=ro", uri=True)
    labels = np.array([row[0] for row in db.execute("SELECT label FROM example ORDER BY id")])
    kind = np.uint8 if labels.max() < 256 else np.dtype("<u2")
    rows = db.execute("SELECT step, predictions FROM evaluation ORDER BY step")
    return labels, {step: np.frombuffer(zstandard.decompress(blob), kind) for step, blob in rows}


def main(first, second):
    labels, a = read(first)
    again, b = read(second)
    if not np.array_equal(labels, again) or a.keys() != b.keys():
        sys.exit("these runs score other examples, or at other steps")
    print("step  other class  other side of right and wrong  accuracies")
    total = [0, 0]
    for step in a:
        other = int((a[step] != b[step]).sum())
        right = [x[step] == labels for x in (a, b)]
        side = int((right[0] != right[1]).sum())
        total = [total[0] + other, total[1] + side]
        if step in (0, 10, 30, 70, 100, 190, 300, 500, 700) or step == max(a):
            print(f"{step:4}  {other:11}  {side:29}  {right[0].mean():.4f} {right[1].mean():.4f}")
    print(f"in all {total[0]} and {total[1]} of {len(a) * len(labels)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
