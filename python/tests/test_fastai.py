"""shoal.fastai against the real fastai."""

import pytest
from reader import read_file, read_run

torch = pytest.importorskip("torch")
pytest.importorskip("fastai")
from fastai.callback.core import Callback  # noqa: E402
from fastai.callback.training import GradientAccumulation  # noqa: E402
from fastai.data.core import DataLoaders  # noqa: E402
from fastai.data.load import DataLoader  # noqa: E402
from fastai.learner import Learner  # noqa: E402
from fastai.torch_core import set_seed  # noqa: E402

from shoal.fastai import ShoalCallback  # noqa: E402

G = torch.Generator().manual_seed(0)
Y = torch.randint(0, 4, (40,), generator=G)
X = torch.randn(40, 6, generator=G) + Y[:, None]
ITEMS = list(zip(X, Y))


class Losses(Callback):
    def __init__(self):
        self.all = []

    def after_loss(self):
        if self.learn.training:
            self.all.append(self.learn.loss.item())


def learner(**valid):
    set_seed(1, reproducible=False)
    model = torch.nn.Sequential(
        torch.nn.Linear(6, 16), torch.nn.BatchNorm1d(16), torch.nn.Dropout(0.4), torch.nn.Linear(16, 4)
    )
    dls = DataLoaders(
        DataLoader(ITEMS, bs=8, shuffle=True, num_workers=0),
        DataLoader(ITEMS, bs=8, num_workers=0, **valid),
        device="cpu",
    )
    learn = Learner(dls, model, loss_func=torch.nn.CrossEntropyLoss(), lr=0.01)
    learn.remove_cbs([c for c in learn.cbs if type(c).__name__ in ("ProgressCallback", "Recorder")])
    return learn


def fit(learn, *callbacks, epochs=2):
    losses = Losses()
    learn.fit(epochs, cbs=[losses, *callbacks])
    return losses.all


def own(learn):
    learn.model.eval()
    with torch.no_grad():
        return learn.model(X).argmax(-1).tolist()


def test_attaching_changes_nothing(tmp_path):
    plain = fit(learner())
    learn, callback = learner(), ShoalCallback(tmp_path, 4, evaluate="every:1@1,every:4", values=True)
    losses = fit(learn, callback)
    got = read_run(tmp_path)
    assert losses == plain and len(set(plain)) == 10
    assert sorted(got) == [0, 1, 2, 3, 4, 5, 8, 10] and got[10] == own(learn)
    header, evaluations = read_file(callback.shoal_run.path)
    assert (
        header["framework"].startswith("fastai ") and header["labels"] == Y.tolist() and evaluations[-1]["epoch"] == 2
    )
    assert len(evaluations[0]["values"]["el2n"]) == 40
    fit(learn, callback, epochs=1)
    assert sorted(read_run(tmp_path)) == [0, 1, 2, 3, 4, 5, 8, 10, 12, 15]


def test_accumulated_gradients_count_updates(tmp_path):
    learn = learner()
    callback = ShoalCallback(tmp_path, 4, evaluate="every:1")
    fit(learn, callback, GradientAccumulation(n_acc=16))
    assert sorted(read_run(tmp_path)) == [0, 1, 2, 3, 4, 5]
    assert read_file(callback.shoal_run.path)[1][-1]["epoch"] == 2.0  # of 5 batches each


def test_predictions_are_no_training(tmp_path):
    learn = learner()
    callback = ShoalCallback(tmp_path, 4)
    learn.add_cb(callback)
    learn.get_preds()
    assert callback.shoal_run is None


@pytest.mark.parametrize("valid, message", [(dict(shuffle=True), "shuffles"), (dict(drop_last=True), "drop_last")])
def test_refused(tmp_path, valid, message):
    with pytest.raises(ValueError, match=message):
        fit(learner(**valid), ShoalCallback(tmp_path, 4))
