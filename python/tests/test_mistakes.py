"""Honest mistakes that would make a log of wrong numbers: each is refused, or told."""

import zipfile

import pytest

import shoal

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")
from torch.utils import data  # noqa: E402

from shoal.images import thumbnail  # noqa: E402
from shoal.lazy import Lazy  # noqa: E402
from shoal.torch import check_loader  # noqa: E402

Y = [i % 4 for i in range(40)]
ROW = [[0.0] * 4] * 39 + [[float("-inf")] * 4]


def run(folder, **more):
    return shoal.attach(folder / "run", Y, 4, **more)


@pytest.mark.parametrize(
    "outputs, more, message",
    [
        (np.asarray(Y) == 1, {}, "want the predicted classes, not whether they are right"),
        (torch.tensor(Y) == 1, {}, "want the predicted classes, not whether they are right"),
        ([y == 1 for y in Y], {}, "want the predicted classes, not whether they are right"),
        (np.asarray([y == 1 for y in Y], object), {}, "want the predicted classes, not whether they are right"),
        (ROW, {}, "example 39 and 0 others are -inf for every class"),
        (np.asarray(ROW), {}, "example 39 and 0 others are -inf for every class"),
        (torch.tensor(ROW).half(), {}, "example 39 and 0 others are -inf for every class"),
        (Y, {"right": 40}, "right is 40: want a vector"),
        (Y, {"labels": np.int64(40)}, "label is .*40.*: want a vector"),
    ],
)
def test_outputs(tmp_path, outputs, more, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path).log(0, outputs, **more)


LARGE = [i % 4 for i in range(2000)]  # beyond 1,024 elements arrays aren't made lists


@pytest.mark.parametrize("n", [40, 2000])
@pytest.mark.parametrize("kind", [int, np.uint8, bool, np.float32])
def test_labels_of_two_dimensions(tmp_path, n, kind):
    for labels in (np.eye(4, dtype=kind)[LARGE[:n]], np.asarray(LARGE[:n], kind)[:, None]):
        with pytest.raises(ValueError, match=f"labels have shape \\[{n}, [14]\\]: want a vector"):
            shoal.attach(tmp_path, labels, 4)


@pytest.mark.parametrize(
    "labels, message",
    [
        (["0", "1"], "label 0 is '0': want a class"),
        (np.asarray(["3", "0"] * 700), "label 0 is '3': want a class"),
        ("0123", "labels are a str: want a vector"),
        ({7: 1, 8: 0}, "labels are a dict: want a vector"),
        ({0, 1}, "labels are a set: want a vector"),
        (np.ma.array(LARGE, mask=[False, True] * 1000), "masked"),
    ],
)
def test_labels_that_are_no_numbers(tmp_path, labels, message):
    with pytest.raises((TypeError, ValueError), match=message):
        shoal.attach(tmp_path, labels, 4)


@pytest.mark.parametrize("make", [lambda x: x.tolist(), np.asarray, torch.tensor])
def test_values_of_probabilities(tmp_path, make, monkeypatch):
    logits = np.random.default_rng(1).normal(size=(40, 4))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for known in (True, False):
        with shoal.attach(tmp_path / str(known), Y, 4, values=True) as r:
            with pytest.raises(ValueError, match="every row has numbers from 0 to 1 that add up to 1"):
                r.log(0, make(shares))
            with pytest.raises(ValueError, match="every row has numbers from 0 to 1 that add up to 1"):
                r.add(range(40), make(shares))
            with pytest.raises(ValueError, match="outputs of example 0 are no probabilities"):
                r.log(0, make(logits), probabilities=True)
            with pytest.raises(ValueError, match="they add up to 0.5"):
                r.log(0, make(shares / 2), probabilities=True)
            r.log(0, make(shares), probabilities=True)
            r.log(1, make(logits))
            r.log(2, make(np.eye(4)[Y]))
            r.log(3, make(shares), values="")
        if make(shares) is not shares and isinstance(make(shares), list):
            monkeypatch.setattr(shoal.arrays, "numpy", lambda: None)


