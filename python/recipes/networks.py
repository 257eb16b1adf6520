"""shoal's networks in PyTorch, under the names and shapes of its checkpoints.

Weights can be drawn as shoal draws them, and dropout can use shoal's masks: then a training here is
the training there, up to rounding. Letters: N images, C channels, K classes.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
INIT, DROPOUT = 1, 2  # what a stream of random numbers is for


def mix(x):
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014), for arrays of uint64."""
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def key(*parts):
    """The name of a stream."""
    h = GOLDEN
    with np.errstate(over="ignore"):
        for part in parts:
            h = mix(h ^ mix(np.uint64(part) + GOLDEN))
    return h


def bits(stream, n):
    """The first n numbers of a stream, 64 bits each."""
    with np.errstate(over="ignore"):
        return mix(stream + GOLDEN * np.arange(1, n + 1, dtype=np.uint64))


def uniform(stream, n):
    """The first n numbers of a stream in [0, 1)."""
    return (bits(stream, n) >> np.uint64(11)).astype(np.float64) / 2**53


class Dropout(nn.Module):
    """Dropout of elements, or of whole channels, with p = 0.5 in shoal's masks.

    ``layer`` is the number of the layer in shoal's network; ``seed`` and ``step`` are set from
    outside: see :func:`prepare`. A mask follows from the three alone, so that a resumed training has
    the same.
    """

    def __init__(self, layer, channels, p=0.5):
        super().__init__()
        self.layer, self.channels, self.p = layer, channels, p
        self.seed = self.step = 0

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        n, c = x.shape[:2]
        shape = (n, c) if self.channels or x.dim() == 2 else (n, *x.shape[2:], c)  # shoal's layout is NHWC
        drawn = bits(key(self.seed, DROPOUT, self.step, self.layer), math.prod(shape)) >> np.uint64(32)
        keep = (
            torch.from_numpy((drawn >= np.uint64(int(self.p * 2**32))).astype(np.float32)).reshape(shape).to(x.device)
        )
        keep = keep.reshape(n, c, *[1] * (x.dim() - 2)) if keep.dim() == 2 else keep.movedim(-1, 1)
        return x * keep / (1 - self.p)


def prepare(net, seed, step):
    """Says to every dropout which training step comes."""
    for m in net.modules():
        if isinstance(m, Dropout):
            m.seed, m.step = seed, step


class CNN2(nn.Module):
    """The network of PyTorch's MNIST example of 2018: 28x28x1 -> K."""

    def __init__(self, classes=10, channels=1, dropout=0.5):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.drop1 = Dropout(3, True, dropout)
        self.fc1 = nn.Linear(320, 50)
        self.drop2 = Dropout(6, False, dropout)
        self.fc2 = nn.Linear(50, classes)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.drop1(self.conv2(x)), 2))
        return self.fc2(self.drop2(F.relu(self.fc1(x.flatten(1)))))


