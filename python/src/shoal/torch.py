"""Plain PyTorch: run a model over an evaluation loader without changing the training.

if run.due(step):
    run.log(step, *shoal.torch.predict(model, test_loader))
"""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

import torch
from torch.utils import data

from . import arrays
from .randomness import preserved


class Prediction(NamedTuple):
    """What a model says about a split, in the loader's order, on the CPU."""

    outputs: torch.Tensor  # [n, K] logits, or [n] classes
    labels: torch.Tensor  # [n]


def predict(
    model: torch.nn.Module,
    loader: Any,
    device: torch.device | str | None = None,
    *,
    logits: bool = True,
    classes: Optional[int] = None,
    check: bool = True,
) -> Prediction:
    """Runs ``model`` in evaluation mode over ``loader``.

    A batch is (inputs..., labels), which calls model(inputs...), or a mapping with "labels" or
    "label", which calls model(**rest). The model returns logits [m, K], or an object, mapping or tuple
    that holds them as ``logits`` or first. ``device`` is by default that of the model's first parameter.
    With ``logits`` false only classes are kept, which is less memory where there are many: the columns have
    to be ``classes`` (by default two or more), and none may be NaN.

    The training mode of every module and the random state of Python, NumPy and PyTorch (CUDA
    included), and of the loader's own generator, are as before when it returns. Raises ValueError
    for a loader that can't be followed (see :func:`check_loader`), for labels of -100, and for logits that
    can't be classes.
    """
    if check:
        check_loader(loader)
    model = getattr(model, "module", model) if isinstance(model, torch.nn.parallel.DistributedDataParallel) else model
    if device is None:
        first = next((t for t in (*model.parameters(), *model.buffers())), None)
        device = first.device if first is not None else torch.device("cpu")
    outputs: List[torch.Tensor] = []
    labels: List[torch.Tensor] = []
    with preserved(), _generators(loader), _evaluating(model), torch.no_grad():
        for batch in loader:
            z, y = forward(model, batch, device)
            outputs.append((z if logits else predicted(z, classes)).cpu())
            labels.append(y.cpu())
    if not outputs:
        raise ValueError("the loader has no batches")
    return Prediction(torch.cat(outputs), torch.cat(labels))


def forward(model: torch.nn.Module, batch: Any, device: Any) -> Tuple[torch.Tensor, torch.Tensor]:
    """Logits [m, K] and labels [m] of a batch."""
    batch = move(batch, device)
    if hasattr(batch, "keys"):
        rest = {k: v for k, v in batch.items() if k not in ("labels", "label")}
        if len(rest) == len(batch):
            raise ValueError(f"a batch has no labels, only {', '.join(map(str, rest))}")
        y = batch["labels"] if "labels" in batch else batch["label"]
        out = model(**rest)
    elif isinstance(batch, (tuple, list)) and len(batch) >= 2:
        *inputs, y = batch
        out = model(*inputs)
    else:
        raise ValueError(f"a batch is {type(batch).__name__}: want (inputs, labels) or a mapping with labels")
    return logits_of(out), labels_of(y)


def logits_of(out: Any) -> torch.Tensor:
    """The logits [m, K] (or classes [m]) in what a model or a validation step returned."""
    found: torch.Tensor
    if isinstance(out, torch.Tensor):
        found = out
    elif hasattr(out, "logits"):
        found = out.logits
    elif hasattr(out, "keys") and "logits" in out:
        found = out["logits"]
    elif isinstance(out, (tuple, list)) and out:
        found = out[0]
    else:
        raise ValueError(
            f"the model returned {type(out).__name__}: want logits [m, classes], or something that has logits"
        )
    plain = _plain(found)
    if plain.dim() not in (1, 2):
        raise ValueError(
            f"outputs have shape {list(plain.shape)}: want [m, classes]; shoal follows one class an example, not tokens or pixels"
        )
    return plain