def test_images_of_pandas_are_taken_by_place(tmp_path):
    class Column:  # a column whose index counts otherwise, as after sort_values
        def __len__(self):
            return 40

        def __getitem__(self, i):
            return np.full((2, 2), 39 - i, np.uint8)

        def to_numpy(self):
            return np.arange(40, dtype=np.uint8)[:, None, None] * np.ones((2, 2), np.uint8)

    run(tmp_path, images=Column())
    with zipfile.ZipFile(tmp_path / "run" / "images" / "test.zip") as z:
        assert z.read("0.png") == thumbnail(np.zeros((2, 2), np.uint8))[0]


# What the program would refuse is refused before the training, not after it.
@pytest.mark.parametrize(
    "more, message",
    [
        ({"network": 18}, "network is 18: want its name"),
        ({"dataset": 3}, "dataset is 3: want its name"),
        ({"framework": 2.9}, "framework is 2.9: want its name"),
        ({"split": "ä" * 60}, "want a name such as test"),
        ({"split": "Report.html"}, "which a run folder has for something else"),
        ({"split": "run.db-wal"}, "which a run folder has for something else"),
    ],
)
def test_names(tmp_path, more, message):
    with pytest.raises((TypeError, ValueError), match=message):
        run(tmp_path, **more)


@pytest.mark.parametrize(
    "step, more, message",
    [
        (1 << 63, {}, "want 0 to 2\\^63 - 1"),
        (0, {"values": {"": Y}}, "want a name of 1 to 100 bytes"),
        (0, {"values": {"ä" * 60: Y}}, "want a name of 1 to 100 bytes"),
        (0, {"values": {str(i): Y for i in range(65)}}, "there are 65 values: want at most 64"),
    ],
)
def test_what_no_reader_takes(tmp_path, step, more, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path).log(step, Y, **more)


def test_a_part_with_one_rank(tmp_path):
    with run(tmp_path) as one, pytest.raises(ValueError, match="index has 2 of 40 examples, and there is one rank"):
        one.log(0, [1, 2], index=[3, 5])


def test_booleans_are_classes_of_two(tmp_path):
    shoal.attach(tmp_path, [0, 1], 2).log(0, np.asarray([True, False]))


def test_labels_that_count_from_1(tmp_path):
    with pytest.raises(ValueError, match="labels are 1 to 4: classes count from 0"):
        shoal.attach(tmp_path, [y + 1 for y in Y])
    shoal.attach(tmp_path, [y + 1 for y in Y], 5)
    # An adapter knows the number of classes from the logits: these labels are indices of examples.
    with pytest.raises(ValueError, match="label 4 is 4: want 0 to 3"):
        Lazy(tmp_path / "lazy", "every:1", None).log(0, torch.zeros(40, 4), torch.arange(40))


@pytest.mark.parametrize("key", ["ids", "classes"])
def test_names_in_another_order(tmp_path, key):
    names = [f"n{i}" for i in range(40 if key == "ids" else 4)]
    more = {"classes": 4, key: names}
    with shoal.attach(tmp_path, Y, **more) as first:
        first.log(0, Y)
    more[key] = [names[2], names[1], names[0], *names[3:]]
    with pytest.raises(ValueError, match=f"other {key}, first at index 0: got 'n2', want 'n0'"):
        shoal.attach(tmp_path, Y, resumed_from=0, **more)


def test_an_evaluation_that_was_left_unfinished(tmp_path, recwarn):
    r = run(tmp_path)
    r.add(range(20), Y[:20])
    r.add(range(40), Y)  # repeats that say the same
    r.log_added(1)
    assert not [w for w in recwarn if "added again" in str(w.message)]
    r.add(range(20), Y[:20])
    r.add(range(40), [(y + 1) % 4 for y in Y])
    with pytest.warns(shoal.ShoalWarning, match="20 of 20 examples that were added again are predicted differently"):
        r.log_added(2)


def test_batch_samplers():
    examples = data.TensorDataset(torch.arange(10.0), torch.arange(10))

    def check(sampler, drop_last=False):
        check_loader(data.DataLoader(examples, batch_sampler=data.BatchSampler(sampler, 3, drop_last)))

    check(data.SequentialSampler(examples))
    with pytest.raises(ValueError, match="shuffles"):
        check(data.RandomSampler(examples))
    with pytest.raises(ValueError, match="reorders or leaves out"):
        check([2, 1, 0])
    with pytest.raises(ValueError, match="drop_last"):
        check(data.SequentialSampler(examples), drop_last=True)
