#!/usr/bin/env python3
"""Writes reference.json: scikit-learn's LinearDiscriminantAnalysis (svd) on made-up bytes.

usage: make.py > reference.json

The bytes come from the recurrence below, which the Go test repeats, so the file
holds only coefficients and probabilities. In the second case feature 3 is
constant, feature 4 constant within classes, and feature 5 equals feature 0.
"""
import json

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis


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


def spoil(x, y):
    x = x.copy()
    x[:, 3] = 9
    x[:, 4] = 10 * y
    x[:, 5] = x[:, 0]
    return x


rows = []
for n, d, c, degenerate in ((150, 12, 3, False), (200, 9, 4, True), (400, 20, 10, False)):
    x, y = made_up(n, d, c, 7)
    xt, yt = made_up(n + 20, d, c, 7)
    if degenerate:
        x, xt = spoil(x, y), spoil(xt, yt)
    m = LinearDiscriminantAnalysis().fit(x.astype(float), y)
    rows.append({
        "n": n, "d": d, "classes": c, "degenerate": degenerate,
        "probabilities": [[round(float(v), 9) for v in r] for r in m.predict_proba(xt[-20:].astype(float))],
        "coefficients": [[float(f"{v:.9g}") for v in r] for r in m.coef_],
        "intercepts": [float(f"{v:.9g}") for v in m.intercept_],
    })
print(json.dumps({"versions": {"sklearn": sklearn.__version__, "numpy": np.__version__}, "cases": rows}))
