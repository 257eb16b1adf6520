#!/usr/bin/env python3
"""Write libsvm.json: small problems as LIBSVM solves them, through scikit-learn.

usage: libsvm.py > libsvm.json

Each problem holds pixels and labels (base64 of bytes), the parameters, and what SVC says with them at its default
tolerance: gamma, support vectors, and for each pair of classes rho and the dual objective
1/2 sum a_i a_j y_i y_j K_ij - sum a_i, here computed from dual_coef_ in float64; for the test examples the
predicted classes (bytes) and the decision values of all pairs (float32). "optimum" is the objective at tolerance 1e-10.
"""
import base64, itertools, json, sys
import numpy as np, sklearn
from sklearn.svm import SVC

rng = np.random.default_rng(20190614)


def blobs(n, d, classes, spread, flip):
    centres = rng.integers(40, 216, (classes, d))
    y = rng.integers(0, classes, n)
    x = np.clip(centres[y] + rng.normal(0, spread, (n, d)), 0, 255).astype(np.uint8)
    wrong = rng.random(n) < flip
    y[wrong] = rng.integers(0, classes, wrong.sum())
    return x, y


def strokes(n, classes):
    """8x8 images of a bright bar at one of a few angles: mostly black, like digits."""
    y = rng.integers(0, classes, n)
    grid = np.stack(np.meshgrid(np.arange(8) - 3.5, np.arange(8) - 3.5), -1)
    x = np.zeros((n, 64), np.uint8)
    for i in range(n):
        angle = np.pi * y[i] / classes + rng.normal(0, .25)
        distance = abs(grid @ [np.sin(angle), -np.cos(angle)] + rng.normal(0, .7))
        x[i] = np.clip(255 * np.exp(-distance**2), 0, 255).ravel() * (rng.random(64) < .9)
    return x, y


def dual(m, x, y, tolerance):
    """rho and dual objective of each pair of classes."""
    m = SVC(C=m.C, kernel=m.kernel, gamma=m.gamma, tol=tolerance).fit(x, y)
    sv, coef = m.support_vectors_, m.dual_coef_
    owner = np.repeat(np.arange(len(m.classes_)), m.n_support_)
    k = sv @ sv.T
    if m.kernel == "rbf":
        k = np.exp(-m._gamma * (np.diag(k)[:, None] + np.diag(k)[None] - 2 * k))
    out = []
    for a, b in itertools.combinations(range(len(m.classes_)), 2):
        c = np.where(owner == a, coef[b - 1], 0) + np.where(owner == b, coef[a], 0)
        out.append(float(c @ k @ c / 2 - abs(c).sum()))
    sign = -1 if len(m.classes_) == 2 else 1  # scikit-learn turns a single pair round
    return m, out, [float(-sign * v) for v in m.intercept_], sign


def pack(array):
    return base64.b64encode(array.tobytes()).decode()


def problem(name, data, train, **parameters):
    x, y = data
    xs = x / 255.0
    m, objective, rho, sign = dual(SVC(**parameters), xs[:train], y[:train], 1e-3)
    _, optimum, _, _ = dual(SVC(**parameters), xs[:train], y[:train], 1e-10)
    m.decision_function_shape = "ovo"
    values = sign * m.decision_function(xs[train:]).reshape(len(x) - train, -1)
    return {
        "name": name, "features": x.shape[1], "classes": int(y.max()) + 1, "train": train,
        "kernel": m.kernel, "c": m.C, "gamma": str(m.gamma), "gamma_value": float(m._gamma),
        "pixels": pack(x), "labels": pack(y.astype(np.uint8)),
        "objective": objective, "optimum": optimum, "rho": rho, "support_vectors": int(m.n_support_.sum()),
        "predicted": pack(m.predict(xs[train:]).astype(np.uint8)), "values": pack(values.astype("<f4")),
    }


def main():
    easy, two = blobs(190, 16, 3, 60, .1), blobs(130, 8, 2, 90, .1)
    gap = blobs(150, 12, 5, 70, .05)
    gap[1][gap[1] == 2] = 4  # class 2 has no examples
    twins = tuple(np.concatenate([a, b]) for a, b in zip(two, (two[0][:40], 1 - two[1][:40])))
    twins = twins[0][::-1].copy(), twins[1][::-1].copy()  # the same images again with the other label
    bars = strokes(200, 10)
    out = {"recipe": "libsvm.py", "sklearn": sklearn.__version__, "numpy": np.__version__, "problems": [
        problem("three classes", easy, 150, kernel="rbf", C=1, gamma="scale"),
        problem("three classes, linear", easy, 150, kernel="linear", C=.5),
        problem("two classes", two, 100, kernel="rbf", C=10, gamma=.5),
        problem("two classes, linear", two, 100, kernel="linear", C=1),
        problem("the same images with both labels", twins, 140, kernel="rbf", C=1, gamma="auto"),
        problem("a class without examples", gap, 120, kernel="rbf", C=100, gamma="auto"),
        problem("ten classes", bars, 150, kernel="rbf", C=5, gamma="scale"),
        problem("ten classes, linear", bars, 150, kernel="linear", C=1),
    ]}
    json.dump(out, sys.stdout)
    print()


main()
