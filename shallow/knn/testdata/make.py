#!/usr/bin/env python3
"""Writes reference.json: scikit-learn's KNeighborsClassifier (brute) on made-up bytes.

usage: make.py > reference.json

The bytes come from the recurrence below, which the Go test repeats, so the file
holds only the shares of the votes.
"""
import json

import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier


def made_up(n, d, c, state):
    """n rows of d bytes around c centres, with labels in turn: a linear congruential generator."""
    def draw(below):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % below
    centre = [[draw(256) for _ in range(d)] for _ in range(c)]
    y = [i % c for i in range(n)]
    x = [[min(255, max(0, centre[k][j] + draw(241) - 120)) for j in range(d)] for k in y]
    return np.array(x, np.uint8), np.array(y)


rows = []
for n, d, c, k in ((300, 9, 4, 5), (200, 30, 3, 1), (250, 5, 6, 8)):
    x, y = made_up(n, d, c, 7)
    xt, _ = made_up(n + 40, d, c, 7)
    m = KNeighborsClassifier(k, algorithm="brute").fit(x.astype(float), y)
    rows.append({
        "n": n, "d": d, "classes": c, "k": k,
        "shares": m.predict_proba(xt[-40:].astype(float)).tolist(),
        "predicted": m.predict(xt[-40:].astype(float)).tolist(),
    })
print(json.dumps({"versions": {"sklearn": sklearn.__version__, "numpy": np.__version__}, "cases": rows}))
