#!/usr/bin/env python3
"""Write what PyTorch computes for shoal's networks, for reference_test.go to compare.

usage: reference.py                                    the small fixtures that are kept here
       reference.py --only NAME                        one of them, of a new network for instance
       reference.py --list NAME                        names and shapes of a network's checkpoint
       reference.py --network NAME[,NAME] --out DIR    large networks; then

    SHOAL_DEEP_REFERENCE=DIR go test ./deep -run TestLargeNetworks -v -count 1 -timeout 60m

prints a table for each: losses, logits and gradients of shoal and of PyTorch's own
float32 in three ways (NCHW with all threads and with one, channels last), all against
PyTorch's float64. PyTorch's rows say what agreement can mean: deep networks are
ill-conditioned. Where a ReLU's input is within rounding of 0, two correct programs
differ in the whole gradient of that pixel, and every step passes it on.

--spread B makes a network that isn't, to tell an error from rounding: every
BatchNorm's bias starts at +B or -B by a coin (at +B where a residual branch ends),
so that with B = 3 few inputs of a ReLU are near 0.

Weights, pixels, labels and dropout masks come from the counter-based generator
of random.go, so a fixture holds only results: the losses of all steps, logits in
evaluation mode before and after, and the gradients of the first step. A small
fixture also has the size of the published networks that it stands for, and a digest
of the names and shapes of their checkpoints.

A new network is a module here, its names in NETWORKS, and a small one in SMALL.
The modules have the names of pytorch/examples (mnist, 2018), kuangliu/pytorch-cifar,
weiaicunzai/pytorch-cifar100 and xternalbz/WideResNet-pytorch. Needs torch and numpy.
"""
import argparse, hashlib, json, math, os, struct
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


