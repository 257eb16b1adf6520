"""shoal.lightning against the real Lightning: 10 steps, the last evaluation is the module's own."""

import pathlib
import subprocess
import sys
import warnings

import pytest
from reader import read_file, read_run

torch = pytest.importorskip("torch")
pl = pytest.importorskip("lightning.pytorch")
from torch.utils import data  # noqa: E402

from shoal.lightning import ShoalCallback  # noqa: E402

G = torch.Generator().manual_seed(0)
Y = torch.randint(0, 4, (40,), generator=G)
X = torch.randn(40, 6, generator=G) + Y[:, None]


class Module(pl.LightningModule):
    def __init__(self, returns="mapping"):
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(6, 16), torch.nn.Dropout(0.3), torch.nn.ReLU(), torch.nn.Linear(16, 4)
        )
        self.returns, self.losses = returns, []

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, i):
        loss = torch.nn.functional.cross_entropy(self(batch[0]), batch[1])
        self.losses.append(loss.item())
        return loss

    def validation_step(self, batch, i, dataloader_idx=0):
        z = self(batch[0])
        return {"mapping": {"logits": z, "labels": batch[1]}, "logits": {"logits": z}, "nothing": None}[self.returns]

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


def loader(n=40, **more):
    return data.DataLoader(data.TensorDataset(X[:n], Y[:n]), batch_size=8, **more)


