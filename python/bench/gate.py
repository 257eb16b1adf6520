#!/usr/bin/env python3
"""Compare the first losses of the recipes' networks with those of shoal's engine, from the same weights and batches.

usage: gate.py --data-dir DIR [--network densenet121,resnet101] [--spread 3,0] [--batch 16] [--steps 20] [--lr 0.001]

In float32, without augmentation and dropout. With --spread B every BatchNorm's bias starts at +B or -B by a
coin (+B where a residual branch ends), so that few inputs of a ReLU are near 0: the losses then have to agree
within 1e-4. At 0, the default initialisation, two correct programs part quickly; there the engine may be no
farther from the recipe in float64 than twice the recipe's own float32 is (at worst of three: all threads, one
thread, channels last). Needs Go, and PyTorch. Prints a table for a record; exit status 1 where a limit is passed.
"""

import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python" / "recipes"), str(ROOT / "python" / "src")]

import cifar  # noqa: E402
import data  # noqa: E402
import networks  # noqa: E402
import study as studies  # noqa: E402
import torch  # noqa: E402

CLOSE = 1e-4
DATASETS = {"densenet121": "cifar10", "resnet101": "cifar100", "cnn2": "mnist"}
ENDS_OF_BRANCHES = ("residual_function.7", "shortcut.1")
STUDY = """name = "gate"
seed = 1
[data]
dataset = "{dataset}"
limit_train = {examples}
limit_test = 100
[network]
name = "{network}"
[training]
epochs = {epochs}
batch = {batch}
learning_rate = {rate}
schedule = "constant"
momentum = 0.9
weight_decay = 0.0005
nesterov = false
label_smoothing = 0.0
mean = [0.5]
std = [0.25]
crop = 0
flip = false
rotate = 0.0
[evaluation]
schedule = "every:1000"
"""


class Double(cifar.Trainer):
    """The recipe in float64, from the same inputs."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.net.double()

    def images(self, pixels):
        return super().images(pixels).double()


class ChannelsLast(cifar.Trainer):
    """The recipe with PyTorch's other layout."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.net.to(memory_format=torch.channels_last)

    def images(self, pixels):
        return super().images(pixels).contiguous(memory_format=torch.channels_last)


def weights(network, classes, channels, spread):
    """A network as its seed draws it, BatchNorm's biases spread."""
    net = networks.build(network, classes, channels)
    networks.initialise(net, 1)
    coin = torch.Generator().manual_seed(80)
    for name, m in net.named_modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            signs = 2.0 * torch.randint(0, 2, m.bias.shape, generator=coin) - 1
            m.bias.data.copy_(spread * (torch.ones_like(signs) if name.endswith(ENDS_OF_BRANCHES) else signs))
    return net.state_dict()


def write_safetensors(path, tensors):
    head, body, at = {}, [], 0
    for name, v in tensors.items():
        raw = v.contiguous().numpy().tobytes()
        kind = {torch.float32: "F32", torch.int64: "I64"}[v.dtype]
        head[name] = {"dtype": kind, "shape": list(v.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        body.append(raw)
    text = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(body))


def farthest(a, b):
    return max(abs(x - y) for x, y in zip(a, b))


def losses(kind, study, splits, classes, init, steps, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return [loss.item() for loss in kind(study, splits, classes, init=str(init)).losses(steps)]
    finally:
        torch.set_num_threads(before)


def compare(network, spread, a, engine):
    """A row of the table, and whether it is within its limit."""
    with tempfile.TemporaryDirectory() as folder:
        path, init = pathlib.Path(folder) / "study.toml", pathlib.Path(folder) / "weights.safetensors"
        options = dict(dataset=DATASETS[network], examples=a.batch * a.steps, network=network, epochs=1.0, batch=a.batch, rate=a.lr)
        path.write_text(STUDY.format(**options))
        study = studies.read(path)
        train, test, classes = data.load(study.dataset, a.data_dir, study.limit_train, study.limit_test)
        channels = train[0].shape[-1]
        study.mean, study.std = study.mean * channels, study.std * channels
        text = path.read_text().replace("[0.5]", str(study.mean)).replace("[0.25]", str(study.std))
        path.write_text(text)
        write_safetensors(init, weights(network, classes, channels, spread))
        command = [engine, path, a.data_dir, init, a.steps]
        ours = json.loads(subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE).stdout)
        threads = torch.get_num_threads()
        kinds = [(cifar.Trainer, threads)]
        if not spread:
            kinds += [(ChannelsLast, threads), *([(cifar.Trainer, 1)] if threads > 1 else [])]
        ways = [losses(kind, study, (train, test), classes, init, a.steps, count) for kind, count in kinds]
        truth = losses(Double, study, (train, test), classes, init, a.steps, threads)
    apart, from_truth, theirs = farthest(ours, ways[0]), farthest(ours, truth), max(farthest(w, truth) for w in ways)
    good = apart < CLOSE if spread else from_truth <= 2 * theirs
    cells = [network, f"±{spread:g}" if spread else "default", a.batch, f"{ours[0]:.4f} to {ours[-1]:.4f}"]
    cells += [f"{x:.1e}" for x in (abs(ours[0] - ways[0][0]), apart, from_truth, theirs)]
    limit = f"{CLOSE:g} from the recipe" if spread else "twice the recipe's own"
    return [str(c) for c in (*cells, limit, "met" if good else "NOT MET")], good


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data-dir", required=True, help="folder of one folder a dataset: cifar10, cifar100")
    p.add_argument("--network", default="densenet121,resnet101", help="comma-separated: " + ", ".join(DATASETS))
    p.add_argument("--spread", default="3,0", help="comma-separated")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--lr", type=float, default=0.001)
    a = p.parse_args()
    titles = ["network", "BatchNorm's biases", "batch", "losses", "first loss, engine - recipe", f"{a.steps} losses, at most",
              "engine - float64", "recipe's float32 - float64", "limit", ""]  # fmt: skip
    print("|", " | ".join(titles), "|\n|" + " --- |" * len(titles), flush=True)
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        engine = pathlib.Path(folder) / "engine"
        subprocess.run(["go", "build", "-o", engine, "./python/bench/_engine"], cwd=ROOT, check=True)
        for network in a.network.split(","):
            for spread in map(float, a.spread.split(",")):
                cells, good = compare(network, spread, a, engine)
                print("|", " | ".join(cells), "|", flush=True)
                status |= not good
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
