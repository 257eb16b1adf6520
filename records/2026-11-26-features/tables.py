#!/usr/bin/env python3
"""Prints shoal.jsonl and scikit-learn.jsonl as one table: means over seeds.

usage: tables.py shoal.jsonl scikit-learn.jsonl
"""
import collections
import json
import sys

rows = collections.defaultdict(lambda: ([], []))
for side, path in enumerate(sys.argv[1:]):
    for line in open(path):
        d = json.loads(line)
        name = d.get("features") or {"csv:table": "table", "npz:text.npz": "text", "cifar10": "embeddings"}[d["dataset"]]
        rows[name, d["model"]][side].append(d)


def mean(side, key):
    return sum(d[key] for d in side) / len(side) if side else float("nan")


print("| features | model | shoal | scikit-learn | fit + predict, shoal | scikit-learn | ratio | peak memory, shoal / scikit-learn |")
print("| --- | --- | --- | --- | --- | --- | --- | --- |")
for (name, model), (ours, theirs) in rows.items():
    a, b = (mean(s, "fit_seconds") + mean(s, "predict_seconds") for s in (ours, theirs))
    print(f"| {name} | {model} | {100 * mean(ours, 'accuracy'):.2f} % | {100 * mean(theirs, 'accuracy'):.2f} % | {a:.2f} s | {b:.2f} s |"
          f" {b / a:.1f} | {mean(ours, 'peak_rss_bytes') / 2**20:.0f} / {mean(theirs, 'peak_rss_bytes') / 2**20:.0f} MB |")
