"""shoal's study.toml and its learning rates, for the recipes."""

import math
from dataclasses import dataclass, field, fields

import tomllib


@dataclass
class Study:
    """What a training needs of a study file; see docs/command-line.md."""

    name: str
    seed: int
    dataset: str
    limit_train: int
    limit_test: int
    network: str
    init: str
    evaluate: str
    epochs: float
    batch: int
    learning_rate: float
    schedule: str
    momentum: float
    nesterov: bool
    weight_decay: float
    label_smoothing: float
    mean: list = field(default_factory=list)
    std: list = field(default_factory=list)
    crop: int = 0
    flip: bool = False
    rotate: float = 0.0  # degrees, at most
    precision: str = "float32"  # or bfloat16: autocast
    bn_init: str = "ones"  # BatchNorm's weights at the start: ones, or uniform (U(0, 1), as PyTorch before 1.2)

    def steps(self, n):
        """Steps of an epoch and of the training, on n examples."""
        per_epoch = -(-n // self.batch)
        return per_epoch, max(1, math.floor(self.epochs * per_epoch + 0.5))


def read(path):
    """The study of a file. Raises ValueError for what the recipes don't do, KeyError for a key that is missing.

    A run's study.toml has every key; a file written by hand needs those that are read here.
    """
    with open(path, "rb") as file:
        s = tomllib.load(file)
    training = dict(s["training"])
    if not 0 <= training.get("rotate", 0.0) <= 180:
        raise ValueError(f"{path}: rotate is {training['rotate']}: want 0 to 180 degrees")
    if s.get("subset", {}).get("partition"):
        raise ValueError(f"{path}: has a partition: the recipes train on all examples")
    if s["evaluation"].get("train"):
        raise ValueError(f"{path}: scores training examples: the recipes score the test split only")
    data, network = s["data"], s["network"]
    if training["schedule"].startswith("linear:"):
        if training.setdefault("learning_rate", 0.0):
            raise ValueError(f"{path}: schedule {training['schedule']!r} has its own rates: leave out learning_rate")
    training["bn_init"] = network.get("bn_init", "ones")
    if training["bn_init"] not in ("ones", "uniform"):
        raise ValueError(f"{path}: bn_init is {training['bn_init']!r}: want 'ones' or 'uniform'")
    for name in ("mean", "std"):
        training[name] = training[name] if isinstance(training[name], list) else [training[name]]
    if training.setdefault("precision", "float32") not in ("float32", "bfloat16"):
        raise ValueError(f"{path}: precision is {training['precision']!r}: want 'float32' or 'bfloat16'")
    if unknown := training.keys() - {f.name for f in fields(Study)}:
        raise ValueError(f"{path}: the recipes know no {', '.join(sorted(unknown))} in [training]")
    return Study(
        s.get("name", data["dataset"]), s["seed"], data["dataset"], data.get("limit_train", 0), data.get("limit_test", 0),
        network["name"], network.get("init", ""), s["evaluation"]["schedule"], **training,
    )  # fmt: skip


def rate(text, base):
    """The function (step, steps of an epoch, steps in all) -> learning rate that a schedule's text means."""
    name, _, argument = text.partition(":")
    if text == "constant":
        return lambda step, per, total: base
    if text == "cosine":
        return lambda step, per, total: base * (1 + math.cos(math.pi * (step // per) / max(1, -(-total // per)))) / 2
    if text == "onecycle":
        return lambda step, per, total: _one_cycle(base, step, total)
    if name == "linear":
        points = [tuple(float(x) for x in reversed(word.split("@"))) for word in argument.split(",")]
        return lambda step, per, total: _between(points, step / max(1, per))
    if name == "steps":
        factor, _, epochs = argument.partition("@")
        edges = [float(e) for e in epochs.split(",")]
        return lambda step, per, total: base * math.prod(float(factor) for e in edges if step >= _nearest(e, per))
    if name == "warmup":
        epochs, _, rest = argument.partition("+")
        then = rate(rest, base)

        def warm(step, per, total):
            n = _nearest(float(epochs), per)
            return then(step, per, total) * ((step + 1) / n if step < n else 1)

        return warm
    raise ValueError(f"unknown learning rate schedule {text!r}")


def _nearest(epochs, per):
    return math.floor(epochs * per + 0.5)


def _between(points, epoch):
    """Straight between points (epoch, rate), flat before the first and after the last."""
    if epoch <= points[0][0]:
        return points[0][1]
    for (a, x), (b, y) in zip(points, points[1:]):
        if epoch <= b:
            return x + (y - x) * ((epoch - a) / (b - a))
    return points[-1][1]


def _one_cycle(base, step, total):
    """torch's OneCycleLR with its defaults, momentum not cycled."""

    def between(a, b, x):
        return b + (a - b) * (1 + math.cos(math.pi * x)) / 2

    top = 0.3 * total - 1
    if step <= top:
        return between(base / 25, base, step / max(top, 1))
    return between(base, base / 25 / 1e4, min(1, (step - top) / max(total - 1 - top, 1)))
