#!/usr/bin/env python3
"""Train a network of one of shoal's studies in PyTorch, attached to a run.

    shoal run cifar10 --out runs/a ...            # writes runs/a/study.toml; or write a study by hand
    python recipes/cifar.py runs/a/study.toml --data-dir DATA --out runs/b --device cuda --amp --compile
    shoal compare runs/b --reference svm,forest

Weights, order of examples, augmentation, dropout of cnn2, learning rates and optimiser are shoal's, so that in
float32 the losses are shoal's up to rounding. --init takes a checkpoint (safetensors) instead of
the weights that the seed draws; --network another model: torchvision:NAME or timm:NAME. --estimate only says how
long it would take.

A run that was stopped continues from its checkpoint with the same command and --resume. Exit status: 0 done,
1 failed, 2 for what is invalid, 75 stopped by a signal: resume.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import struct
import sys
import time

import data
import estimate
import networks
import numpy as np
import study as studies
import torch
import torch.nn.functional as F

import shoal
from shoal import order

STOPPED = 75
KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}


class Trainer:
    """One network on one device, from a study. Pixels stay on the device as bytes."""

    def __init__(self, study, splits, classes, device="cpu", amp=False, compiled=False, init="", network=""):
        (self.train_pixels, self.train_labels), (self.test_pixels, self.test_labels) = (
            (torch.from_numpy(np.array(x)).to(device), torch.from_numpy(np.array(y)).to(device)) for x, y in splits
        )
        self.study, self.device, self.amp = study, torch.device(device), amp
        self.per_epoch, self.total = study.steps(len(self.train_labels))
        side, channels = self.train_pixels.shape[-2:]
        self.net = networks.build(network or study.network, classes, channels, side, study.seed)
        if network in ("", *networks.NETWORKS):
            networks.initialise(self.net, study.seed, study.bn_init)
        init = init or study.init
        if init:
            self.net.load_state_dict(read_safetensors(init))
        self.net = self.net.to(device)
        self.run = torch.compile(self.net) if compiled else self.net
        self.optimiser = torch.optim.SGD(
            self.net.parameters(),
            study.learning_rate,
            momentum=study.momentum,
            weight_decay=study.weight_decay,
            nesterov=study.nesterov,
        )
        self.rate = studies.rate(study.schedule, study.learning_rate)
        mean, std = (np.array(v or [d] * channels, np.float64) for v, d in ((study.mean, 0), (study.std, 1)))
        self.scale = torch.tensor((1 / (255 * std)).astype(np.float32), device=device)
        self.shift = torch.tensor((-mean / std).astype(np.float32), device=device)
        self.step = 0  # optimiser updates done

    def images(self, pixels):
        """Bytes [N, height, width, C] as the network's input [N, C, height, width]."""
        return (pixels.float() * self.scale + self.shift).movedim(-1, 1).contiguous()

    def autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16) if self.amp else contextlib.nullcontext()

    def losses(self, until):
        """Trains to ``until`` steps; yields the loss of each as a tensor."""
        s, n = self.study, len(self.train_labels)
        for number, examples in order.batches(s.seed, n, s.batch, self.step, until):
            if s.crop or s.flip or s.rotate:
                change = data.changes(s.seed, number, examples, s.crop, s.flip, s.rotate)
                pixels = data.gather(torch, self.train_pixels, examples, change)
            else:
                pixels = self.train_pixels[examples]
            self.net.train()
            networks.prepare(self.net, s.seed, self.step)
            for group in self.optimiser.param_groups:
                group["lr"] = self.rate(self.step, self.per_epoch, self.total)
            with self.autocast():
                logits = self.run(self.images(pixels))
            logits = getattr(logits, "logits", logits)  # of a model with heads that only training has
            logits = logits.float() if self.amp else logits
            loss = F.cross_entropy(logits, self.train_labels[examples], label_smoothing=s.label_smoothing)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            self.step += 1
            yield loss.detach()

    @torch.no_grad()
    def score(self, size=500, limit=None):
        """Predicted classes [n] of the test split, or of its first ``limit`` images, and the mean loss."""
        self.net.eval()
        classes, total, labels = [], 0.0, self.test_labels[:limit]
        for at in range(0, len(labels), size):
            with self.autocast():
                logits = self.run(self.images(self.test_pixels[:limit][at : at + size])).float()
            classes.append(logits.argmax(-1))
            total += F.cross_entropy(logits, labels[at : at + size], reduction="sum").item()
        return torch.cat(classes), total / len(labels)

    def save(self, path):
        """Writes all that a resumed training needs, whole or not at all."""
        state = {"step": self.step, "network": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}
        state["random"] = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if self.device.type == "cuda" else [])]
        partial = path.with_suffix(".partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({**state, "study": dataclasses.asdict(self.study)}, partial)
        os.replace(partial, path)

    def load(self, path):
        """Returns to a saved state. Raises ValueError for one of another study."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["study"] != dataclasses.asdict(self.study):
            raise ValueError(f"{path} is a checkpoint of another study")
        self.net.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        cpu, *others = (s.cpu() for s in state["random"])  # of dropout in others' models
        torch.set_rng_state(cpu)
        if others:
            torch.cuda.set_rng_state_all(others)


def read_safetensors(path):
    """The tensors of a safetensors file by name."""
    raw = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    head, body = json.loads(raw[8 : 8 + size]), raw[8 + size :]
    out = {}
    for name, about in head.items():
        if name != "__metadata__":
            first, last = about["data_offsets"]
            values = np.frombuffer(body[first:last], KINDS[about["dtype"]]).reshape(about["shape"])
            out[name] = torch.from_numpy(values.copy())
    return out


def train(trainer, run, checkpoint, minutes, show=print):
    """Trains to the end, scoring when it is due; False when a signal stopped it."""
    stopped = []
    handlers = {s: signal.signal(s, lambda *_: stopped.append(1)) for s in (signal.SIGINT, signal.SIGTERM)}
    saved = time.monotonic()
    try:
        steps, loss = trainer.losses(trainer.total), None
        while True:
            if run.due(trainer.step):
                classes, mean = trainer.score()
                run.log(trainer.step, classes, labels=trainer.test_labels, loss=mean)
                right = (classes == trainer.test_labels).float().mean().item()
                show(
                    f"step {trainer.step} of {trainer.total}: loss {'-' if loss is None else f'{loss.item():.4f}'}, accuracy {right:.4f}",
                    flush=True,
                )
            if stopped or trainer.step == trainer.total or time.monotonic() - saved > 60 * minutes:
                trainer.save(checkpoint)
                saved = time.monotonic()
            if stopped or trainer.step == trainer.total:
                return not stopped
            loss = next(steps)
    finally:
        for s, handler in handlers.items():
            signal.signal(s, handler)


def main(arguments=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("study", help="study.toml of a run, or one written by hand")
    p.add_argument("--data-dir", required=True, help="folder of the dataset's files, or of one folder a dataset")
    p.add_argument("--out", help="the run folder")
    p.add_argument("--estimate", action="store_true", help="only say how long it would take here, from a few steps")
    p.add_argument("--init", default="", help="weights to begin with (safetensors, PyTorch's names)")
    p.add_argument("--network", default="", help="instead of the study's: torchvision:NAME or timm:NAME")
    p.add_argument("--epochs", type=float, help="instead of the study's")
    p.add_argument("--evaluate", help="schedule of evaluations, instead of the study's")
    p.add_argument("--seed", type=int, help="instead of the study's")
    p.add_argument("--no-augment", action="store_true", help="neither crop, nor flip, nor rotate")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--amp", action="store_true", help="bfloat16 where autocast allows it, as for a study with that precision")
    p.add_argument("--compile", action="store_true", help="torch.compile")
    p.add_argument("--checkpoint", type=float, default=5, metavar="MINUTES", help="from one checkpoint to the next")
    p.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    a = p.parse_args(arguments)
    if not a.out and not a.estimate:
        p.error("--out is missing: the run folder")
    try:
        return follow(a)
    except (OSError, ValueError, KeyError) as e:
        print(f"cifar.py: {e if not isinstance(e, KeyError) else f'the study lacks {e}'}", file=sys.stderr)
        return 2 if isinstance(e, (ValueError, KeyError)) else 1


def follow(a):
    """Makes the training that the arguments ask for and runs it; returns the exit status."""
    study = studies.read(a.study)
    changed = {"epochs": a.epochs, "evaluate": a.evaluate, "seed": a.seed}
    study = dataclasses.replace(study, **{k: v for k, v in changed.items() if v is not None})
    if a.no_augment:
        study = dataclasses.replace(study, crop=0, flip=False, rotate=0.0)
    train_split, test_split, classes = data.load(study.dataset, a.data_dir, study.limit_train, study.limit_test)
    amp = a.amp or study.precision == "bfloat16"
    trainer = Trainer(study, (train_split, test_split), classes, a.device, amp, a.compile, a.init, a.network)
    if a.estimate:
        print(estimate.of(trainer, a.network or study.network))
        return 0
    checkpoint = pathlib.Path(a.out) / "checkpoints" / "recipe.pt"
    if a.resume:
        trainer.load(checkpoint)
    with shoal.attach(
        a.out, test_split[1], classes, dataset=study.dataset, seed=study.seed, network=a.network or study.network, evaluate=study.evaluate,
        steps_per_epoch=trainer.per_epoch, steps=trainer.total, resumed_from=trainer.step if a.resume else None,
        images=test_split[0], more={"amp": amp, "compile": a.compile, "device": str(trainer.device), "study": dataclasses.asdict(study)},
    ) as run:  # fmt: skip
        return 0 if train(trainer, run, checkpoint, a.checkpoint) else STOPPED


if __name__ == "__main__":
    sys.exit(main())
