"""Writes ranks.json: inputs with ties, and what SciPy and plain sums say of them.

    python3 ranks.py > ranks.json

DeLong's variance is computed from its definition, as sums over all pairs.
"""
import json

import numpy
import scipy
from scipy import stats

cases = []
for seed, n, levels in [(1, 12, 4), (2, 60, 7), (3, 200, 1000), (4, 41, 2)]:
    r = numpy.random.default_rng(seed)
    x = r.integers(0, levels, n)
    y = (x + r.integers(0, 2 * levels, n)) // 2
    group = r.random(n) < 0.3
    high, low = y[group] + 1, y[~group]
    psi = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    variance = psi.mean(1).var(ddof=1) / len(high) + psi.mean(0).var(ddof=1) / len(low)
    cases.append({
        "x": x.tolist(), "y": y.tolist(), "high": high.tolist(), "low": low.tolist(),
        "spearman": stats.spearmanr(x, y).statistic,
        "auc": stats.mannwhitneyu(high, low).statistic / (len(high) * len(low)),
        "auc_sd": variance ** 0.5,
    })
print(json.dumps({"scipy": scipy.__version__, "numpy": numpy.__version__, "cases": cases}))