def fit(callbacks, module, folder, val=None, **more):
    pl.seed_everything(1, verbose=False)
    module.net.apply(lambda m: m.reset_parameters() if hasattr(m, "reset_parameters") else None)
    options = dict(
        max_steps=10,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer = pl.Trainer(callbacks=callbacks, default_root_dir=folder, **{**options, **more})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit(module, loader(shuffle=True), val)
    return trainer


def own(module, n=40):
    module.eval()
    with torch.no_grad():
        return module(X[:n]).argmax(-1).tolist()


@pytest.mark.parametrize("returns", ["mapping", "logits"])
def test_validations_are_logged(tmp_path, returns):
    module, callback = Module(returns), ShoalCallback(tmp_path / "run", classes=4, values=True)
    fit([callback], module, tmp_path, loader())
    got = read_run(tmp_path / "run")
    assert sorted(got) == [5, 10]
    assert got[max(got)] == own(module)
    header, evaluations = read_file(callback.run.path)
    assert (
        header["framework"].startswith("lightning ") and header["labels"] == Y.tolist() and evaluations[0]["epoch"] == 1
    )
    assert len(evaluations[0]["values"]["margin"]) == 40
    callback.close()


def test_own_schedule_changes_nothing(tmp_path):
    plain = Module()
    fit([], plain, tmp_path)
    module, callback = (
        Module(),
        ShoalCallback(tmp_path / "run", classes=4, loader=loader(), evaluate="every:1@1,every:4"),
    )
    fit([callback], module, tmp_path)
    got = read_run(tmp_path / "run")
    assert sorted(got) == [0, 1, 2, 3, 4, 5, 8, 10] and got[10] == own(module)
    assert module.losses == plain.losses and len(set(plain.losses)) == 10


def test_accumulated_gradients_count_updates(tmp_path):
    module, callback = Module(), ShoalCallback(tmp_path / "run", classes=4, loader=loader(), evaluate="every:1")
    fit([callback], module, tmp_path, accumulate_grad_batches=2, max_steps=6)
    assert sorted(read_run(tmp_path / "run")) == [0, 1, 2, 3, 4, 5, 6]


class Manual(Module):
    """Two optimisers that step at every second batch: as many steps as batches, but for the last of an odd number."""

    automatic_optimization = False

    def training_step(self, batch, i):
        self.manual_backward(torch.nn.functional.cross_entropy(self(batch[0]), batch[1]))
        for optimizer in self.optimizers() if i % 2 else ():
            optimizer.step()
            optimizer.zero_grad()

    def configure_optimizers(self):
        return [torch.optim.SGD(self.net[:1].parameters(), 0.1), torch.optim.SGD(self.net[1:].parameters(), 0.1)]


@pytest.mark.parametrize("own", [{}, {"loader": loader(), "evaluate": "every:4"}])
def test_epochs_are_lightnings(tmp_path, own):
    for module, more, want in (
        (Module(), {"accumulate_grad_batches": 2}, [(3, 1), (6, 2)]),
        (Manual(), {}, [(4, 1), (8, 2)]),
    ):
        callback = ShoalCallback(tmp_path / type(module).__name__, classes=4, **own)
        fit([callback], module, tmp_path, None if own else loader(), max_epochs=2, max_steps=-1, **more)
        evaluations = read_file(callback.run.path)[1]
        if own:  # asked after the batch of the step: in an epoch of 5 batches, the fourth
            want = [(0, 0), (4, 7 / 5), (6, 2)] if type(module) is Module else [(0, 0), (4, 4 / 5), (8, 9 / 5)]
        assert [(e["step"], e["epoch"]) for e in evaluations] == [(s, pytest.approx(x)) for s, x in want]


class Stop(pl.Callback):
    """Stops within the second epoch, as EarlyStopping does after validation, and keeps what the module then says."""

    def on_train_batch_end(self, trainer, module, *_):
        trainer.should_stop = trainer.global_step == 7

    def on_train_epoch_end(self, trainer, module):
        self.said = own(module)
        module.train()


class Restore(pl.Callback):
    def on_train_end(self, trainer, module):
        torch.nn.init.zeros_(module.net[-1].weight)


class Normalised(Module):
    def __init__(self):
        super().__init__()
        self.net.insert(1, torch.nn.BatchNorm1d(16))


def averaging(start=1):
    return pl.callbacks.StochasticWeightAveraging(swa_lrs=0.5, swa_epoch_start=start)


@pytest.mark.parametrize("other", [Restore(), pl.callbacks.WeightAveraging(), averaging()])
def test_last_step_of_a_training_that_stops(tmp_path, other):
    stop, module = Stop(), Module()
    callback = ShoalCallback(tmp_path / "run", classes=4, loader=loader(), evaluate="every:5")
    more = {"max_epochs": 2} if hasattr(other, "swa_end") else {}
    trainer = fit([other, stop, callback], module, tmp_path, max_steps=-1 if more else 10, **more)
    got = read_run(tmp_path / "run")
    assert sorted(got) == [0, 5, 7] and got[7] == stop.said != own(module)
    assert trainer.callbacks[0] is other


def test_epoch_of_batch_norm_is_no_step(tmp_path):
    plain, module = Normalised(), Normalised()
    fit([averaging()], plain, tmp_path, max_epochs=2, max_steps=-1)
    callback = ShoalCallback(tmp_path / "run", classes=4, loader=loader(), evaluate="every:4")
    fit([averaging(), callback], module, tmp_path, max_epochs=2, max_steps=-1)
    assert sorted(read_run(tmp_path / "run")) == [0, 4, 8, 10]
    assert module.losses == plain.losses


def test_another_training_is_refused(tmp_path):
    callback = ShoalCallback(tmp_path / "run", classes=4)
    fit([callback], Module(), tmp_path, loader())
    with pytest.raises(ValueError, match="steps up to 10, and this training begins at 0"):
        fit([callback], Module(), tmp_path, loader())


def test_labels_that_may_be_something_else(tmp_path):
    three = data.DataLoader(data.TensorDataset(X, Y, Y % 2), batch_size=8)
    with pytest.raises(ValueError, match="which of the 3 parts of a validation batch are the labels is not known"):
        fit([ShoalCallback(tmp_path / "a", classes=4)], Module("logits"), tmp_path, three)
    fit([ShoalCallback(tmp_path / "b", classes=4)], Module(), tmp_path, three)
    assert len(read_run(tmp_path / "b")[10]) == 40


def test_several_loaders_are_several_splits(tmp_path):
    fit([ShoalCallback(tmp_path / "run", classes=4)], Module(), tmp_path, [loader(), loader(24)])
    assert len(read_run(tmp_path / "run")[5]) == 40 and len(read_run(tmp_path / "run", "test-1")[10]) == 24


def test_resuming(tmp_path):
    module = Module()
    trainer = fit([ShoalCallback(tmp_path / "run", classes=4)], module, tmp_path, loader(), max_steps=5)
    trainer.save_checkpoint(tmp_path / "c.ckpt")
    callback = ShoalCallback(tmp_path / "run", classes=4)
    again = pl.Trainer(
        callbacks=[callback],
        max_steps=10,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
    )
    again.fit(module, loader(shuffle=True), loader(), ckpt_path=tmp_path / "c.ckpt", weights_only=False)
    assert read_file(callback.run.path)[0]["resumed_from"] == 5
    assert sorted(read_run(tmp_path / "run")) == [5, 10]


def test_refused(tmp_path):
    with pytest.raises(ValueError, match="shuffles"):
        ShoalCallback(tmp_path / "a", loader=loader(shuffle=True), evaluate="every:1")
    with pytest.raises(ValueError, match="belong together"):
        ShoalCallback(tmp_path / "a", evaluate="every:1")
    with pytest.raises(ValueError, match="evaluation schedule"):
        ShoalCallback(tmp_path / "a", loader=loader(), evaluate="often")
    for module, val, message in (
        (Module(), loader(shuffle=True), "shuffles"),
        (Module("nothing"), loader(), "returned nothing"),
    ):
        with pytest.raises(ValueError, match=message):
            fit([ShoalCallback(tmp_path / "a", classes=4)], module, tmp_path, val)
    for own in ({}, {"loader": loader(), "evaluate": "every:1"}):  # only classes are kept, and the columns looked at
        with pytest.raises(ValueError, match="outputs have 4 columns, want 5"):
            fit([ShoalCallback(tmp_path / "a", classes=5, **own)], Module(), tmp_path, loader())


def test_two_ranks(tmp_path):
    script = pathlib.Path(__file__).with_name("lightning_ranks.py")
    done = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    parts, whole = read_run(tmp_path / "parts"), read_run(tmp_path / "whole")
    assert sorted(parts) == [3, 6] and sorted(whole) == [
        0,
        1,
        2,
        3,
        4,
        5,
        6,
    ]  # 40 examples, batches of 8 in each of two ranks
    assert all(parts[step] == whole[step][:39] for step in parts)
    files = sorted((tmp_path / "parts" / "log").iterdir())
    assert len(files) == 2 and sorted(read_file(f)[0]["rank"] for f in files) == [0, 1]
    assert all("index" in e for f in files for e in read_file(f)[1])
    assert len(list((tmp_path / "whole" / "log").iterdir())) == 1
