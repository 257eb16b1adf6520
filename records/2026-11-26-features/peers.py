#!/usr/bin/env python3
"""Fits scikit-learn's models to the same features: one line of JSON a model.

usage: peers.py FOLDER table|text|embeddings MODEL...

Two jobs where a model has them; HistGradientBoosting takes as many threads as OMP_NUM_THREADS says.
"""
import json
import resource
import sys
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

folder, name, *models = sys.argv[1:]
x, y, x_test, y_test, _ = data(folder, name)
make = {
    "svm": lambda seed: make_pipeline(StandardScaler(), SVC()),
    "forest": lambda seed: RandomForestClassifier(100, n_jobs=2, random_state=seed),
    "boosting": lambda seed: HistGradientBoostingClassifier(random_state=seed),
    "knn": lambda seed: make_pipeline(StandardScaler(), KNeighborsClassifier(algorithm="brute", n_jobs=2)),
    "logistic": lambda seed: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "lda": lambda seed: LinearDiscriminantAnalysis(),
}
for model in models:
    for seed in range(1, 4 if model in ("forest", "boosting") else 2):
        m, start = make[model](seed), time.time()
        m.fit(x, y)
        fitted = time.time()
        accuracy = m.score(x_test, y_test)
        print(json.dumps({
            "model": model, "features": name, "seed": seed, "accuracy": accuracy, "fit_seconds": fitted - start, "predict_seconds": time.time() - fitted,
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10, "scikit-learn": sklearn.__version__,
        }), flush=True)
