#!/usr/bin/env python3
"""A million rows of 100 numbers as .npz, .csv and .parquet: what reading and fitting take, and what shoal says
where there is less memory than that.

usage: million.py FOLDER    (SHOAL names the program; needs NumPy and pyarrow; takes 3 GB of disk)
"""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

os.makedirs(sys.argv[1], exist_ok=True)
os.chdir(sys.argv[1])
n, d, tests = 1_000_000, 100, 1000
r = np.random.default_rng(1)
x = r.normal(size=(n + tests, d)).astype(np.float32)
y = (x[:, 0] + x[:, 1] ** 2 + r.normal(size=n + tests) > 1).astype(np.uint8)
if not pathlib.Path("m.npz").exists():
    np.savez("m.npz", x_train=x[:n], y_train=y[:n], x_test=x[n:], y_test=y[n:])
    for part, rows in ("train", slice(0, n)), ("test", slice(n, None)):
        pq.write_table(pa.table({f"c{k}": x[rows, k] for k in range(d)} | {"label": y[rows]}), f"{part}.parquet")
        some = x[rows][:10_000]
        block = "\n".join(",".join(f"{v:.4f}" for v in row) + f",{c}" for row, c in zip(some, y[rows]))
        with open(f"{part}.csv", "w") as f:
            print(*(f"c{k}" for k in range(d)), "label", sep=",", file=f)
            for _ in range(len(x[rows]) // len(some)):
                print(block, file=f)
del x
for model, dataset in ("lda", "npz:m.npz"), ("lda", "csv:."), ("lda", "parquet:."), ("boosting", "npz:m.npz"), ("knn", "npz:m.npz"), ("forest", "npz:m.npz"):
    extra = ["--trees", "10", "--patience", "0"] if model == "forest" else []
    a = subprocess.run([os.environ.get("SHOAL", "shoal"), "fit", model, dataset, *extra, "--no-cache", "--workers", os.environ.get("JOBS", "2"), "--json"], capture_output=True, text=True)
    if a.returncode:
        print(f"| {model} | {dataset} | {a.stderr.strip().splitlines()[-1]} |", flush=True)
        continue
    b = json.loads(a.stdout)
    print(f"| {model} | {dataset} | {100 * b['accuracy']:.1f} % | {b['fit_seconds']:.0f} s | {b['peak_rss_bytes'] / 2**20:.0f} MB |", flush=True)
# Less memory than a fit needs, and than the examples alone take: refused before anything is fitted or read.
for model, dataset, kilobytes in ("knn", "npz:m.npz", 2_600_000), ("lda", "npz:m.npz", 1_500_000), ("lda", "csv:.", 1_500_000), ("lda", "parquet:.", 1_500_000):
    a = subprocess.run(["sh", "-c", f"ulimit -v {kilobytes}; exec \"$0\" \"$@\"", os.environ.get("SHOAL", "shoal"), "fit", model, dataset, "--no-cache", "--json"], capture_output=True, text=True)
    print(f"| {model} | {dataset} | limit of {kilobytes // 1000} MB | status {a.returncode}: {a.stderr.strip().splitlines()[-1][:300] if a.stderr else a.stdout[:80]} |", flush=True)
