"""shoal.torch against the real PyTorch."""

import random

import pytest
from reader import read_run

import shoal

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")
from torch import nn  # noqa: E402
from torch.utils import data  # noqa: E402

from shoal.torch import check_loader, indices, predict  # noqa: E402


class Noisy(data.Dataset):
    """Examples that are augmented: reading one draws random numbers of all three kinds."""

    def __init__(self, n=64, classes=5):
        g = torch.Generator().manual_seed(0)
        self.y = torch.randint(0, classes, (n,), generator=g)
        self.x = torch.randn(n, 8, generator=g) + self.y[:, None]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i] + 0.01 * (torch.rand(8) + np.random.rand() + random.random()), self.y[i]


def network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 5))


def train(run=None, steps=20):
    random.seed(3), np.random.seed(3)
    model, train_set, test_set = network(), Noisy(), Noisy(40)
    torch.manual_seed(3)
    loader = data.DataLoader(train_set, batch_size=8, shuffle=True)
    tests = data.DataLoader(test_set, batch_size=16, num_workers=0)
    optimiser = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    losses, step = [], 0
    model[1].eval()  # a module that is frozen by hand
    while step < steps:
        for x, y in loader:
            if run is not None and run.due(step):
                run.log(step, *predict(model, tests), values=True)
            if step == steps:
                break
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            step += 1
    return losses, model


def test_attaching_changes_nothing(tmp_path):
    plain, _ = train()
    with shoal.attach(tmp_path, Noisy(40).y, 5, evaluate="every:1") as run:
        attached, model = train(run)
    assert plain == attached and len(set(plain)) == 20
    assert model[0].training and not model[1].training and model[3].training
    assert sorted(read_run(tmp_path)) == list(range(21))


def test_predict_is_what_the_model_says(tmp_path):
    tests = data.TensorDataset(Noisy(40).x, Noisy(40).y)
    model = network()
    with shoal.attach(tmp_path, Noisy(40).y, 5) as run:
        run.log(0, *predict(model, data.DataLoader(tests, batch_size=7)))
        run.log(1, *predict(model, data.DataLoader(tests, batch_size=7), logits=False))
    model.eval()
    want = model(tests.tensors[0]).argmax(-1).tolist()
    assert read_run(tmp_path) == {0: want, 1: want}


@pytest.mark.parametrize(
    "logits, classes, message",
    [
        ([[1.0]] * 4, None, "outputs have 1 column, want 2 or more, one a class: give the class instead"),
        ([[1.0]] * 4, 2, "outputs have 1 column, want 2, one a class: give the class instead"),
        ([[1.0, 0.0, 0.0]] * 4, 2, "outputs have 3 columns, want 2"),
        ([[1.0, 0.0]] * 3 + [[float("nan"), 0.0]], 2, "outputs of example 3 and 0 others are NaN"),
    ],
)
def test_logits_that_are_no_classes(logits, classes, message):
    model = nn.Identity()
    tests = data.DataLoader(data.TensorDataset(torch.tensor(logits), torch.zeros(4)), batch_size=4)
    with pytest.raises(ValueError, match=message):
        predict(model, tests, logits=False, classes=classes)


def test_batches_of_other_forms():
    class Out:
        logits = torch.eye(3)

    class Model(nn.Module):
        def forward(self, x=None, extra=None):
            return (Out.logits,) if extra is not None else Out

    x, y = torch.zeros(3, 2), torch.tensor([0, 1, 2])
    for batch in ({"x": x, "labels": y}, {"x": x, "extra": x, "label": y}, (x, x, y), [x, y[:, None]]):
        out = predict(Model(), [batch])
        assert out.outputs.tolist() == Out.logits.tolist() and out.labels.tolist() == [0, 1, 2]
    for bad, message in (
        ({"x": x}, "no labels"),
        (x, "Tensor"),
        ((x, torch.tensor([1, -100, 0])), "-100"),
        ((x, torch.eye(3)), r"shape \[3, 3\]"),
    ):
        with pytest.raises(ValueError, match=message):
            predict(Model(), [bad])


def samplers():
    s = Noisy(12)
    weights = torch.ones(12)
    yield data.DataLoader(s, batch_size=4, shuffle=True), "shuffles.*RandomSampler"
    yield data.DataLoader(s, batch_size=5, drop_last=True), "drop_last"
    yield data.DataLoader(s, sampler=data.WeightedRandomSampler(weights, 12)), "WeightedRandomSampler"
    yield data.DataLoader(s, sampler=data.SubsetRandomSampler(range(12))), "SubsetRandomSampler"
    yield data.DataLoader(s, sampler=list(range(11, -1, -1))), "list"
    yield data.DataLoader(s, batch_sampler=[[3, 2], [1, 0]]), "list"
    yield data.DataLoader(s, sampler=data.distributed.DistributedSampler(s, 2, 0, shuffle=True)), "DistributedSampler"
    yield data.DataLoader(s, sampler=data.distributed.DistributedSampler(s, 2, 0, shuffle=False)), "part of the split"


@pytest.mark.parametrize("case", range(8))
def test_loaders_refused_by_name(case):
    loader, message = list(samplers())[case]
    state = torch.get_rng_state()
    with pytest.raises(ValueError, match=message):
        predict(network(), loader)
    assert torch.equal(state, torch.get_rng_state())


def test_loaders_accepted():
    s = Noisy(12)
    for loader in (
        data.DataLoader(s, batch_size=5),
        data.DataLoader(s, sampler=range(12)),
        data.DataLoader(s, batch_sampler=[range(6), range(6, 12)]),
    ):
        check_loader(loader)
    parts = [
        data.DataLoader(s, batch_size=4, sampler=data.distributed.DistributedSampler(s, 5, r, shuffle=False))
        for r in range(5)
    ]
    for loader in parts:
        check_loader(loader, distributed=True)
    assert indices(parts[1]) == [1, 6, 11] and indices(parts[4]) == [4, 9, 2]


def test_generators_of_the_loader_are_kept():
    g = torch.Generator().manual_seed(5)
    loader = data.DataLoader(Noisy(12), batch_size=4, generator=g)
    state = g.get_state()
    predict(network(), loader)
    assert torch.equal(state, g.get_state())


def test_state_comes_back_after_an_error():
    model, state = network(), torch.get_rng_state()

    def batches():
        torch.rand(3), random.random(), np.random.rand()
        raise RuntimeError("disk")
        yield

    python = random.getstate()
    with pytest.raises(RuntimeError, match="disk"):
        predict(model, batches())
    assert model.training and torch.equal(state, torch.get_rng_state()) and python == random.getstate()
