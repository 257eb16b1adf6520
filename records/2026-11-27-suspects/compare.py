"""Ranks a run's test labels by suspicion, as shoal and as cleanlab do, and compares both with labels that people checked.

usage: compare.py RUN DATA CHECKS [--shoal PROGRAM] [--draws 2000]

RUN is a finished run of cnn2 on mnist or resnet20 on cifar10, DATA the folder of its dataset (as
--data-dir), CHECKS the file mturk/mnist_mturk.json or cifar10_mturk.json of github.com/cleanlab/label-errors.
Cleanlab gets the probabilities of the run's own network at its last checkpoint, by PyTorch; the script
wants them to give the run's own last predictions. Needs numpy, torch, scikit-learn and cleanlab.
"""

import argparse
import csv
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
import torch
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deep/testdata"), str(ROOT / "python/recipes")]
import data as recipe_data  # noqa: E402
import reference as modules  # noqa: E402


def tensors(path):
    """The arrays of a safetensors file of float32."""
    raw = path.read_bytes()
    (n,) = struct.unpack("<Q", raw[:8])
    head = json.loads(raw[8 : 8 + n])
    out = {}
    for name, about in head.items():
        if name != "__metadata__":
            a, b = (8 + n + at for at in about["data_offsets"])
            kind = {"F32": np.float32, "I64": np.int64}[about["dtype"]]
            out[name] = torch.from_numpy(np.frombuffer(raw[a:b], kind).reshape(about["shape"]).copy())
    return out


def probabilities(run, folder):
    """[n, classes] float64: what the network at the last checkpoint gives the test examples."""
    study = tomllib.loads((run / "study.toml").read_text())
    network, dataset = study["network"]["name"], study["data"]["dataset"]
    make, shape, classes = modules.NETWORKS[network]
    net = make(shape[0], classes)
    last = max(p for p in (run / "checkpoints").glob("step-*.safetensors") if ".state." not in p.name)
    kept = tensors(last)
    missing, extra = net.load_state_dict(kept, strict=False)
    assert not extra and all(name.endswith("num_batches_tracked") for name in missing), (missing, extra)
    net.eval()
    _, (pixels, labels), _ = recipe_data.load(dataset, folder)
    mean, std = (np.float32(study["data"].get(k) or study["training"].get(k)) for k in ("mean", "std"))
    x = torch.from_numpy((pixels.astype(np.float32) / 255 - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        logits = torch.cat([net(part) for part in x.split(500)]).double()
    return torch.softmax(logits, 1).numpy(), labels, last.name


def exported(run, program):
    """The tables examples and suspects of a run."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "tables"
        subprocess.run([program, "export", run, "--format", "csv", "--out", out], check=True, stdout=subprocess.DEVNULL)
        read = lambda name: list(csv.DictReader((out / f"{name}.csv").open(encoding="utf-8", newline="")))  # noqa: E731
        return read("examples"), read("suspects")


def rankings(probs, labels, suspects):
    """Suspicion of every example by method: larger is more suspect; what a method doesn't list is 0."""
    ours = np.zeros(len(labels))
    for row in suspects:
        ours[int(row["id"])] = len(suspects) + 1 - int(row["rank"])
    out = {"shoal": ours}
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        out[f"cleanlab, {method}"] = 1 - get_label_quality_scores(labels, probs, method=method)
    order = find_label_issues(labels, probs, return_indices_ranked_by="self_confidence")
    listed = np.zeros(len(labels))
    listed[order] = len(order) - np.arange(len(order))
    out[f"cleanlab, find_label_issues ({len(order)} listed)"] = listed
    return out


def compare(name, wrong, ranks, draws, among=None):
    """Prints average precisions, and shoal's minus each of cleanlab's with a bootstrap interval over examples."""
    among = np.arange(len(wrong)) if among is None else among
    wrong, ranks = wrong[among], {m: r[among] for m, r in ranks.items()}
    ap = {m: average_precision_score(wrong, r) for m, r in ranks.items()}
    random, lost = np.random.default_rng(1), {m: [] for m in ranks}
    for _ in range(draws):
        drawn = random.integers(0, len(wrong), len(wrong))
        if not wrong[drawn].any():
            continue
        one = {m: average_precision_score(wrong[drawn], r[drawn]) for m, r in ranks.items()}
        for m in ranks:
            lost[m].append(one["shoal"] - one[m])
    print(f"\n{name}: {wrong.sum()} wrong of {len(wrong)}\n\n| ranking | average precision | shoal minus it, 95 % | among the first {wrong.sum()} |\n| --- | --- | --- | --- |")
    for m, r in ranks.items():
        first = wrong[np.argsort(-r, kind="stable")[: wrong.sum()]].sum()
        lo, hi = np.quantile(lost[m], [0.025, 0.975])
        difference = "" if m == "shoal" else f"{ap['shoal'] - ap[m]:+.3f} ({lo:+.3f} to {hi:+.3f})"
        print(f"| {m} | {ap[m]:.3f} | {difference} | {first} |")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("run", "data", "checks"):
        p.add_argument(name, type=pathlib.Path)
    p.add_argument("--shoal", default="shoal")
    p.add_argument("--draws", type=int, default=2000)
    o = p.parse_args()
    torch.set_num_threads(1)
    probs, labels, checkpoint = probabilities(o.run, o.data)
    examples, suspects = exported(o.run, o.shoal)
    assert [int(e["label"]) for e in examples] == labels.tolist()
    differ = sum(int(e["final_prediction"]) != p for e, p in zip(examples, probs.argmax(1)))
    print(f"{o.run.name}, {checkpoint}: accuracy {(probs.argmax(1) == labels).mean():.4f}; {differ} of {len(labels)} predictions are not the run's; {len(suspects)} suspects")
    assert differ <= len(labels) // 1000, "the checkpoint isn't that of the last evaluation"
    checked = json.loads(o.checks.read_text())
    wrong = np.zeros(len(labels), bool)
    for c in checked:
        assert c["given_original_label"] == labels[c["id"]]
        wrong[c["id"]] = c["mturk"]["given"] < 3  # of five people, as in the article
    ranks = rankings(probs, labels, suspects)
    compare("All test examples", wrong, ranks, o.draws)
    compare("The checked candidates alone", wrong, ranks, o.draws, np.array([c["id"] for c in checked]))


if __name__ == "__main__":
    main()