def mix(x):
    """random.go's mix, for Python integers and for arrays of uint64."""
    wide = isinstance(x, np.ndarray)
    a, b = (np.uint64(v) if wide else v for v in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
    cut = (lambda v: v) if wide else (lambda v: v & MASK)
    s = (lambda v: np.uint64(v)) if wide else (lambda v: v)
    x = x ^ (x >> s(30))
    x = cut(x * a)
    x = x ^ (x >> s(27))
    x = cut(x * b)
    return x ^ (x >> s(31))


def key(*parts):
    h = GOLDEN
    for p in parts:
        h = mix(h ^ mix((p + GOLDEN) & MASK))
    return h


def bits(k, n):
    i = np.arange(1, n + 1, dtype=np.uint64)
    return mix(np.uint64(k) + np.uint64(GOLDEN) * i)


def uniform(k, n):
    return (bits(k, n) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


class Bottleneck(nn.Module):  # of DenseNet
    def __init__(self, width, growth):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(width), nn.Conv2d(width, 4 * growth, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(4 * growth), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))
        return torch.cat([y, x], 1)


class Transition(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.bn, self.conv = nn.BatchNorm2d(i), nn.Conv2d(i, o, 1, bias=False)

    def forward(self, x):
        return F.avg_pool2d(self.conv(F.relu(self.bn(x))), 2)


class DenseNet(nn.Module):
    def __init__(self, growth, blocks, stem, classes, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, stem, 3, padding=1, bias=False)
        self.order, width = ["conv1"], stem
        for b, n in enumerate(blocks):
            layers = []
            for _ in range(n):
                layers.append(Bottleneck(width, growth))
                width += growth
            self.add_module(f"dense{b+1}", nn.Sequential(*layers))
            self.order.append(f"dense{b+1}")
            if b + 1 < len(blocks):
                self.add_module(f"trans{b+1}", Transition(width, width // 2))
                self.order.append(f"trans{b+1}")
                width //= 2
        self.bn, self.linear = nn.BatchNorm2d(width), nn.Linear(width, classes)

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        x = F.relu(self.bn(x))
        return self.linear(F.avg_pool2d(x, x.shape[2]).flatten(1))


def cbr(i, o, k, s=1):
    return [nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o)]


class ResBottleneck(nn.Module):
    def __init__(self, i, planes, stride):
        super().__init__()
        o = 4 * planes
        self.residual_function = nn.Sequential(
            *cbr(i, planes, 1), nn.ReLU(), *cbr(planes, planes, 3, stride), nn.ReLU(), *cbr(planes, o, 1))
        self.shortcut = nn.Sequential(*(cbr(i, o, 1, stride) if stride != 1 or i != o else []))

    def forward(self, x):
        return F.relu(self.residual_function(x) + self.shortcut(x))


class DeepResNet(nn.Module):
    def __init__(self, planes, blocks, classes, channels):
        super().__init__()
        self.conv1 = nn.Sequential(*cbr(channels, planes, 3), nn.ReLU())
        width, self.order = planes, ["conv1"]
        for s, n in enumerate(blocks):
            layers = []
            for j in range(n):
                layers.append(ResBottleneck(width, planes << s, 2 if s and not j else 1))
                width = 4 * (planes << s)
            self.add_module(f"conv{s+2}_x", nn.Sequential(*layers))
            self.order.append(f"conv{s+2}_x")
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class BasicBlock(nn.Module):
    def __init__(self, i, planes, stride):
        super().__init__()
        self.conv1, self.bn1 = cbr(i, planes, 3, stride)
        self.conv2, self.bn2 = cbr(planes, planes, 3)
        self.shortcut = nn.Sequential(*(cbr(i, planes, 1, stride) if stride != 1 or i != planes else []))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, planes, blocks, classes, channels, stem=1):
        super().__init__()
        self.conv1, self.bn1 = cbr(channels, planes, 3 if stem == 1 else 7, stem)
        width, self.order = planes, []
        for s, n in enumerate(blocks):
            layers = []
            for j in range(n):
                layers.append(BasicBlock(width, planes << s, 2 if s and not j else 1))
                width = planes << s
            self.add_module(f"layer{s+1}", nn.Sequential(*layers))
            self.order.append(f"layer{s+1}")
        self.linear = nn.Linear(width, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for name in self.order:
            x = getattr(self, name)(x)
        return self.linear(F.adaptive_avg_pool2d(x, 1).flatten(1))


def drop(x, p, step, layer, channels):
    """nn.Dropout, or with channels nn.Dropout2d, by shoal's masks; layer is its number among the Go layers."""
    n, c = x.shape[:2]
    shape = (n, c) if channels else (n, *x.shape[2:], c)
    keep = bits(key(SEED, 2, step, layer), math.prod(shape)) >> np.uint64(32) >= np.uint64(int(p * (1 << 32)))
    keep = torch.from_numpy(keep.reshape(shape).astype(np.float32))
    keep = keep.reshape(n, c, *[1] * (x.dim() - 2)) if channels else keep.movedim(-1, 1)
    return x * keep * (1 / (1 - p))


class WideBlock(nn.Module):
    """layer is the number of the block's first layer in wideresnet.go, whose dropout is 3 behind it."""

    def __init__(self, i, o, stride, dropout, layer):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(i), nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(o), nn.Conv2d(o, o, 3, padding=1, bias=False)
        if i != o:
            self.convShortcut = nn.Conv2d(i, o, 1, stride, bias=False)
        self.step, self.dropout, self.layer = 0, dropout, layer
        self.layers = 5 + (dropout > 0) + (i != o)

    def forward(self, x):
        y = F.relu(self.bn1(x))
        shortcut = self.convShortcut(y) if hasattr(self, "convShortcut") else x
        y = F.relu(self.bn2(self.conv1(y)))
        if self.dropout and self.training:
            y = drop(y, self.dropout, self.step, self.layer + 3, False)
        return self.conv2(y) + shortcut


class WideResNet(nn.Module):
    def __init__(self, stem, width, blocks, dropout, classes, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, stem, 3, padding=1, bias=False)
        at, layer = stem, 1
        for g in range(3):
            group = nn.Sequential()
            for j in range(blocks):
                block = WideBlock(at, stem * width << g, 2 if g and not j else 1, dropout, layer)
                at, layer = stem * width << g, layer + block.layers
                group.append(block)
            self.add_module(f"block{g+1}", nn.Sequential())
            self.get_submodule(f"block{g+1}").add_module("layer", group)
        self.bn1, self.fc = nn.BatchNorm2d(at), nn.Linear(at, classes)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(F.adaptive_avg_pool2d(F.relu(self.bn1(x)), 1).flatten(1))


class CNN2(nn.Module):
    """Dropout draws shoal's masks: layer numbers 3 and 6 of cnn2.go."""

    def __init__(self, classes, channels):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, 10, 5), nn.Conv2d(10, 20, 5)
        self.fc1, self.fc2 = nn.Linear(320, 50), nn.Linear(50, classes)
        self.step = 0

    def drop(self, x, layer):
        return drop(x, 0.5, self.step, layer, True) if self.training else x

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.drop(self.conv2(x), 3), 2))
        x = self.drop(F.relu(self.fc1(x.flatten(1))), 6)
        return self.fc2(x)


