"""Keras 3 (backends torch and jax): a callback that scores the model on its own schedule.

model.fit(x, y, callbacks=[shoal.keras.ShoalCallback("runs/mine", x_test, y_test, classes=10)])
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

import keras

from . import arrays
from .lazy import Lazy
from .randomness import preserved


class ShoalCallback(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
    """Logs to ``folder`` what the model says about x, y.

    x, y        arrays [n, ...] and labels [n], or one-hot [n, K]; x may be a list or mapping of
                arrays. Or x alone: an iterable of batches (inputs, labels), in a fixed order
    evaluate    the schedule; an @ counts the epochs of ``fit``
    batch_size  examples that are scored at a time
    values      as in Run.log. A model whose loss takes probabilities returns them: then values
                are taken from their logarithms, see ``probabilities``
    more        the other arguments of shoal.attach

    Steps are ``optimizer.iterations``: updates, also where gradients are accumulated. With
    steps_per_execution = N Keras calls back every N batches, so an evaluation is made at the first
    of these that reaches a scheduled step, and logged under the step at which it was made.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        x: Any,
        y: Any = None,
        classes: int | Sequence[str] | None = None,
        *,
        evaluate: str = "log:1.05",
        batch_size: int = 256,
        steps_per_epoch: Optional[int] = None,
        probabilities: Optional[bool] = None,
        **more: Any,
    ) -> None:
        super().__init__()
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: want 1 or more")
        self._data: Any = (x, None if y is None else _one_class(y), batch_size)
        if y is None:
            _check_batches(x)
        more.setdefault("framework", f"keras {keras.__version__} {keras.backend.backend()}")
        self._lazy = Lazy(folder, evaluate, steps_per_epoch, classes=classes, **more)
        self._probabilities = probabilities
        self._base = self._batches = self._first = 0
        self._begun, self._epochs = 0, 0.0  # updates and epochs at which this fit began
        self._share: Optional[Tuple[int, int]] = None  # batches of an update and of an epoch; None: steps tell epochs
        self._counts = steps_per_epoch is None
        self._predict: Optional[Callable[[Any], Any]] = None

    @property
    def run(self) -> Any:
        """The shoal.Run; None before the first evaluation."""
        return self._lazy.run

    def on_train_begin(self, logs: Any = None) -> None:
        self._rebase()
        self._predict = None
        per_epoch = (self.params or {}).get("steps")
        epochs = (self.params or {}).get("epochs")
        every = self._accumulated()
        done = self._epoch()
        self._share = (every, per_epoch) if self._counts and per_epoch else None
        if done is None or self._base < self._begun:
            self._begun, self._epochs = 0, 0.0
        else:
            self._begun, self._epochs = self._base, done
        total = self._base + -(-per_epoch * epochs // every) if per_epoch and epochs and every == 1 else None
        self._lazy.begin(self._base, total, max(1, -(-per_epoch // every)) if per_epoch else None)
        self._score()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batches += batch - self._first + 1
        # An estimate, which asks the model for nothing: with jax that would cost a copy of its state.
        if self._lazy.due(self._base + self._batches // self._accumulated()):
            self._rebase()
            self._score(due=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._rebase()
        # Now, as at the end of fit other weights may be put in place: the best ones, averages.
        if self._model.stop_training or epoch + 1 == (self.params or {}).get("epochs"):
            self._score(due=self._base > self._lazy.last)

    def on_train_end(self, logs: Any = None) -> None:
        self._rebase()
        self._score(due=self._base > self._lazy.last)

    def _accumulated(self) -> int:
        return getattr(self._model.optimizer, "gradient_accumulation_steps", None) or 1

    def _rebase(self) -> None:
        """Reads the updates that are done. The property ``model`` has jax write its state back first."""
        self._base, self._batches = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations)), 0

    def _score(self, due: bool = False) -> None:
        if not (due or self._lazy.due(self._base)) or self._base <= self._lazy.last:
            return
        model = self.model
        with preserved(), _evaluating(model):
            predict = self._predict = self._predict or _predictor(model)
            outputs, labels = _all(predict, *self._data)
        probabilities = _takes_probabilities(model) if self._probabilities is None else self._probabilities
        self._lazy.log(self._base, outputs, labels, epoch=self._epoch(), probabilities=probabilities)

    def _epoch(self) -> Optional[float]:
        """Epochs done: those before this fit, whose batches may have been others, and its own. None where steps tell."""
        if self._share is None:
            return None
        every, per_epoch = self._share
        return self._epochs + (self._base - self._begun) * every / per_epoch

    def close(self) -> None:
        """Closes the log. A training that continues must not."""
        self._lazy.close()


def _all(predict: Callable[[Any], Any], x: Any, y: Any, batch_size: int) -> Tuple[Any, Any]:
    """Outputs [n, K] and labels [n] of all examples."""
    import numpy as np

    outputs, labels = [], []
    for inputs, part in _batches(x, y, batch_size):
        outputs.append(predict(inputs))
        labels.append(part)
    if not outputs:
        raise ValueError("there are no evaluation batches")
    z = np.concatenate(outputs)
    if z.ndim != 2:
        raise ValueError(f"the model's outputs have shape {list(z.shape)}: want [n, classes], one class an example")
    return z, np.concatenate(labels)


def _batches(x: Any, y: Any, batch_size: int) -> Iterator[Tuple[Any, Any]]:
    if y is None:
        for batch in _iterated(x):
            yield batch[0], _one_class(batch[1])
        return
    for at in range(0, len(y), batch_size):
        part = slice(at, at + batch_size)
        yield keras.tree.map_structure(lambda a: a[part], x), y[part]


def _iterated(x: Any) -> Iterator[Any]:
    """Batches of an iterable; a keras.utils.PyDataset is one by its length and items."""
    if isinstance(x, keras.utils.PyDataset):
        return (x[i] for i in range(len(x)))
    return iter(x)


def _check_batches(x: Any) -> None:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(x, torch.utils.data.DataLoader):
        from .torch import check_loader

        check_loader(x)
    elif not hasattr(x, "__iter__") and not isinstance(x, keras.utils.PyDataset) or iter(_iterated(x)) is x:
        raise ValueError(f"x is {type(x).__name__}: without y, want an iterable of batches that can be read again")


def _one_class(y: Any) -> Any:
    """Labels [m] from labels, or from one-hot rows."""
    import numpy as np

    y = np.asarray(arrays.host(y))
    if y.ndim == 2 and y.shape[1] == 1:
        return y[:, 0]
    if y.ndim == 2:
        if not (((y == 0) | (y == 1)).all() and (y.sum(1) == 1).all()):
            raise ValueError("labels have rows that are not one-hot: shoal follows one class an example")
        return y.argmax(1)
    if y.ndim != 1:
        raise ValueError(f"labels have shape {list(y.shape)}: want [n], or one-hot [n, classes]")
    return y


def _takes_probabilities(model: Any) -> bool:
    """Whether the compiled loss takes probabilities, as Keras's do unless from_logits is set."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, (list, tuple, dict)) and len(loss) == 1:  # of the one output
        loss = next(iter(loss.values() if isinstance(loss, dict) else loss))
    if isinstance(loss, str):
        return loss.lower().endswith("crossentropy")
    if inspect.isfunction(loss):
        setting = inspect.signature(loss).parameters.get("from_logits")
        return setting is not None and setting.default is False
    settings = getattr(loss, "_fn_kwargs", {})
    return getattr(loss, "from_logits", settings.get("from_logits")) is False


def _predictor(model: Any) -> Callable[[Any], Any]:
    """Inputs -> outputs as NumPy, with dropout off and nothing of the model changed."""
    if keras.backend.backend() == "jax":
        import jax

        call = jax.jit(lambda trained, fixed, x: model.stateless_call(trained, fixed, x, training=False)[0])

        def predict(x: Any) -> Any:
            variables: List[Any] = [
                [v.value for v in vs] for vs in (model.trainable_variables, model.non_trainable_variables)
            ]
            return keras.ops.convert_to_numpy(
                call(*variables, keras.tree.map_structure(keras.ops.convert_to_tensor, x))
            )

        return predict
    return lambda x: keras.ops.convert_to_numpy(
        model(keras.tree.map_structure(keras.ops.convert_to_tensor, x), training=False)
    )


@contextlib.contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """Without gradients, and with the training mode of torch modules restored, where torch is the backend."""
    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    from .torch import _evaluating as restored

    with restored(model), torch.no_grad():
        yield
