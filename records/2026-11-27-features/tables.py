#!/usr/bin/env python3
"""Prints what shoal and scikit-learn wrote as one table: accuracies are means, times and memory medians.

usage: tables.py shoal.jsonl scikit-learn.jsonl
"""
import collections
import json
import statistics
import sys

rows = collections.defaultdict(lambda: ([], []))
for side, path in enumerate(sys.argv[1:]):
    for line in open(path):
        d = json.loads(line)
        name = d.get("features") or {"csv:table": "table", "npz:text.npz": "text", "npz:embeddings.npz": "embeddings"}[d["dataset"]]
        rows[name, d["model"]][side].append(d)

print("| features | model | accuracy, shoal | scikit-learn | fit + predict, shoal | scikit-learn | ratio | peak memory, shoal / scikit-learn |")
print("| --- | --- | --- | --- | --- | --- | --- | --- |")
for (name, model), sides in rows.items():
    accuracy = [100 * statistics.mean(d["accuracy"] for d in s) for s in sides]
    a, b = (statistics.median(d["fit_seconds"] + d["predict_seconds"] for d in s) for s in sides)
    memory = " / ".join(f"{statistics.median(d['peak_rss_bytes'] for d in s) / 2**20:.0f}" for s in sides)
    print(f"| {name} | {model} | {accuracy[0]:.2f} % | {accuracy[1]:.2f} % | {a:.2f} s | {b:.2f} s | {b / a:.1f} | {memory} MB |")