# constructor, (channels, side), classes; as the network's Go file registers it
NETWORKS = {
    "cnn2": (lambda c, k: CNN2(k, c), (1, 28), 10),
    "densenet121": (lambda c, k: DenseNet(32, (6, 12, 24, 16), 64, k, c), (3, 32), 10),
    "densenet-bc-40-12": (lambda c, k: DenseNet(12, (6, 6, 6), 24, k, c), (3, 32), 10),
    "resnet101": (lambda c, k: DeepResNet(64, (3, 4, 23, 3), k, c), (3, 32), 100),
    "resnet18": (lambda c, k: ResNet(64, (2, 2, 2, 2), k, c), (3, 32), 10),
    "resnet20": (lambda c, k: ResNet(16, (3, 3, 3), k, c), (3, 32), 10),
    "resnet20-stem4": (lambda c, k: ResNet(16, (3, 3, 3), k, c, 4), (3, 224), 10),
    "wideresnet16-4": (lambda c, k: WideResNet(16, 4, 2, 0, k, c), (3, 32), 10),
    "wideresnet28-10": (lambda c, k: WideResNet(16, 10, 4, 0, k, c), (3, 32), 10),
    "tiny-densenet": (lambda c, k: DenseNet(6, (2, 3), 8, k, c), (3, 8), 10),
    "tiny-bottleneck": (lambda c, k: DeepResNet(4, (1, 2, 1), k, c), (3, 8), 10),
    "tiny-basic": (lambda c, k: ResNet(6, (1, 2), k, c), (3, 8), 10),
    "tiny-stem4": (lambda c, k: ResNet(6, (1, 2), k, c, 4), (3, 28), 10),
    "tiny-wide": (lambda c, k: WideResNet(3, 2, 2, 0.3, k, c), (3, 8), 10),
}
SMALL = {  # batch, steps, learning rate, nesterov; the published networks that it stands for
    "cnn2": (12, 20, 0.01, False, ("cnn2",)),
    "tiny-densenet": (6, 20, 0.05, False, ("densenet121", "densenet-bc-40-12")),
    "tiny-bottleneck": (6, 20, 0.02, True, ("resnet101",)),
    "tiny-basic": (6, 20, 0.05, False, ("resnet18", "resnet20")),
    "tiny-stem4": (6, 20, 0.05, False, ("resnet20-stem4",)),
    "tiny-wide": (6, 20, 0.05, False, ("wideresnet16-4", "wideresnet28-10")),
}
BATCHES, SEED, MOMENTUM, DECAY = 4, 1, 0.9, 5e-4
ENDS_OF_BRANCHES = ("residual_function.7", "shortcut.1")  # resnet101's


