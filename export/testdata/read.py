"""Reads the exports of one run as their users would.

    python3 read.py FOLDER

FOLDER holds csv/, parquet/, tensorboard/ and run.npz, as TestPython of package
export writes them. Every reader prints a line. What the formats say has to
agree; the first thing that doesn't ends the script with an error. Needs numpy,
pandas, pyarrow and tensorboard.
"""

import os
import sys

import numpy
import pandas
from tensorboard.backend.event_processing import event_accumulator, plugin_event_multiplexer

folder = sys.argv[1]


def close(a, b, tolerance=1e-12):
    assert abs(a - b) <= tolerance, (a, b)


def arrays():
    with numpy.load(os.path.join(folder, "run.npz")) as run:  # no pickles
        a = {name: run[name] for name in run.files}
    right = a["predictions"] == a["labels"]
    assert right.shape == (len(a["steps"]), len(a["labels"])), right.shape
    assert numpy.allclose(right.mean(axis=1), a["accuracy"], atol=1e-12)
    assert a["steps"].dtype == numpy.int64 and (numpy.diff(a["steps"]) > 0).all()
    return a


def tables(read, extension, a):
    curves = read(os.path.join(folder, extension, "curves." + extension))
    examples = read(os.path.join(folder, extension, "examples." + extension))
    references = list(curves["reference"].unique())
    assert len(curves) == len(a["steps"]) * len(references)
    right = a["predictions"] == a["labels"]
    for name in references:
        c = curves[curves["reference"] == name]
        shallow = a["reference_" + name] == a["labels"]
        assert (c["step"].to_numpy() == a["steps"]).all()
        assert (c["both"].to_numpy() == (right & shallow).sum(axis=1)).all()
        assert (c["shallow_only"].to_numpy() == (~right & shallow).sum(axis=1)).all()
        defined = c["ratio_state"] == "defined"
        assert (numpy.isfinite(c["ratio"]) == defined).all()
        assert (numpy.isinf(c["ratio"]) == (c["ratio_state"] == "infinite")).all()
        with_ratio = c[defined]
        close((with_ratio["ratio"] - with_ratio["r_plus"] / with_ratio["r_minus"]).abs().max(), 0)
        assert (examples["right_" + name].astype(bool).to_numpy() == shallow).all()
    assert (examples["label"].to_numpy() == a["labels"]).all()
    assert (examples["class"].to_numpy() == numpy.array(["bar", "dot, or", "NA"])[a["labels"]]).all()
    assert (examples["name"].to_numpy() == a["names"]).all()
    assert (examples["final_prediction"].to_numpy() == a["predictions"][-1]).all()
    for order in ("learned_step", "share_learned"):
        assert numpy.array_equal(examples[order].to_numpy(dtype=float), a[order], equal_nan=True), order
    never = examples["never_right"].astype(bool)
    assert (never.to_numpy() == ~right.any(axis=0)).all()
    assert (examples["first_right_step"].isna() == never).all()
    assert (examples["times_forgotten"].isna() == never).all()
    first = examples.loc[~never, "first_right_step"].to_numpy()
    assert (first == a["steps"][right.argmax(axis=0)][~never.to_numpy()]).all()
    return curves


def events(a, curves):
    folders = sorted(os.listdir(os.path.join(folder, "tensorboard")))
    assert len(folders) == 1 + len(curves["reference"].unique()), folders
    for name in folders:
        log = event_accumulator.EventAccumulator(os.path.join(folder, "tensorboard", name))
        log.Reload()
        accuracy = log.Scalars("accuracy")
        assert [e.step for e in accuracy] == list(a["steps"])
        for e, want in zip(accuracy, a["accuracy"]):
            close(e.value, want, 1e-6)
        if name == "network":
            assert len(log.Scalars("loss")) == len(a["steps"])
            continue
        c = curves[(curves["reference"] == name)]
        tags = [tag for tag in log.Tags()["scalars"] if tag != "accuracy"]
        assert {"r_plus", "r_minus", "ratio", "nestedness", "kappa"} <= set(tags), tags
        for tag in tags:
            points = c[numpy.isfinite(c[tag])]
            got = log.Scalars(tag)
            assert [e.step for e in got] == list(points["step"]), (name, tag)
            for e, want in zip(got, points[tag]):
                close(e.value, want, 1e-5 * max(1, abs(want)))
    # As TensorBoard itself sees the folder: its runs and the plugin's tags.
    seen = plugin_event_multiplexer.EventMultiplexer()
    seen.AddRunsFromDirectory(os.path.join(folder, "tensorboard"))
    seen.Reload()
    for name in folders:
        tags = seen.PluginRunToTagToContent("scalars")[name]
        assert "accuracy" in tags, tags


a = arrays()
print("numpy: npz read")
curves = tables(lambda path: pandas.read_csv(path, keep_default_na=False, na_values=[""]), "csv", a)
print("pandas: csv read")
tables(pandas.read_parquet, "parquet", a)  # by way of pyarrow
print("pandas: parquet read")
events(a, curves)
print("tensorboard: events read")
