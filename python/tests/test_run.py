"""What a run writes, read back by tests/reader.py; what it refuses; what it survives."""

import array
import errno
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from reader import blob, read_file, read_run

import shoal

LABELS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


def attach(folder, labels=LABELS, classes=10, **more):
    return shoal.attach(folder, labels, classes, **more)


def logits_of(classes, k=10):
    return [[1.0 if j == c else 0.0 for j in range(k)] for c in classes]


def test_file_and_header(tmp_path):
    names = [f"c{i}" for i in range(10)]
    with attach(
        tmp_path / "run",
        classes=names,
        dataset="mnist",
        seed=7,
        network="cnn",
        ids=range(10),
        more={"lr": 0.1},
        framework="f 1",
    ) as run:
        path = pathlib.Path(run.path)
    assert re.fullmatch(r"\d{8}T\d{6}Z-r0-[0-9a-f]{8}\.jsonl", path.name) and path.parent == tmp_path / "run" / "log"
    header, evaluations = read_file(path)
    assert header == {
        "shoal_log": 1, "split": "test", "n": 10, "classes": names, "labels": LABELS, "dataset": "mnist", "network": "cnn",
        "seed": 7, "framework": "f 1", "rank": 0, "ranks": 1, "resumed_from": None,
        "ids": [str(i) for i in range(10)], "more": {"lr": 0.1},
    }  # fmt: skip
    assert evaluations == []


