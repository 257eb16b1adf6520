"""shoal.read, from a program that writes a known export."""

import subprocess
import sys

import pytest

import shoal

np = pytest.importorskip("numpy")
ARRAYS = {
    "predictions": np.array([[0, 0, 0], [0, 1, 0]], np.uint8),
    "steps": np.array([0, 5]),
    "epochs": np.array([0, 0.5]),
    "loss": np.array([np.nan, 1.5]),
    "accuracy": np.array([1 / 3, 2 / 3]),
    "labels": np.array([0, 1, 2], np.uint8),
    "reference_svm": np.array([0, 1, 1], np.uint8),
    "margin_svm": np.array([1, 0.5, -1], np.float32),
    "reference_margin_x": np.array([0, 0, 0], np.uint8),
}
ORDER = {"learned_step": np.array([5, np.nan, 0]), "share_learned": np.array([0.8, np.nan, 0.5])}
CURVES = "step,epoch,accuracy,reference,both,ratio\n0,0,0.3333333333333333,NA,1,\n5,0.5,0.6666666666666666,NA,2,1.5\n"
EXAMPLES = "id,label,class,never_learned,group_site\n0,0,NA,false,1\n1,1,b,false,\n2,2,c,true,02\n"


@pytest.fixture
def export(tmp_path, program):
    """Has the program write arrays and tables; returns the function that reads its arguments."""

    def make(arrays=ARRAYS, curves=CURVES, examples=EXAMPLES):
        np.savez(tmp_path / "kept.npz", **arrays)
        for name, text in (("curves", curves), ("examples", examples)):
            (tmp_path / f"{name}.csv").write_text(text)
        program(f"""out=${{3#--out=}}
case $2 in
--format=npz) cp '{tmp_path}/kept.npz' "$out" ;;
*) mkdir "$out" && cp '{tmp_path}'/*.csv "$out" ;;
esac""")
        return lambda: (tmp_path / "arguments").read_text().splitlines()

    return make


def test_arrays(export, tmp_path):
    arguments = export()
    data = shoal.read(tmp_path / "-runs")
    given = arguments()
    assert given[:2] == ["export", "--format=npz"] and given[3:] == ["--", str(tmp_path / "-runs")]
    assert data.predictions.shape == (2, 3) and data.predictions.dtype == np.uint8
    assert data.right.tolist() == [[True, False, False], [True, True, False]] and data.right.dtype == bool
    assert (data.right.mean(axis=1) == data.accuracy).all()
    assert data.steps.tolist() == [0, 5] and np.isnan(data.loss[0]) and data.names is None
    assert {name: p.tolist() for name, p in data.references.items()} == {"svm": [0, 1, 1], "margin_x": [0, 0, 0]}
    assert list(data.margins) == ["svm"] and data.values == {} and data.learned_step is None
    assert "2 evaluations of 3 examples; references: svm, margin_x" in repr(data)


def test_what_only_some_runs_have(export):
    right = np.array([[0, 0, 1], [0, 1, 1]], np.uint8)
    arguments = export({**ARRAYS, "right": right, "names": np.array(["a", "b", "ü"]), "aum": np.array([1, np.nan, 2]), **ORDER})
    data = shoal.read("runs/mine", split="train")
    assert arguments()[3] == "--split=train" and data.split == "train"
    assert (data.right == (right == 1)).all() and data.right.dtype == bool
    assert data.names.tolist() == ["a", "b", "ü"] and list(data.values) == ["aum"]
    assert data.learned_step is not None and data.learned_step[0] == 5 and data.share_learned[2] == 0.5


def test_pickles_are_refused(export):
    export({**ARRAYS, "names": np.array([print], object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        shoal.read("runs/mine")


def test_tables(export):
    pytest.importorskip("pandas")
    arguments = export()
    data = shoal.read("runs/mine", split="train")
    curves = data.curves()
    given = arguments()
    assert given[1] == "--format=csv" and given[3:] == ["--split=train", "--", "runs/mine"]
    assert curves["step"].tolist() == [0, 5] and (curves["accuracy"] == data.accuracy).all()
    assert curves["reference"].tolist() == ["NA", "NA"] and np.isnan(curves["ratio"][0])
    examples = data.examples()
    assert examples["class"].tolist() == ["NA", "b", "c"] and examples["never_learned"].dtype == bool
    assert examples["group_site"].dropna().tolist() == ["1", "02"]  # names, not numbers


def test_classes_are_text_and_ratios_may_be_infinite(export):
    pytest.importorskip("pandas")
    export(
        curves=CURVES.replace("NA,2,1.5", "NA,2,inf"),
        examples="id,label,class,never_learned\n0,0,0,false\n1,1,1,false\n2,2,2,true\n",
    )
    data = shoal.read("runs/mine")
    assert data.examples()["class"].tolist() == ["0", "1", "2"] and np.isinf(data.curves()["ratio"][1])


def test_columns_have_the_types_of_the_parquet(export):
    pytest.importorskip("pandas")
    export(
        curves="step,epoch,loss,accuracy,reference,both,ratio\n0,0,2,0,,,\n5,1,1,1,,,\n",
        examples="id,label,class,learned_step,share_learned,margin_a_step,prediction_a_step\n0,0,0,5,1,0.5,1\n1,1,1,,0,2,1\n2,2,2,7,,1,1\n",
    )
    data = shoal.read("runs/mine")
    curves, examples = data.curves().dtypes, data.examples().dtypes
    assert {column: str(curves[column]) for column in ("step", "epoch", "loss", "accuracy", "both", "ratio")} == {
        "step": "int64", "epoch": "float64", "loss": "float64", "accuracy": "float64", "both": "Int64", "ratio": "float64"
    }  # fmt: skip
    assert [str(kind) for kind in examples[["id", "learned_step", "share_learned"]]] == ["int64", "Int64", "float64"]
    assert [str(kind) for kind in examples[["margin_a_step", "prediction_a_step"]]] == ["float64", "int64"]
    assert data.examples()["learned_step"].dropna().tolist() == [5, 7]


@pytest.mark.parametrize("more", [{"curves": CURVES + "6,0.6,1,NA,3,1\n"}, {"examples": EXAMPLES + "3,0,NA,true\n"}])
def test_a_run_that_went_further_is_not_mixed(export, more):
    pytest.importorskip("pandas")
    export()
    data = shoal.read("runs/mine")
    export(**more)
    with pytest.raises(RuntimeError, match="runs/mine has other .* read it again"):
        data.curves() if "curves" in more else data.examples()


def test_the_program_says_what_is_wrong(program):
    program('echo "shoal: runs/none: no run" >&2; exit 1')
    with pytest.raises(RuntimeError, match="shoal: runs/none: no run"):
        shoal.read("runs/none")


def test_importing_needs_no_numpy():
    code = "import sys; sys.modules['numpy'] = sys.modules['pandas'] = None; import shoal; shoal.read('x')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (
        "ModuleNotFoundError: shoal reads runs with numpy, which is not there: pip install numpy" in done.stderr
        and "shoal.read('x')" not in done.stdout
    )
