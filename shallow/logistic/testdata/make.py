#!/usr/bin/env python3
"""Writes reference.json: scikit-learn's LogisticRegression on made-up bytes.

usage: make.py > reference.json

The bytes come from the recurrence below, which the Go test repeats, so the file
holds only coefficients and probabilities.
"""
import json

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression


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


# Two classes, for which scikit-learn fits one score, are in ../../testdata/scikit.py.
rows = []
for n, d, c, penalty in ((150, 12, 3, 1.0), (200, 8, 5, 0.05), (300, 10, 4, 10.0)):
    x, y = made_up(n, d, c, 7)
    xt, _ = made_up(n + 20, d, c, 7)
    m = LogisticRegression(C=penalty, tol=1e-10, max_iter=100000).fit(x / 255.0, y)
    rows.append({
        "n": n, "d": d, "classes": c, "c": penalty,
        "probabilities": [[round(float(v), 9) for v in r] for r in m.predict_proba(xt[-20:] / 255.0)],
        "coefficients": [[round(float(v), 9) for v in r] for r in m.coef_],
        "intercepts": [round(float(v), 9) for v in m.intercept_],
    })
print(json.dumps({"versions": {"sklearn": sklearn.__version__, "numpy": np.__version__}, "cases": rows}))
