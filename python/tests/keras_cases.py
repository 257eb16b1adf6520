"""The cases of test_keras.py; KERAS_BACKEND names the backend."""

import keras
import numpy as np
import pytest
from reader import read_file, read_run

from shoal.keras import ShoalCallback

R = np.random.default_rng(0)
Y = R.integers(0, 4, 40)
X = (R.normal(size=(40, 6)) + Y[:, None]).astype("float32")


def model(softmax=False, **compiled):
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Input((6,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.4),
    ]
    out = keras.Sequential([*layers, keras.layers.Dense(4, activation="softmax" if softmax else None)])
    options = dict(
        optimizer=keras.optimizers.SGD(0.1), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax)
    )
    out.compile(**{**options, **compiled})
    return out


class Losses(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.all = []

    def on_train_batch_end(self, batch, logs=None):
        self.all.append(float(logs["loss"]))


def fit(m, *callbacks, **more):
    losses = Losses()
    options = dict(batch_size=8, epochs=2, verbose=0)
    m.fit(X, Y, callbacks=[*callbacks, losses], **{**options, **more})
    return losses.all


def own(m):
    return m.predict(X, verbose=0).argmax(1).tolist()


def test_attaching_changes_nothing(tmp_path):
    plain = fit(model())
    m, callback = model(), ShoalCallback(tmp_path, X, Y, 4, evaluate="every:1@1,every:4", values=True, batch_size=7)
    losses = fit(m, callback)
    got = read_run(tmp_path)
    assert losses == plain and len(set(plain)) == 10
    assert sorted(got) == [0, 1, 2, 3, 4, 5, 8, 10] and got[10] == own(m)
    header, evaluations = read_file(callback.run.path)
    assert header["framework"].startswith("keras ") and header["labels"] == Y.tolist()
    z = m.predict(X, verbose=0).astype("f8")
    others = np.where(np.eye(4, dtype=bool)[Y], -np.inf, z).max(1)
    assert evaluations[-1]["values"]["margin"] == pytest.approx(list(z[range(40), Y] - others), abs=0.02)


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.sparse_categorical_crossentropy,
        ["sparse_categorical_crossentropy"],
        "SparseCategoricalCrossentropy",
    ],
    ids=str,
)
def test_probabilities(tmp_path, loss):
    m = model(softmax=True, loss=loss)
    callback = ShoalCallback(tmp_path, X, np.eye(4)[Y], evaluate="every:10", values="p_label")
    fit(m, callback)
    _, evaluations = read_file(callback.run.path)
    assert evaluations[-1]["values"]["p_label"] == pytest.approx(list(m.predict(X, verbose=0)[range(40), Y]), abs=0.002)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras has it for jax only")
def test_steps_per_execution(tmp_path):
    m = model(steps_per_execution=3)
    fit(m, ShoalCallback(tmp_path, X, Y, 4, evaluate="every:2"))
    got = read_run(tmp_path)
    assert sorted(got)[0] == 0 and sorted(got)[-1] == 10 and 1 not in got and got[10] == own(m)
    assert int(m.optimizer.iterations) == 10


def test_accumulated_gradients_count_updates(tmp_path):
    m = model(optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=2))
    callback = ShoalCallback(tmp_path, X, Y, 4, evaluate="every:1")
    fit(m, callback)
    assert sorted(read_run(tmp_path)) == [0, 1, 2, 3, 4, 5]
    assert read_file(callback.run.path)[1][-1]["epoch"] == 2.0  # of 5 batches each


def test_fit_again_continues(tmp_path):
    m, callback = model(), ShoalCallback(tmp_path, X, Y, 4, evaluate="every:5")
    fit(m, callback, epochs=1)
    fit(m, callback, epochs=1)
    assert sorted(read_run(tmp_path)) == [0, 5, 10]
    again = ShoalCallback(tmp_path, X, Y, 4, evaluate="every:5")
    fit(m, again, epochs=1)
    assert read_file(again.run.path)[0]["resumed_from"] == 10 and sorted(read_run(tmp_path)) == [0, 5, 10, 15]


def test_epochs_of_fits_with_other_batches(tmp_path):
    m, callback = model(), ShoalCallback(tmp_path, X, Y, 4, evaluate="every:5")
    fit(m, callback)
    fit(m, callback, batch_size=20, epochs=3)
    evaluations = read_file(callback.run.path)[1]
    assert [(e["step"], e["epoch"]) for e in evaluations] == [(0, 0), (5, 1), (10, 2), (15, 4.5), (16, 5)]


def test_a_new_optimizer_is_another_training(tmp_path):
    m, callback = model(), ShoalCallback(tmp_path, X, Y, 4, evaluate="every:5")
    fit(m, callback)
    m.compile(keras.optimizers.SGD(0.01), m.loss)
    with pytest.raises(ValueError, match="steps up to 10, and this training begins at 0"):
        fit(m, callback)


@pytest.mark.parametrize("stops", [True, False])
def test_the_last_step_has_its_own_weights(tmp_path, stops):
    class Other(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.own = self.model.predict(X, verbose=0).argmax(1).tolist()
            self.model.stop_training = stops

        def on_train_end(self, logs=None):  # as EarlyStopping with restore_best_weights does
            self.model.set_weights([0 * w for w in self.model.get_weights()])

    m, other = model(optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)), Other()
    fit(m, other, ShoalCallback(tmp_path, X, Y, 4, evaluate="every:100"))
    got = read_run(tmp_path)
    assert sorted(got) == [0, 2 if stops else 5] and got[max(got)] == other.own != own(m)


def test_batches(tmp_path):
    m, batches = model(), [(X[:25], Y[:25]), (X[25:], Y[25:])]
    fit(m, ShoalCallback(tmp_path, batches, evaluate="every:10"))
    assert read_run(tmp_path)[10] == own(m)


def test_refused(tmp_path):
    with pytest.raises(ValueError, match="not one-hot"):
        ShoalCallback(tmp_path, X, np.full((40, 4), 0.25))
    with pytest.raises(ValueError, match="read again"):
        ShoalCallback(tmp_path, iter([(X, Y)]))
    with pytest.raises(ValueError, match="evaluation schedule"):
        ShoalCallback(tmp_path, X, Y, evaluate="often")
    torch = pytest.importorskip("torch")
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y)), shuffle=True)
    with pytest.raises(ValueError, match="shuffles"):
        ShoalCallback(tmp_path, loader)