def predicted(z: torch.Tensor, classes: Optional[int] = None) -> torch.Tensor:
    """[m] the classes of logits [m, K], or of classes [m]. ValueError for K != ``classes`` and for NaN."""
    if z.dim() != 2:
        return z
    arrays.check_columns(z.shape[1], classes)
    out: torch.Tensor = arrays.largest(z, z.shape[1])
    return out


def labels_of(y: Any) -> torch.Tensor:
    """Labels [m] as a tensor. Raises ValueError for tokens and for labels that are not one class."""
    out = _plain(torch.as_tensor(y))
    if (out == -100).any():
        raise ValueError("labels have -100, which marks what is ignored (tokens): shoal follows one class an example")
    if out.dim() == 2 and out.shape[1] == 1:
        out = out[:, 0]
    if out.dim() != 1:
        raise ValueError(f"labels have shape {list(out.shape)}: want [m], one class an example")
    return out


def _plain(x: torch.Tensor) -> torch.Tensor:
    """``x`` without gradient and without the subclass that a library made of it."""
    out: torch.Tensor = x.detach().as_subclass(torch.Tensor)
    return out


def move(batch: Any, device: Any) -> Any:
    """A batch with its tensors on ``device``."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if hasattr(batch, "keys"):
        return {k: move(v, device) for k, v in batch.items()}
    if isinstance(batch, (tuple, list)):
        return [move(v, device) for v in batch]
    return batch


def check_loader(loader: Any, distributed: bool = False) -> None:
    """Raises ValueError, with its name, for a loader whose order or examples can change.

    Refused are loaders that shuffle, that drop their last batch, and samplers that reorder. With
    ``distributed``, a DistributedSampler that does not shuffle is accepted: see :func:`indices`.
    """
    if not isinstance(loader, data.DataLoader):
        return
    batches = loader.batch_sampler
    if loader.drop_last or getattr(batches, "drop_last", False):
        raise ValueError("the evaluation loader has drop_last=True: it would leave examples out")
    sampler = loader.sampler if batches is None else batches
    if type(batches) is data.BatchSampler:  # the loader's own or one that it was given, which loader.sampler doesn't tell
        sampler = batches.sampler
    name = type(sampler).__name__
    if isinstance(loader.dataset, data.IterableDataset) or isinstance(sampler, data.SequentialSampler):
        return
    if isinstance(sampler, data.RandomSampler):
        raise ValueError(f"the evaluation loader shuffles ({name}): give one with shuffle=False")
    if isinstance(sampler, data.distributed.DistributedSampler) or hasattr(sampler, "num_replicas"):
        if getattr(sampler, "shuffle", False):
            raise ValueError(f"the evaluation loader shuffles ({name} with shuffle=True): give one with shuffle=False")
        if distributed:
            return
        raise ValueError(
            f"the evaluation loader has a part of the split ({name}): run.add(shoal.torch.indices(loader), ...) logs a part"
        )
    with preserved():
        order = list(sampler)
    if order and hasattr(order[0], "__iter__"):
        order = [i for batch in order for i in batch]
    if order != list(range(len(loader.dataset))):  # type: ignore[arg-type]
        raise ValueError(
            f"the sampler {name} of the evaluation loader reorders or leaves out examples: want 0, 1, 2, ..."
        )


def indices(loader: Any) -> Optional[List[int]]:
    """The examples that a loader visits, in order; None where its sampler does not tell."""
    sampler = getattr(loader, "sampler", None)
    if sampler is None or isinstance(loader.dataset, data.IterableDataset):
        return None
    with preserved():
        return list(sampler)


@contextlib.contextmanager
def _evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode, and afterwards the mode that each module had: some may be frozen."""
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextlib.contextmanager
def _generators(loader: Any) -> Iterator[None]:
    """Restores the generators that belong to a loader and its sampler."""
    own = [getattr(x, "generator", None) for x in (loader, getattr(loader, "sampler", None))]
    states = [(g, g.get_state()) for g in own if isinstance(g, torch.Generator)]
    try:
        yield
    finally:
        for generator, state in states:
            generator.set_state(state)
