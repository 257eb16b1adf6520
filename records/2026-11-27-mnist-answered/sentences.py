"""The answers in the summaries of a folder of this record, as Markdown: sentences.py FOLDER."""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
runs = [json.loads(path.read_text()) for path in sorted(folder.glob("seed-*.json"))]


def number(x, digits=2):
    return "" if x is None else f"{x:.{digits}f}"


def percent(x):
    return f"{100 * x:.2f} %"


print("| seed | accuracy | reference | R± first | R± peak | R± last | slope | rho | none up to | found | shallow first |")
print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
for run in runs:
    for ref in run["references"]:
        if ref["name"].startswith(("ladder-", "starved-")):
            continue
        a, g = ref["association"], ref["regime"]
        print(f"| {run['seed']} | {percent(run['accuracy'])} | {ref['name']}, {percent(ref['accuracy'])} | {number(ref['first_ratio'])} "
              f"| {number(ref['peak_ratio'])} | {number(ref['final_ratio'])} | {number(a['slope'])} | {number(a['rho'])} [{number(a['lo'])}, {number(a['hi'])}] "
              f"| {number(g['up_to'])} | {g['found']} | {g['shallow_first']} |")

for run in runs:
    print(f"\nSeed {run['seed']}:\n")
    for ref in run["references"]:
        if ref["name"].startswith(("ladder-", "starved-")):
            continue
        print(f"- {ref['name']}: {ref['regime']['reason']}; {ref['beyond_accuracy']['reason']}.")
        for name, v in sorted(ref["verdicts"].items()):
            print(f"  - {name}: {v['verdict']}: {v['reason']}.")

rungs = [ref for ref in runs[0]["references"] if ref["name"].startswith(("ladder-", "starved-"))]
if rungs:
    print("\n| rung of seed 1 | accuracy | slope | rho | change found |\n| --- | --- | --- | --- | --- |")
    for ref in rungs:
        a = ref["association"]
        print(f"| {ref['name']} | {percent(ref['accuracy'])} | {number(a['slope'])} | {number(a['rho'])} [{number(a['lo'])}, {number(a['hi'])}] | {ref['regime']['found']} |")
