#!/usr/bin/env python3
"""Writes scikit.json: what scikit-learn's classifiers make of small and degenerate problems.

usage: scikit.py > scikit.json

Every problem has its bytes and labels in the file, and the answers of every kind: classes and
probabilities (of the SVM the decision function, of the forest the mean over many trees) of the
problem's queries, or the first words of the error with which scikit-learn refuses it.
"""
import json
import warnings

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

warnings.filterwarnings("ignore")
rng = np.random.default_rng(12193)


def blobs(labels, d, spread=60):
    """Bytes around one centre a class, whatever the order of the labels."""
    centre = rng.integers(40, 215, (max(labels) + 1, d))
    return np.clip(centre[labels] + rng.integers(-spread, spread + 1, (len(labels), d)), 0, 255)


def problems():
    def problem(name, classes, x, y, queries):
        return {"name": name, "classes": classes, "x": np.array(x), "y": np.array(y), "queries": np.array(queries)}

    def mixed(name, classes, y, d, spread=60, change=lambda x, y: (x, y)):
        x = blobs(np.array(list(y) + list(y)[:12]), d, spread)
        queries = x[len(y):]
        x, y = change(x[:len(y)].copy(), np.array(y))
        return problem(name, classes, x, y, queries)

    def constant(value):
        def change(x, y):
            x[:, 1], x[:, 3] = value, 0
            return x, y
        return change

    def repeat_rows(x, y):
        return np.concatenate([x, x[:10], x[:10]]), np.concatenate([y, y[:10], y[:10]])

    def contradict(x, y):
        return np.concatenate([x, x[:8]]), np.concatenate([y, (y[:8] + 1) % 3])

    shuffled = rng.permutation(np.arange(45) % 3)
    shuffled[:3] = 2, 0, 1
    yield mixed("two classes", 2, rng.permutation(np.arange(40) % 2), 6, 110)
    yield mixed("two classes, the second first", 2, [1, 1, 0] * 13, 5, 110)
    yield mixed("two classes of four", 4, [3, 1] * 20, 5, 110)
    yield mixed("three classes", 3, shuffled, 6, 110)
    yield mixed("an absent class", 4, [3, 0, 2] * 15, 6, 110)
    yield mixed("imbalanced", 2, [0] * 57 + [1] * 3, 4, 110)
    yield mixed("imbalanced, three classes", 3, [2] * 50 + [0] * 6 + [1] * 2, 4, 110)
    yield problem("one feature", 2, [[10], [20], [20], [30], [35], [200], [180], [25], [190]], [0, 0, 1, 0, 1, 1, 1, 0, 1],
                  [[0], [20], [32], [100], [107], [150], [255]])
    yield problem("one feature, three classes", 3, [[10], [12], [14], [100], [101], [108], [240], [250], [255]],
                  [2, 2, 2, 0, 0, 0, 1, 1, 1], [[0], [57], [58], [90], [170], [180], [255]])
    yield mixed("constant features", 3, shuffled, 6, 110, constant(9))
    yield mixed("duplicate rows", 3, shuffled, 5, 110, repeat_rows)
    yield mixed("duplicate rows with other labels", 3, shuffled, 5, 110, contradict)
    yield mixed("more features than examples", 3, [2, 0, 1] * 4, 50, 110)
    yield mixed("one more example than classes", 3, [0, 1, 2, 2], 4)
    yield mixed("as many examples as classes", 3, [2, 0, 1], 4)
    yield mixed("two examples", 2, [1, 0], 4)
    yield mixed("one class", 3, [1] * 8, 4)
    for value in (0, 7, 255):
        yield problem(f"all features {value}", 3, np.full((9, 4), value), [2, 0, 1, 1, 0, 1, 2, 1, 0], [[value] * 4, [0, 1, 2, 3], [200] * 4])
    yield problem("constant within classes", 2, [[0, 9], [0, 9], [200, 9], [200, 9], [200, 9]], [0, 0, 1, 1, 1], [[0, 9], [90, 9], [110, 9], [200, 9]])
    yield problem("constant within two of three classes", 3, [[0, 9], [0, 9], [100, 9], [100, 9], [200, 9], [210, 12], [190, 4]],
                  [0, 0, 1, 1, 2, 2, 2], [[0, 9], [40, 9], [60, 9], [140, 8], [200, 9]])


def answers(model, p, values):
    """What a model says of the queries; columns of classes without an example are left out."""
    scale = 255.0 if isinstance(model, (SVC, LogisticRegression)) else 1.0
    try:
        model.fit(p["x"] / scale, p["y"])
        q = p["queries"] / scale
        return {"predicted": model.predict(q).tolist(), "values": np.round(getattr(model, values)(q).astype(float), 9).tolist()}
    except (ValueError, IndexError) as e:
        return {"refused": str(e).split("\n")[0][:70]}


def kinds():
    yield "svm scale", lambda: SVC(tol=1e-6), "decision_function"
    yield "svm auto", lambda: SVC(gamma="auto", tol=1e-6), "decision_function"
    yield "svm linear", lambda: SVC(kernel="linear", tol=1e-6), "decision_function"
    yield "forest", lambda: RandomForestClassifier(2000, random_state=0), "predict_proba"
    yield "knn 1", lambda: KNeighborsClassifier(1, algorithm="brute"), "predict_proba"
    yield "knn 4", lambda: KNeighborsClassifier(4, algorithm="brute"), "predict_proba"
    yield "lda", LinearDiscriminantAnalysis, "predict_proba"
    for c in (1.0, 0.1, 30.0):
        yield f"logistic {c}", lambda c=c: LogisticRegression(C=c, tol=1e-10, max_iter=100000), "predict_proba"


out = []
for p in problems():
    said = {name: answers(make(), p, values) for name, make, values in kinds()}
    out.append({"name": p["name"], "classes": p["classes"], "x": p["x"].tolist(), "y": p["y"].tolist(), "queries": p["queries"].tolist(), "answers": said})
print('{"recipe": "scikit.py", "versions": ' + json.dumps({"sklearn": sklearn.__version__, "numpy": np.__version__}) + ', "problems": [')
print(",\n".join(json.dumps(p) for p in out))
print("]}")
