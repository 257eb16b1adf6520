"""Rates with 95 % intervals (Wilson) from the output of TestEveryVerdictInAllWorlds, as Markdown: table.py LOG...

Several logs of the same worlds are put together if their draws are different ones.
"""
import collections
import math
import re
import sys


def wilson(k, n, z=1.96):
    p, d = k / n, 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    mid = (p + z * z / (2 * n)) / d
    return f"{p:.3f} [{max(0, mid - half):.3f}, {min(1, mid + half):.3f}]"


def main(paths):
    counts = collections.defaultdict(collections.Counter)  # (world, verdict) -> answer -> draws
    bounds = {}
    for path in paths:
        for line in open(path):
            found = re.search(r"go:\d+: \| (.*) \|$", line.strip())
            parts = found and [part.strip() for part in found.group(1).split(" | ")]
            if not parts or len(parts) < 4 or not parts[2].isdigit():
                continue
            world, verdict, draws, answers = parts[:4]
            for answer, rate in re.findall(r"([^,]+?) (\d\.\d+)", answers):
                counts[world, verdict][answer.strip(", ")] += round(float(rate) * int(draws))
            bounds[world, verdict] = " | ".join(parts[4:])

    last = ""
    for (world, verdict), answers in counts.items():
        if world != last:
            n = sum(answers.values())
            print(f"\n### {world}, {n} draws\n\n| verdict | says | bound |\n| --- | --- | --- |")
            last = world
        n = sum(answers.values())
        says = ", ".join(f"{answer} {wilson(k, n)}" for answer, k in answers.most_common())
        print(f"| {verdict} | {says} | {bounds[world, verdict]} |")


if __name__ == "__main__":
    main(sys.argv[1:])
