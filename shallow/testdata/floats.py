"""Small problems of numbers, and what scikit-learn makes of them: floats.json.

    OMP_NUM_THREADS=1 python shallow/testdata/floats.py > shallow/testdata/floats.json

Made with scikit-learn 1.9.1 and numpy 2.4.
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

warnings.simplefilter("error")
r = np.random.default_rng(15)


def table(n):
    """Columns of very different scales, two of 0 and 1, and a constant one."""
    y = r.integers(0, 2, n)
    return np.c_[
        r.normal(40 + 8 * y, 12, n), np.exp(r.normal(8 + y, 1, n)), r.random(n) < 0.3 + 0.3 * y, r.random(n) < 0.5,
        r.normal(size=n) * 1e-3, np.full(n, 3.5), r.poisson(2 + 2 * y, n),
    ], y


def tfidf(n):
    """Rows of norm 1, most entries 0."""
    y = r.integers(0, 4, n)
    words = r.poisson(0.25 + 0.9 * (np.arange(12) // 3 == y[:, None]))
    x = words * np.log(1 + n / (1 + (words > 0).sum(0)))
    return x / np.maximum(1e-9, np.linalg.norm(x, axis=1, keepdims=True)), y


def embeddings(n):
    """Features that depend on each other."""
    y = r.integers(0, 3, n)
    return (r.normal(size=(3, 5))[y] + r.normal(size=(n, 5))) @ r.normal(size=(5, 9)) * 3 + 7, y


def models():
    for name, scaler in ("standard", [StandardScaler()]), ("none", []):
        yield "svm " + name, make_pipeline(*scaler, SVC(tol=1e-6)), "decision_function"
        yield "knn " + name, make_pipeline(*scaler, KNeighborsClassifier(algorithm="brute")), "predict_proba"
        yield "logistic " + name, make_pipeline(*scaler, LogisticRegression(tol=1e-8, max_iter=100000)), "predict_proba"
    yield "lda", LinearDiscriminantAnalysis(), "predict_proba"
    yield "forest", RandomForestClassifier(1000, random_state=1), "predict_proba"
    yield "boosting", HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=5, max_leaf_nodes=6, early_stopping=False), "predict_proba"


def rounded(x):
    return [[float(f"{v:.7g}") for v in np.atleast_1d(row)] for row in x]


problems = []
for make in table, tfidf, embeddings:
    x, y = make(130)
    x = x.astype(np.float32)
    train, test = slice(0, 100), slice(100, None)
    answers = {}
    for name, model, method in models():
        if name == "logistic none" and make is table:
            continue  # neither gets to the minimum of features that are a million times apart
        model.fit(x[train].astype(np.float64), y[train])
        rows = train if name == "boosting" else test  # its thresholds lie elsewhere between two values
        q = x[rows].astype(np.float64)
        answers[name] = {"predicted": model.predict(q).tolist(), "values": rounded(getattr(model, method)(q))}
    problems.append({
        "name": make.__name__, "classes": int(y.max() + 1), "x": [[float(v) for v in row] for row in x[train]], "y": y[train].tolist(),
        "queries": [[float(v) for v in row] for row in x[test]], "answers": answers,
    })
print(json.dumps({"scikit-learn": sklearn.__version__, "numpy": np.__version__, "problems": problems}))