def convolution(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class DenseLayer(nn.Module):
    """BN ReLU conv 1x1 -> BN ReLU conv 3x3; the new channels come before the old."""

    def __init__(self, width, growth):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(width)
        self.conv1 = convolution(width, 4 * growth, 1)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = convolution(4 * growth, growth, 3)

    def forward(self, x):
        y = self.conv1(F.relu(self.bn1(x)))
        return torch.cat((self.conv2(F.relu(self.bn2(y))), x), 1)


class Transition(nn.Module):
    """Half the channels at half the side."""

    def __init__(self, width):
        super().__init__()
        self.bn = nn.BatchNorm2d(width)
        self.conv = convolution(width, width // 2, 1)

    def forward(self, x):
        return F.avg_pool2d(self.conv(F.relu(self.bn(x))), 2)


class DenseNet(nn.Module):
    """DenseNet-BC for small images (Huang et al., CVPR 2017)."""

    def __init__(self, growth=32, blocks=(6, 12, 24, 16), stem=64, classes=10, channels=3):
        super().__init__()
        self.conv1 = convolution(channels, stem, 3)
        width, path = stem, []
        for b, layers in enumerate(blocks, 1):
            path.append((f"dense{b}", nn.Sequential(*(DenseLayer(width + i * growth, growth) for i in range(layers)))))
            width += layers * growth
            if b < len(blocks):
                path.append((f"trans{b}", Transition(width)))
                width //= 2
        for name, module in path:
            self.add_module(name, module)
        self.path = [name for name, _ in path]
        self.bn = nn.BatchNorm2d(width)
        self.linear = nn.Linear(width, classes)

    def forward(self, x):
        x = self.conv1(x)
        for name in self.path:
            x = getattr(self, name)(x)
        return self.linear(F.relu(self.bn(x)).mean((2, 3)))


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions beside a shortcut (He et al., CVPR 2016)."""

    def __init__(self, inputs, planes, stride):
        super().__init__()
        outputs = 4 * planes
        self.residual_function = nn.Sequential(
            convolution(inputs, planes, 1), nn.BatchNorm2d(planes), nn.ReLU(),
            convolution(planes, planes, 3, stride), nn.BatchNorm2d(planes), nn.ReLU(),
            convolution(planes, outputs, 1), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.residual_function(x) + self.shortcut(x))


class ResNet(nn.Module):
    """ResNet-50 and deeper for small images."""

    def __init__(self, planes=64, blocks=(3, 4, 23, 3), classes=100, channels=3):
        super().__init__()
        self.conv1 = nn.Sequential(convolution(channels, planes, 3), nn.BatchNorm2d(planes), nn.ReLU())
        width, self.path = planes, ["conv1"]
        for s, count in enumerate(blocks):
            stage = nn.Sequential()
            for j in range(count):
                stage.append(Bottleneck(width, planes << s, 2 if s and not j else 1))
                width = 4 * (planes << s)
            self.path.append(f"conv{s + 2}_x")
            self.add_module(self.path[-1], stage)
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        for name in self.path:
            x = getattr(self, name)(x)
        return self.fc(x.mean((2, 3)))


NETWORKS = {
    "cnn2": lambda classes, channels: CNN2(classes, channels),
    "densenet121": lambda classes, channels: DenseNet(classes=classes, channels=channels),
    "resnet101": lambda classes, channels: ResNet(classes=classes, channels=channels),
}


def build(name, classes, channels, side=32, seed=0):
    """A network of shoal's by its name, or any model as torchvision:NAME or timm:NAME, untrained.

    Of others' models ``seed`` draws the weights, and images of ``side`` pixels are tried. Raises ValueError for a
    name that is none, and for a model that can't take the images.
    """
    library, _, model = name.rpartition(":")
    if library in ("torchvision", "timm"):
        torch.manual_seed(seed)
        try:
            net = (_torchvision if library == "torchvision" else _timm)(model, classes, channels, side)
        except ImportError as e:
            raise ValueError(f"network {name!r} needs {library}: {e}") from e
        return _tried(net, name, classes, channels, side)
    if name not in NETWORKS:
        raise ValueError(f"network {name!r} has no recipe: want {', '.join(NETWORKS)}, torchvision:NAME or timm:NAME")
    return NETWORKS[name](classes, channels)


def _torchvision(model, classes, channels, side):
    import torchvision

    if channels != 3:
        raise ValueError(f"torchvision's models take images of 3 channels, these have {channels}: use timm:NAME")
    return _sized(lambda **size: torchvision.models.get_model(model, num_classes=classes, **size), image_size=side)


def _timm(model, classes, channels, side):
    import timm

    if not timm.is_model(model):
        raise ValueError(f"timm has no model {model!r}")
    return _sized(lambda **size: timm.create_model(model, num_classes=classes, in_chans=channels, **size), img_size=side)


def _sized(make, **size):
    """A model made for images of this size, where it wants to know: transformers do."""
    try:
        return make(**size)
    except TypeError as e:
        if next(iter(size)) not in str(e):
            raise
        return make()


def _tried(net, name, classes, channels, side):
    """The network, after it has scored two images."""
    net.eval()
    try:
        with torch.no_grad():
            got = tuple(net(torch.zeros(2, channels, side, side)).shape)
    except Exception as e:  # whatever a model raises
        raise ValueError(f"network {name!r} can't take images of {side} x {side} x {channels}: {e}") from e
    if got != (2, classes):
        raise ValueError(f"network {name!r} gives outputs of shape {got} for 2 images, want (2, {classes})")
    return net


def initialise(net, seed, bn_init="ones"):
    """Draws the weights that shoal draws from this seed: U(-1/sqrt(fan in), 1/sqrt(fan in)).

    ``bn_init``: what BatchNorm's weights start as, "ones" or "uniform" (U(0, 1)).
    """
    fan = 1
    for i, (name, p) in enumerate(net.named_parameters()):
        owner = net.get_submodule(name.rpartition(".")[0])
        if isinstance(owner, nn.BatchNorm2d):
            if bn_init == "uniform" and name.endswith(".weight"):
                p.data.copy_(torch.from_numpy(uniform(key(seed, INIT, i), p.numel()).astype(np.float32)))
            continue  # starts as the identity
        if name.endswith(".weight"):
            fan = p[0].numel()
        values = (2 * uniform(key(seed, INIT, i), p.numel()) - 1) * (1 / math.sqrt(fan))
        p.data.copy_(torch.from_numpy(values.astype(np.float32)).reshape(p.shape))
