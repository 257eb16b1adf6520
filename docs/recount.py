#!/usr/bin/env python3
"""Count every table of a run again, from nothing but the logged predictions.

usage: recount.py RUN

Needs a zstd module: `pip install zstandard` (Python 3.14 has one of its own).
"""
import json, sqlite3, sys
import numpy as np, zstandard

db = sqlite3.connect(sys.argv[1] + "/run.db")
label = np.array([row[0] for row in db.execute("SELECT label FROM example ORDER BY id")])
classes = json.loads(db.execute("SELECT value FROM meta WHERE key = 'classes_json'").fetchone()[0])
kind = "u1" if len(classes) <= 256 else "<u2"
shallow = {i: np.frombuffer(b, kind) == label for i, b in db.execute("SELECT id, predictions FROM reference")}
wrong = checked = 0
for step, blob in db.execute("SELECT step, predictions FROM evaluation"):
    deep = np.frombuffer(zstandard.decompress(blob), kind) == label
    for i, s in shallow.items():
        counts = ((deep & s).sum(), (~deep & s).sum(), (deep & ~s).sum(), (~deep & ~s).sum())
        stored = db.execute("SELECT both, shallow_only, deep_only, neither FROM contingency WHERE step=? AND reference_id=?", (step, i)).fetchone()
        wrong += stored != tuple(map(int, counts))
        checked += 1
print(f"{checked} tables counted again, {wrong} differ")
sys.exit(wrong > 0 or checked == 0)
