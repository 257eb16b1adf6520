"""The table of the change of regime from the output of TestRates, as Markdown: rates.py LOG...

Several logs are put together; their draws have to be different ones.
"""
import collections
import math
import re
import sys

from table import wilson

draws = collections.Counter()
said = collections.defaultdict(lambda: [0.0] * 6)  # found and none by share right, by switch time, by both
place = collections.defaultdict(lambda: [0.0] * 4)  # changes found, sum and sum of squares of the error, covered
for path in sys.argv[1:]:
    for line in open(path):
        found = re.search(r"go:\d+: \| (.*?) \| (\d+) \| (\S+) / (\S+) \| (\S+) / (\S+) \| (\S+) / (\S+) \| (.*) \|$", line.strip())
        if not found:
            continue
        world, n = found[1], int(found[2])
        draws[world] += n
        for k in range(6):
            said[world][k] += round(float(found[3 + k]) * n)
        where = re.match(r"(\S+) ± (\S+), the interval covers it in (\S+)", found[9])
        if where:
            k = round(float(found[7]) * n)
            mean, spread, covered = map(float, where.groups())
            for i, x in enumerate((k, k * mean, k * (mean**2 + spread**2), round(k * covered))):
                place[world][i] += x

print("| world | draws | share right | switch time | both | place |\n| --- | --- | --- | --- | --- | --- |")
for world, n in draws.items():
    a, b, c, d, e, f = (k / n for k in said[world])
    k, total, squares, covered = place[world]
    text = ""
    if k:
        mean = total / k
        text = f"{mean:+.3f} ± {math.sqrt(max(0, squares / k - mean**2)):.3f}; covered {covered / k:.3f}"
    print(f"| {world} | {n} | {a:.3f} / {b:.3f} | {c:.3f} / {d:.3f} | {wilson(round(e * n), n)} / {wilson(round(f * n), n)} | {text} |")