def initialise(net, spread=0):
    norms = [(name, m) for name, m in net.named_modules() if isinstance(m, nn.BatchNorm2d)]
    for i, (name, m) in enumerate(norms):
        coin = (bits(key(80, i), m.num_features) >> np.uint64(63)).astype(np.float32)
        if name.endswith(ENDS_OF_BRANCHES):
            coin[:] = 1
        m.bias.data.copy_(torch.from_numpy((2 * coin - 1) * np.float32(spread)))
    fan = 1
    for i, (name, p) in enumerate(net.named_parameters()):
        owner = net.get_submodule(name.rpartition(".")[0])
        if isinstance(owner, nn.BatchNorm2d):
            continue
        if name.endswith(".weight"):
            fan = p[0].numel()
        values = ((2 * uniform(key(SEED, 1, i), p.numel()) - 1) * (1 / math.sqrt(fan))).astype(np.float32)
        p.data.copy_(torch.from_numpy(values.reshape(p.shape)))


def batches(shape, classes, n):
    c, side = shape
    for b in range(BATCHES):
        raw = (bits(key(77, b), n * side * side * c) & np.uint64(255)).astype(np.float32)
        x = raw.reshape(n, side, side, c).transpose(0, 3, 1, 2) / 255
        mean = np.array([0.5, 0.4, 0.45][:c], np.float32).reshape(1, c, 1, 1)
        std = np.array([0.25, 0.2, 0.22][:c], np.float32).reshape(1, c, 1, 1)
        y = (bits(key(78, b), n) % np.uint64(classes)).astype(np.int64)
        yield torch.from_numpy(np.ascontiguousarray((x - mean) / std)), torch.from_numpy(y)


def train(name, data, steps, lr, nesterov, spread, dtype=torch.float32, layout=torch.contiguous_format, amp=False):
    """Losses of all steps, logits before and after, the first step's gradients, the network."""
    make, shape, classes = NETWORKS[name]
    net = make(shape[0], classes)
    initialise(net, spread)
    net = net.to(dtype=dtype, memory_format=layout)
    data = [(x.to(dtype=dtype, memory_format=layout), y) for x, y in data]
    sgd = torch.optim.SGD(net.parameters(), lr, momentum=MOMENTUM, weight_decay=DECAY, nesterov=nesterov)

    def forward(x):
        with torch.autocast("cpu", torch.bfloat16, enabled=amp):
            z = net(x)
        return z.float() if amp else z

    def logits():
        net.eval()
        with torch.no_grad():
            z = forward(data[0][0]).numpy().astype(np.float32)
        net.train()
        return z

    before, losses, first = logits(), [], {}
    for step in range(steps):
        x, y = data[step % BATCHES]
        for m in net.modules():
            m.step = step
        sgd.zero_grad()
        loss = F.cross_entropy(forward(x), y)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            first = {n: p.grad.double().numpy().copy() for n, p in net.named_parameters()}
        sgd.step()
    return {"losses": np.array(losses), "logits.before": before, "logits": logits()}, first, net


def state_dict(name):
    """All tensors of a network's checkpoint: a line of name and shape each, parameters first."""
    make, shape, classes = NETWORKS[name]
    net = make(shape[0], classes)
    tensors = [*net.named_parameters(), *net.named_buffers()]
    return "".join(" ".join(map(str, (n, *v.shape))).ljust(len(n) + 1) + "\n" for n, v in tensors)


def describe(name):
    """What a published network is known by: its size, and a digest of its checkpoint's names and shapes."""
    make, (channels, side), classes = NETWORKS[name]
    net, macs = make(channels, classes), []

    def count(module, inputs, output):  # each output is the product of one filter
        macs.append(output.numel() * module.weight[0].numel())

    for m in net.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            m.register_forward_hook(count)
    net.eval()(torch.zeros(1, channels, side, side))
    return {"parameters": sum(p.numel() for p in net.parameters()), "macs": sum(macs),
            "state_dict": hashlib.sha256(state_dict(name).encode()).hexdigest()}