def test_a_path_counts_from_the_folder_of_the_training(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with attach(tmp_path / "run", dataset="folder:photos") as run:
        header, _ = read_file(pathlib.Path(run.path))
    assert (header["dataset"], header["folder"]) == ("folder:photos", str(tmp_path / "here"))


def test_evaluation(tmp_path):
    with attach(tmp_path, steps_per_epoch=4) as run:
        run.log(0, LABELS, loss=2.5, seconds=0.25)
        run.log(3, logits_of(LABELS[::-1]), labels=LABELS, epoch=0.5, right=[True, False] * 5)
        run.log(4, LABELS, loss=float("nan"))
        path = run.path
    lines = pathlib.Path(path).read_bytes().split(b"\n")
    assert lines[-1] == b"" and len(lines) == 5
    first = json.loads(lines[1])
    assert list(first) == ["step", "epoch", "loss", "seconds", "predictions"] and blob(first["predictions"]) == bytes(
        LABELS
    )
    _, (a, b, c) = read_file(path)
    assert (a["step"], a["epoch"], a["loss"], a["seconds"]) == (0, 0, 2.5, 0.25)
    assert b["predictions"] == LABELS[::-1] and b["right"] == [1, 0] * 5 and (b["epoch"], b["loss"]) == (0.5, None)
    assert c["loss"] is None and c["epoch"] == 1


@pytest.mark.parametrize("classes", [1, 2, 255, 256, 257, 300, 65536])
def test_width_of_classes(tmp_path, classes):
    labels = [0, classes - 1, classes // 2]
    with attach(tmp_path, labels, classes) as run:
        run.log(1, labels[::-1])
        header, (e,) = read_file(run.path)
    assert header["labels"] == labels and e["predictions"] == labels[::-1]
    raw = json.loads(pathlib.Path(run.path).read_bytes().split(b"\n")[1])["predictions"]
    assert len(blob(raw)) == 3 * (1 if classes <= 256 else 2)


def test_ties_take_the_first_and_default_classes(tmp_path):
    with shoal.attach(tmp_path, [0, 2, 1]) as run:
        assert run.classes == 3
        run.log(0, [[1, 1, 1], [0, 2, 2], [3, 1, 3]])
        assert read_file(run.path)[1][0]["predictions"] == [0, 1, 0]


@pytest.mark.parametrize(
    "make", [tuple, bytes, bytearray, lambda x: array.array("q", x), lambda x: memoryview(bytes(x))]
)
def test_what_vectors_may_be(tmp_path, make):
    with attach(tmp_path, make(LABELS)) as run:
        run.log(0, make(LABELS), labels=make(LABELS))
        assert read_file(run.path)[1][0]["predictions"] == LABELS


def test_values(tmp_path):
    with attach(tmp_path, [0, 1], 3, values=True) as run:
        run.log(0, [[2.0, 0.0, 0.0], [1e6, -1e6, 0.0]], values=None)
        run.log(1, [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]], values="margin", probabilities=True)
        run.log(2, [0, 1], values={"entropy": [1.5, 1e9]})
        with pytest.raises(ValueError, match="need logits"):
            run.log(3, [0, 1])
        with pytest.raises(ValueError, match="unknown value 'lossy'"):
            run.log(3, [[0, 0, 0]] * 2, values=["lossy"])
        _, (a, b, c) = read_file(run.path)
    p = 0.786986
    assert a["values"]["p_label"] == pytest.approx([p, 0], abs=1e-3)
    assert a["values"]["margin"] == [2, -65504]
    assert a["values"]["loss"] == pytest.approx([0.239545, 65504], abs=1e-3)
    assert a["values"]["el2n"] == pytest.approx([((1 - p) ** 2 + 2 * ((1 - p) / 2) ** 2) ** 0.5, 2**0.5], abs=1e-3)
    assert b["values"]["margin"] == pytest.approx([0.6931, 690.8], rel=1e-3) and list(b["values"]) == ["margin"]
    assert c["values"]["entropy"] == [1.5, 65504]


@pytest.mark.parametrize(
    "outputs, message",
    [
        (LABELS[:-1], "outputs have 9 examples, want 10"),
        ([*LABELS[:-1], 10], "prediction 9 is 10: want 0 to 9"),
        ([*LABELS[:-1], -1], "prediction 9 is -1"),
        ([*LABELS[:-1], float("nan")], "prediction 9 is nan"),
        ([*LABELS[:-1], 0.7], "p > 0.5"),
        (logits_of(LABELS, 9), "outputs have 9 columns, want 10"),
        ([[0.5]] * 10, "1 column, want 10.*p > 0.5"),
        ([[0.0] * 10] * 9 + [[0.0] * 9 + [float("nan")]], "example 9 and 0 others are NaN"),
        ([[[0.0]]], r"shape \[1, 1, 1\]"),
    ],
)
def test_outputs_refused(tmp_path, outputs, message):
    with attach(tmp_path) as run:
        before = os.path.getsize(run.path)
        with pytest.raises(ValueError, match=message):
            run.log(0, outputs)
        assert os.path.getsize(run.path) == before
        run.log(0, LABELS)  # nothing is lost


def test_labels_are_compared_at_every_evaluation(tmp_path):
    with attach(tmp_path) as run:
        run.log(0, LABELS, labels=LABELS)
        with pytest.raises(ValueError, match="first at index 4: got 6, want 5"):
            run.log(1, LABELS, labels=[3, 1, 4, 1, 6, 9, 2, 6, 5, 3])
        with pytest.raises(ValueError, match="9 labels, want 10"):
            run.log(1, LABELS, labels=LABELS[1:])
        with pytest.raises(ValueError, match="-100, which marks what is ignored"):
            run.log(1, LABELS, labels=[-100] * 10)


def test_steps_never_go_back(tmp_path):
    with attach(tmp_path) as run:
        run.log(5, LABELS)
        for step in (5, 4):
            with pytest.raises(ValueError, match=f"step is {step}, but 5 is logged"):
                run.log(step, LABELS)
        with pytest.raises(ValueError, match="step is -1"):
            run.log(-1, LABELS)
        with pytest.raises(TypeError):
            run.log(5.5, LABELS)
    with pytest.raises(ValueError, match="closed"):
        run.log(6, LABELS)
    run.close()


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(labels=[]), "no labels"),
        (dict(labels=[0, 10]), "label 1 is 10"),
        (dict(labels=[0, -100]), "-100"),
        (dict(labels=[0, 0.5]), "label 1 is 0.5"),
        (dict(classes=0), "0 classes"),
        (dict(classes=65537), "65537 classes"),
        (dict(classes=["a"] * 10), "no two are the same"),
        (dict(ids=["a"]), "1 ids, want 10"),
        (dict(ids=["a"] * 10), "ids 0 and 1 are both 'a'"),
        (dict(split="a/b"), "split is 'a/b'"),
        (dict(evaluate="every:1@2,log:1.05"), "needs steps_per_epoch"),
        (dict(evaluate="often"), "evaluation schedule"),
        (dict(evaluate="budget:5%", ranks=2), "2 ranks"),
        (dict(resumed_from=-1), "resumed_from is -1"),
    ],
)
def test_attach_refuses(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        attach(tmp_path / "run", **change)
    assert not (tmp_path / "run").exists()


def test_more_must_be_json(tmp_path):
    for bad in ({"x": float("nan")}, {"x": object()}):
        with pytest.raises((TypeError, ValueError)):
            attach(tmp_path / "run", more=bad)
    assert not (tmp_path / "run").exists()


def test_due(tmp_path):
    with attach(tmp_path / "a", evaluate="every:1@2,every:5", steps_per_epoch=3) as run:
        said = [s for s in range(22) if run.due(s)]
    assert said == [0, 1, 2, 3, 4, 5, 6, 10, 15, 20]
    with attach(tmp_path / "b", evaluate="every:10", steps=33) as run:
        assert [s for s in range(0, 40, 3) if run.due(s)] == [0, 12, 21, 30, 33]  # asked every third step
    with attach(tmp_path / "c", evaluate="every:10") as run:
        assert not run.due(7) and not run.due(9) and run.due(10) and run.due(10)
        run.log(10, LABELS)
        assert not run.due(10) and not run.due(11) and run.due(25) and not run.due(26)
        run.log(31, LABELS)
        assert not run.due(32) and run.due(40)
    with attach(tmp_path / "d", evaluate="every:10", resumed_from=20) as run:
        assert not run.due(20) and not run.due(21) and run.due(30)


def test_due_times_the_evaluation(tmp_path):
    with attach(tmp_path, evaluate="every:1") as run:
        now = [0.0]
        run._pace.clock = lambda: now[0]
        assert run.due(1)
        now[0] = 1.5
        run.log(1, LABELS)
        run.log(2, LABELS)
        _, (a, b) = read_file(run.path)
    assert a["seconds"] == 1.5 and b["seconds"] is None


def test_budget(tmp_path):
    with attach(tmp_path, evaluate="budget:10%") as run:
        now, spent = [0.0], 0.0
        run._pace.clock = lambda: now[0]
        run._pace._start = 0.0
        for step in range(1, 2000):
            now[0] += 0.1
            if run.due(step):
                now[0] += 0.5
                run.log(step, LABELS)
                spent += 0.5
                assert step == 1 or spent <= 0.1 * now[0] + 1e-6
    assert spent > 10


def test_two_runs_in_one_folder(tmp_path):
    attach(tmp_path).close()
    with attach(tmp_path) as run:  # the first logged nothing
        run.log(1, LABELS)
    with pytest.raises(FileExistsError, match="resumed_from"):
        attach(tmp_path)
    attach(tmp_path, split="train").close()
    attach(tmp_path, rank=1, ranks=2).close()
    other = [*LABELS[:6], 3, *LABELS[7:]]
    with pytest.raises(ValueError, match="first at index 6: got 3, want 2"):
        attach(tmp_path, other, resumed_from=1)
    with pytest.raises(ValueError, match="10 examples of 10 classes, got 9 of 10"):
        attach(tmp_path, LABELS[1:], resumed_from=1)


def test_foreign_files(tmp_path):
    attach(tmp_path).close()
    (path,) = (tmp_path / "log").iterdir()
    path.write_text('{"shoal_log":2}\n')
    with pytest.raises(ValueError, match="version 2"):
        attach(tmp_path)
    path.write_text("not a log\n")
    with pytest.raises(ValueError, match="line 1 is not the header"):
        attach(tmp_path)
    path.write_text('{"shoal_log"')  # cut: nothing was begun
    attach(tmp_path).close()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.db").touch()
    with pytest.raises(FileExistsError, match="shoal trained"):
        attach(tmp_path / "run")


def test_resuming(tmp_path):
    with attach(tmp_path, evaluate="every:1") as run:
        for step in range(5):
            run.log(step, [step] * 10)
    with attach(tmp_path, evaluate="every:1", resumed_from=2) as run:
        assert not run.due(2) and run.due(3)
        with pytest.raises(ValueError, match="step is 1, but 2"):
            run.log(1, LABELS)
        for step in range(3, 7):
            run.log(step, [step + 3] * 10)
    names = sorted(p.name for p in (tmp_path / "log").iterdir())
    assert names[0][:16] < names[1][:16]  # the resumed one is later by its name, even within a second
    assert read_run(tmp_path) == {
        0: [0] * 10,
        1: [1] * 10,
        2: [2] * 10,
        3: [6] * 10,
        4: [7] * 10,
        5: [8] * 10,
        6: [9] * 10,
    }


@pytest.mark.parametrize("classes", [10, 300])
def test_added_batches(tmp_path, classes):
    with attach(tmp_path, classes=classes, split="train") as run:
        with pytest.raises(ValueError, match="nothing was added"):
            run.log_added(1)
        run.add([9, 3, 1], [9, 3, 1], labels=[3, 1, 1])
        run.add([3, 0], [7, 0])  # of example 3 the first counts
        with pytest.raises(ValueError, match="6 of 10 examples were not added, the first is 2"):
            run.log_added(1)
        with pytest.raises(ValueError, match="first at index 4: got 2, want 5"):
            run.add([2, 4], [2, 4], labels=[4, 2])
        with pytest.raises(ValueError, match="index 10 is not an example"):
            run.add([10], [0])
        with pytest.raises(ValueError, match="2 examples, index has 1"):
            run.add([2], [0, 1])
        run.add([2, 4, 5, 6, 7, 8], [2, 4, 5, 6, 7, 8])
        run.log_added(1, epoch=1, loss=0.5)
        _, (e,) = read_file(run.path)
        assert e["predictions"] == list(range(10)) and "index" not in e
        with pytest.raises(ValueError, match="nothing was added"):
            run.log_added(2)
        run.add([1], [1])
        with pytest.warns(shoal.ShoalWarning, match="never wrote"):
            run.close()


@pytest.mark.parametrize("classes", [10, 300])
def test_added_values(tmp_path, classes):
    eye = logits_of(LABELS, classes)
    with attach(tmp_path, classes=classes) as run:
        run.add([5, 6, 7, 8, 9], eye[5:], values="margin")
        with pytest.raises(ValueError, match="values are"):
            run.add([0, 1, 2, 3, 4], eye[:5])
        run.add([0, 1, 2, 3, 4], [[-3 * v for v in row] for row in eye[:5]], values="margin")
        run.log_added(0)
        assert read_file(run.path)[1][0]["values"] == {"margin": [-3.0] * 5 + [1.0] * 5}


def test_ranks(tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, index in ((1, [1, 3, 5, 7, 9, 0]), (0, [0, 2, 4, 6, 8])):
        monkeypatch.setenv("RANK", str(rank))
        with attach(tmp_path) as run:
            assert (run.rank, run.ranks) == (rank, 2)
            run.add(index, [i if rank == 0 else 9 - i for i in index])
            run.log_added(3)
            assert f"-r{rank}-" in run.path
            header, (e,) = read_file(run.path)
            assert (header["rank"], header["ranks"]) == (rank, 2) and e["index"] == sorted(index)
    assert read_run(tmp_path) == {3: [0, 8, 2, 6, 4, 4, 6, 2, 8, 0]}


@pytest.mark.parametrize(
    "environment, want",
    [
        ({}, (0, 1)),
        ({"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}, (3, 8)),
        ({"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}, (1, 2)),
        ({"SLURM_PROCID": "5", "SLURM_NTASKS": "6"}, (5, 6)),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4"}, (1, 4)),
        ({"RANK": "x", "LOCAL_RANK": "2"}, (2, 3)),
    ],
)
def test_rank_of(environment, want):
    from shoal.log import rank_of

    assert rank_of(environment) == want


def test_index(tmp_path):
    with attach(tmp_path, ranks=2) as run:
        run.log(1, [1, 2], labels=[1, 9], index=[3, 5], right=[True, False])
        for bad in ([3, 3], [3, 10], [-1, 3]):
            with pytest.raises(ValueError, match="index has to hold"):
                run.log(2, [1, 2], index=bad)
        _, (e,) = read_file(run.path)
    assert e["index"] == [3, 5] and e["right"] == [1, 0]


def test_threads(tmp_path):
    labels = [i % 7 for i in range(4000)]
    with attach(tmp_path, labels, 7) as run:

        def add(start):
            for i in range(start, 4000, 80):
                run.add(range(i, i + 10), labels[i : i + 10], labels=labels[i : i + 10])

        threads = [threading.Thread(target=add, args=(10 * t,)) for t in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        run.log_added(0)
        assert read_file(run.path)[1][0]["predictions"] == labels


def test_a_full_disk_is_one_warning(tmp_path, monkeypatch):
    with attach(tmp_path) as run:
        run.log(0, LABELS)
        real = os.write

        def full(fd, line):
            real(fd, line[:20])  # what fits is written
            return 20

        monkeypatch.setattr(os, "write", full)
        with pytest.warns(shoal.ShoalWarning, match="training continues") as told:
            run.log(1, [1] * 10)
            run.log(2, [2] * 10)
        assert len(told) == 1
        assert len(read_file(run.path)[1]) == 1 and pathlib.Path(run.path).read_bytes().endswith(b"\n")
        monkeypatch.setattr(os, "write", real)
        run.log(3, [3] * 10)
    assert {k: v[0] for k, v in read_run(tmp_path).items()} == {0: 3, 1: 1, 2: 2, 3: 3}


def test_a_disk_that_stays_full(tmp_path, monkeypatch):
    run = attach(tmp_path)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.warns(shoal.ShoalWarning, match="1 evaluations could not be written"):
        run.log(1, LABELS)
        run.close()
    with pytest.raises(OSError):
        attach(tmp_path / "other")


def test_an_interrupt_writes_nothing_twice(tmp_path, monkeypatch):
    with attach(tmp_path) as run:
        real = os.write

        def interrupted(fd, line):
            real(fd, line)
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.log(1, LABELS)
        monkeypatch.setattr(os, "write", real)
        with pytest.raises(ValueError, match="1 is logged"):
            run.log(1, LABELS)
        run.log(2, LABELS)
        assert [e["step"] for e in read_file(run.path)[1]] == [1, 2]


def test_newly_right(tmp_path, recwarn):
    def told(name, *evaluations, **more):
        recwarn.clear()
        with attach(tmp_path / name, **more) as run:
            for step, right in evaluations:
                run.log(step, [label if i < right else (label + 1) % 10 for i, label in enumerate(LABELS)])
        return [str(w.message) for w in recwarn]

    assert told("slow", (0, 1), (1, 3), (2, 5), (3, 7)) == []
    (message,) = told("fast", (0, 1), (1, 4), (2, 9))
    assert "at step 1" in message and "more than a fifth" in message
    assert len(told("late", (100, 9))) == 1
    assert (
        told("chance", (100, 3)) == [] and told("zero", (0, 9)) == [] and told("resumed", (8, 9), resumed_from=7) == []
    )


def test_a_forked_process_is_refused(tmp_path):
    with attach(tmp_path) as run:
        run._process += 1
        with pytest.raises(ValueError, match="attach in each process"):
            run.log(0, LABELS)
    import pickle

    with pytest.raises(TypeError, match="attach in each process"):
        pickle.dumps(run)


WRITER = """
import sys, random, shoal
random.seed(5)
n = 20000
labels = [random.randrange(10) for _ in range(n)]
run = shoal.attach(sys.argv[1], labels, 10)
print("ready", flush=True)
step = 0
while True:
    run.log(step, [(label + step) % 10 for label in labels] if step % 2 else labels)
    step += 1
"""


@pytest.mark.parametrize("moment", range(int(os.environ.get("SHOAL_KILLS", "10"))))
def test_kill_leaves_whole_lines(tmp_path, moment):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(0.003 + 0.0137 * (moment % 10) + 0.00061 * (moment // 10))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (path,) = (tmp_path / "log").iterdir()
    header, evaluations = read_file(path)
    assert header["n"] == 20000 and [e["step"] for e in evaluations] == list(range(len(evaluations)))
    with attach(tmp_path, header["labels"], 10, resumed_from=max(len(evaluations) - 1, 0)) as run:
        run.log(len(evaluations) + 1, header["labels"])
    assert len(evaluations) + 1 in read_run(tmp_path)
