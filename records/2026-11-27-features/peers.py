#!/usr/bin/env python3
"""Fits scikit-learn's models to the same features: one line of JSON a model.

usage: peers.py FOLDER table|text|embeddings MODEL... [--limit TRAIN TEST] [--iterations N] [--seed N]

As many jobs as OMP_NUM_THREADS says.
"""
import argparse
import json
import os
import resource
import time

import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from data import data

p = argparse.ArgumentParser()
p.add_argument("folder")
p.add_argument("name")
p.add_argument("models", nargs="+")
p.add_argument("--limit", nargs=2, type=int, default=[None, None])
p.add_argument("--iterations", type=int, default=100)
p.add_argument("--seed", type=int, default=1)
a = p.parse_args()
x, y, x_test, y_test, _ = data(a.folder, a.name)
x, y, x_test, y_test = x[:a.limit[0]], y[:a.limit[0]], x_test[:a.limit[1]], y_test[:a.limit[1]]
jobs = int(os.environ.get("OMP_NUM_THREADS", 2))
make = {
    "svm": lambda: make_pipeline(StandardScaler(), SVC()),
    "forest": lambda: RandomForestClassifier(100, n_jobs=jobs, random_state=a.seed),
    "boosting": lambda: HistGradientBoostingClassifier(max_iter=a.iterations, random_state=a.seed),
    "knn": lambda: make_pipeline(StandardScaler(), KNeighborsClassifier(algorithm="brute", n_jobs=jobs)),
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "lda": lambda: LinearDiscriminantAnalysis(),
}
for model in a.models:
    m, start = make[model](), time.time()
    m.fit(x, y)
    fitted = time.time()
    accuracy = m.score(x_test, y_test)
    print(json.dumps({
        "model": model, "features": a.name, "seed": a.seed, "accuracy": accuracy, "fit_seconds": fitted - start, "predict_seconds": time.time() - fitted,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10, "scikit-learn": sklearn.__version__,
    }), flush=True)