def small(name, batch, steps, lr, nesterov):
    """A fixture to be kept: gradients in half precision, running statistics."""
    _, shape, classes = NETWORKS[name]
    data = list(batches(shape, classes, batch))
    tensors, gradients, net = train(name, data, steps, lr, nesterov, 0)
    for n, g in gradients.items():
        scale = max(float(np.abs(g).max()), 1e-30)
        tensors["grad." + n] = (g / scale).astype(np.float16)
        tensors["scale." + n] = np.array([scale], np.float32)
    for n, v in net.named_buffers():
        if n.endswith(("mean", "var")):
            tensors["buffer." + n] = v.numpy().astype(np.float32)
    return tensors


def large(name, batch, steps, lr, spread):
    """Float64, and beside it PyTorch's float32 and autocast in the ways that reference_large_test.go lists."""
    _, shape, classes = NETWORKS[name]
    data = list(batches(shape, classes, batch))
    tensors, truth, _ = train(name, data, steps, lr, False, spread, torch.float64)
    print(name, "in float64: losses", tensors["losses"][0], "to", tensors["losses"][-1], flush=True)
    tensors.update({"grad." + n: g.astype(np.float32) for n, g in truth.items()})
    threads = torch.get_num_threads()
    for way, count, layout, amp in (
        ("nchw", threads, torch.contiguous_format, False),
        ("nchw-1", 1, torch.contiguous_format, False),
        ("nhwc", threads, torch.channels_last, False),
        ("amp", threads, torch.contiguous_format, True),
        ("amp-nhwc", threads, torch.channels_last, True),
    ):
        torch.set_num_threads(count)
        results, gradients, _ = train(name, data, steps, lr, False, spread, torch.float32, layout, amp)
        torch.set_num_threads(threads)
        tensors.update({f"{way}.{n}": v for n, v in results.items()})
        tensors.update({f"{way}.grad.{n}": g.astype(np.float32) for n, g in gradients.items()})
        print(name, "in bfloat16," if amp else "in float32,", way, flush=True)
    return tensors


def write(path, tensors, about):
    kinds = {np.dtype(np.float64): "F64", np.dtype(np.float32): "F32", np.dtype(np.float16): "F16"}
    header, at, body = {"__metadata__": about}, 0, []
    for name, v in sorted(tensors.items(), key=lambda e: (-e[1].itemsize, e[0])):
        raw = np.ascontiguousarray(v).tobytes()
        header[name] = {"dtype": kinds[v.dtype], "shape": list(v.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        body.append(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(body))
    print(path, os.path.getsize(path), "bytes")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--network", help="comma-separated: " + ", ".join(NETWORKS))
    p.add_argument("--only", help="make only this one of the small fixtures: " + ", ".join(SMALL))
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--lr", type=float, default=0.001)
    p.add_argument("--spread", type=float, default=0)
    p.add_argument("--list", help="print the names and shapes of a network's checkpoint and stop")
    p.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    a = p.parse_args()
    if a.list:
        print(state_dict(a.list), end="")
        return
    os.makedirs(a.out, exist_ok=True)
    versions = {"torch": torch.__version__, "numpy": np.__version__}
    if not a.network:
        for name, (batch, steps, lr, nesterov, published) in SMALL.items():
            if a.only not in (None, name):
                continue
            about = {"network": name, "batch": str(batch), "steps": str(steps), "lr": str(lr),
                     "nesterov": str(nesterov).lower(),
                     "networks": json.dumps({n: describe(n) for n in published}), **versions}
            write(os.path.join(a.out, name + ".safetensors"), small(name, batch, steps, lr, nesterov), about)
        return
    for name in a.network.split(","):
        about = {"network": name, "batch": str(a.batch), "steps": str(a.steps), "lr": str(a.lr),
                 "spread": str(a.spread), **versions}
        file = f"{name}-batch{a.batch}-spread{a.spread:g}-lr{a.lr:g}.safetensors"
        write(os.path.join(a.out, file), large(name, a.batch, a.steps, a.lr, a.spread), about)


if __name__ == "__main__":
    main()
