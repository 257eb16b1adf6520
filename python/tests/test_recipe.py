"""The recipes against shoal's engine: losses, weights, order, augmentation, learning rates, data, resuming."""

import gzip
import importlib.util
import json
import os
import pathlib
import pickle
import signal
import struct
import sys

import pytest
from reader import read_file, read_run

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")
if sys.version_info < (3, 11):
    pytest.skip("the recipes need Python 3.11", allow_module_level=True)

HERE = pathlib.Path(__file__).parent
RECIPES, FIXTURES, DEEP = HERE.parent / "recipes", HERE / "fixtures", HERE.parent.parent / "deep" / "testdata"
sys.path.insert(0, str(RECIPES))

import cifar  # noqa: E402
import data  # noqa: E402
import networks  # noqa: E402
import study as studies  # noqa: E402
from test_order import fnv  # noqa: E402,F401

from shoal import order, schedule  # noqa: E402

CNN2 = json.loads((FIXTURES / "cnn2.json").read_text())


def noise(seed, n):
    """n bytes of Go's generator, as tests/fixtures/_go draws them."""
    r = order.PCG(seed, 0)
    return np.frombuffer(bytes(r.uint64() >> 56 for _ in range(n)), np.uint8)


def labelled(seed, n):
    return (noise(seed, n) % 10).astype(np.int64)


def drawn(seed, labels):
    pixels = noise(seed, 784 * len(labels)).reshape(-1, 28, 28, 1) // 2
    bright = np.arange(28) < 2 + 2 * labels[:, None]
    return (pixels + 100 * bright[:, None, :, None]).astype(np.uint8)


def splits():
    train, test = labelled(2, CNN2["Train"]), labelled(4, CNN2["Test"])
    return (drawn(1, train), train), (drawn(3, test), test)


def study(**more):
    options = dict(
        name="mnist", seed=CNN2["Seed"], dataset="mnist", limit_train=0, limit_test=0, network="cnn2", init="", evaluate="every:1",
        epochs=6, batch=CNN2["Batch"], learning_rate=0.05, schedule="onecycle", momentum=0.9, nesterov=True, weight_decay=5e-4,
        label_smoothing=0.1, mean=[0.1307], std=[0.3081],
    )  # fmt: skip
    return studies.Study(**{**options, **more})


def test_losses_are_the_engines():
    trainer = cifar.Trainer(study(), splits(), 10)
    losses = [loss.item() for loss in trainer.losses(CNN2["Steps"])]
    assert trainer.per_epoch == 10 and trainer.total == CNN2["Steps"] == len(losses)
    apart = [abs(a - b) for a, b in zip(losses, CNN2["Losses"])]
    assert max(apart[:20]) < 1e-5 and max(apart) < 1e-4  # the aim is 1e-4 for the first 20
    classes, loss = trainer.score(size=33)
    assert classes.tolist() == CNN2["Predicted"] and len(set(CNN2["Predicted"])) > 3
    assert loss == pytest.approx(CNN2["Loss"], abs=1e-5)


def metadata(name):
    raw = (DEEP / f"{name}.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + size])["__metadata__"]


@pytest.mark.parametrize(
    "name, fixture", [("cnn2", "cnn2"), ("densenet121", "tiny-densenet"), ("resnet101", "tiny-bottleneck")]
)
def test_checkpoints_have_the_engines_names_and_shapes(name, fixture):
    import hashlib

    want = json.loads(metadata(fixture)["networks"])[name]
    with torch.device("meta"):
        net = networks.build(name, 100 if name == "resnet101" else 10, 1 if name == "cnn2" else 3)
    tensors = [*net.named_parameters(), *net.named_buffers()]
    text = "".join(" ".join(map(str, (n, *v.shape))).ljust(len(n) + 1) + "\n" for n, v in tensors)
    assert sum(p.numel() for p in net.parameters()) == want["parameters"]
    assert hashlib.sha256(text.encode()).hexdigest() == want["state_dict"]


def reference():
    """The script that made the engine's own fixtures, for its batches."""
    spec = importlib.util.spec_from_file_location("reference", DEEP / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "fixture, make",
    [
        ("tiny-densenet", lambda: networks.DenseNet(6, (2, 3), 8)),
        ("tiny-bottleneck", lambda: networks.ResNet(4, (1, 2, 1), 10)),
    ],
)
def test_families_train_as_the_engines_fixtures(fixture, make):
    about = metadata(fixture)
    want = cifar.read_safetensors(DEEP / f"{fixture}.safetensors")["losses"].tolist()
    net, found = make(), reference()
    networks.initialise(net, found.SEED)
    batches = list(found.batches((3, 8), 10, int(about["batch"])))
    sgd = torch.optim.SGD(
        net.parameters(), float(about["lr"]), momentum=0.9, weight_decay=5e-4, nesterov=about["nesterov"] == "true"
    )
    for step, target in enumerate(want):
        x, y = batches[step % len(batches)]
        loss = torch.nn.functional.cross_entropy(net(x), y)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        assert loss.item() == pytest.approx(target, abs=1e-4)


@pytest.mark.parametrize("name", ["cnn2", "densenet121", "resnet101"])
def test_whole_networks_are_those_that_the_engine_is_compared_with(name):
    make, (channels, side), classes = reference().NETWORKS[name]
    torch.manual_seed(0)
    theirs, ours = make(channels, classes).double(), networks.build(name, classes, channels).double()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, channels, side, side, dtype=torch.float64)
    if name == "cnn2":  # dropout is compared by test_losses_are_the_engines
        theirs.eval(), ours.eval()
    a, b = theirs(x), ours(x)
    assert torch.allclose(a, b, rtol=1e-10, atol=1e-12)
    a.square().sum().backward(), b.square().sum().backward()
    for (n, p), q in zip(theirs.named_parameters(), ours.parameters()):
        assert torch.allclose(p.grad, q.grad, rtol=1e-6, atol=1e-9), n


@pytest.mark.parametrize("case", json.loads((FIXTURES / "augment.json").read_text()), ids=str)
def test_augmentation(case):
    shape = (case["N"], case["Height"], case["Width"], case["Channels"])
    pixels = torch.from_numpy(noise(1, int(np.prod(shape))).reshape(shape).copy())
    policy = case["Policy"]
    change = data.changes(
        int(case["Seed"]), case["Epoch"], range(case["N"]), policy["Crop"], policy["Flip"], policy["Rotate"]
    )
    out = data.gather(torch, pixels, list(range(case["N"])), change)
    h = 0xCBF29CE484222325
    for byte in out.numpy().tobytes():
        h = (h ^ byte) * 0x100000001B3 & (1 << 64) - 1
    assert out.dtype == torch.uint8 and f"{h:016x}" == case["Hash"]


@pytest.mark.parametrize("case", json.loads((FIXTURES / "rates.json").read_text()), ids=lambda c: c["Text"])
def test_rates(case):
    f = studies.rate(case["Text"], case["Rate"])
    got = [f(step, case["PerEpoch"], case["Total"]) for step in range(case["Total"])]
    assert got == pytest.approx(case["Rates"], rel=1e-12)


def test_norms_start_as_the_engines():
    want = json.loads((FIXTURES / "norms.json").read_text())
    net = networks.build(want["Network"], 10, 3)
    networks.initialise(net, want["Seed"], "uniform")
    first = {n: p[0].item() for n, p in net.named_parameters() if n.endswith(".weight") and p.dim() == 1}
    assert len(first) == 120 and first == pytest.approx(want["First"], rel=1e-6)


@pytest.mark.parametrize(
    "was, now, error",
    [
        ('"constant"', '"linear:0@0,0.1@1"', "has its own rates"),
        ("nesterov = false", "nesterov = false\nwarm = 1", "know no warm in"),
        ("nesterov = false", 'nesterov = false\nprecision = "half"', "want 'float32' or 'bfloat16'"),
        ('name = "cnn2"', 'name = "cnn2"\nbn_init = "zeros"', "want 'ones' or 'uniform'"),
    ],
)
def test_studies_that_are_refused(tmp_path, was, now, error):
    (tmp_path / "study.toml").write_text(STUDY.replace(was, now))
    with pytest.raises(ValueError, match=error):
        studies.read(tmp_path / "study.toml")


@pytest.mark.parametrize("path", sorted((HERE.parent.parent / "track" / "testdata" / "builtin").glob("*.toml")), ids=lambda p: p.stem)
def test_every_builtin_study_is_read(path):
    study = studies.read(path)
    studies.rate(study.schedule, study.learning_rate)
    assert len(schedule.Schedule(study.evaluate, 391).ending(3910)) in (0, 10)


def test_studies_with_rates_of_their_own(tmp_path):
    text = STUDY.replace('"constant"', '"linear:0@0,0.1@1"').replace("learning_rate = 0.05\n", "")
    (tmp_path / "study.toml").write_text(text)
    study = studies.read(tmp_path / "study.toml")
    assert study.learning_rate == 0 and study.bn_init == "ones"
    assert studies.rate(study.schedule, study.learning_rate)(5, 10, 100) == 0.05


STUDY = """
name = "mnist"
seed = 7
[data]
dataset = "mnist"
limit_train = 90
limit_test = 50
[network]
name = "cnn2"
[training]
epochs = 4.0
batch = 16
learning_rate = 0.05
schedule = "constant"
momentum = 0.5
nesterov = false
weight_decay = 0.0
label_smoothing = 0.0
mean = [0.1307]
std = 0.3081
crop = 0
flip = false
rotate = 0.0
[evaluation]
schedule = "every:1@1,every:5"
"""


@pytest.fixture
def mnist(tmp_path):
    for part, (pixels, labels) in zip(("train", "t10k"), splits()):
        images = struct.pack(">IIII", 0x803, len(labels), 28, 28) + pixels.tobytes()
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 0x801, len(labels)) + labels.astype("u1").tobytes()
        )
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def recipe(folder, out, *more):
    return cifar.main(
        [str(folder / "study.toml"), "--data-dir", str(folder), "--out", str(out), "--device", "cpu", *more]
    )


def test_a_stopped_run_resumes_bit_for_bit(mnist, monkeypatch):
    assert recipe(mnist, mnist / "whole") == 0
    whole = read_run(mnist / "whole")
    assert sorted(whole) == [0, 1, 2, 3, 4, 5, 6, 10, 15, 20, 24] and len(whole[0]) == 50

    losses = cifar.Trainer.losses

    def interrupted(self, until):
        for loss in losses(self, until):
            if self.step == 12:
                os.kill(os.getpid(), signal.SIGTERM)
            yield loss

    with monkeypatch.context() as m:
        m.setattr(cifar.Trainer, "losses", interrupted)
        assert recipe(mnist, mnist / "cut") == cifar.STOPPED
    assert max(read_run(mnist / "cut")) == 10
    assert recipe(mnist, mnist / "cut") == 1  # without --resume it would be another run
    assert recipe(mnist, mnist / "cut", "--resume") == 0
    assert read_run(mnist / "cut") == whole
    headers = [read_file(p)[0] for p in sorted((mnist / "cut" / "log").iterdir())]
    assert [h["resumed_from"] for h in headers] == [None, 12] and headers[0]["dataset"] == "mnist"
    assert recipe(mnist, mnist / "cut", "--resume", "--seed", "8") == 2


def test_options(mnist, capsys):
    weights = networks.CNN2().state_dict()
    raw = b"".join(v.numpy().tobytes() for v in weights.values())
    head, at = {}, 0
    for name, v in weights.items():
        head[name] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [at, at + 4 * v.numel()]}
        at += 4 * v.numel()
    text = json.dumps(head).encode()
    (mnist / "w.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + raw)
    assert (
        recipe(
            mnist,
            mnist / "a",
            "--init",
            str(mnist / "w.safetensors"),
            "--epochs",
            "0.1",
            "--amp",
            "--evaluate",
            "every:50",
        )
        == 0
    )
    assert sorted(read_run(mnist / "a")) == [0, 1]
    for more in (["--network", "vgg"], ["--evaluate", "often"]):
        assert recipe(mnist, mnist / "b", *more) == 2
    assert "has no recipe" in capsys.readouterr().err
    (mnist / "study.toml").write_text(STUDY.replace("rotate = 0.0", "rotate = 181.0"))
    assert recipe(mnist, mnist / "b") == 2
    (mnist / "study.toml").write_text(STUDY.replace('dataset = "mnist"', 'dataset = "folder:x"'))
    assert recipe(mnist, mnist / "b") == 2
    (mnist / "study.toml").write_text(STUDY.replace('dataset = "mnist"', 'dataset = "cifar10"'))
    assert recipe(mnist, mnist / "b") == 1


@pytest.mark.parametrize("evaluate, counted", [("every:10", "4 evaluations"), ("budget:20%", "about ")])
def test_estimates(mnist, capsys, evaluate, counted):
    arguments = [str(mnist / "study.toml"), "--data-dir", str(mnist), "--device", "cpu", "--evaluate", evaluate]
    assert cifar.main([*arguments, "--estimate"]) == 0
    text = capsys.readouterr().out
    assert "a step of 16 takes" in text and "24 steps (4 epochs): " in text and counted in text
    assert sorted(p.suffix for p in mnist.iterdir()) == ["", "", ".gz", ".gz", ".toml"]  # nothing is written
    with pytest.raises(SystemExit) as e:
        cifar.main(arguments)
    assert e.value.code == 2


def test_an_estimate_adds_up():
    import estimate

    trainer = cifar.Trainer(study(evaluate="every:10"), splits(), 10)
    trainer.total = 50000
    counted, seconds = estimate._evaluations("every:1000,tail:5", trainer.per_epoch, 50000, 2.0, 1e9)
    assert (counted, seconds) == ("51", 102.0)
    assert estimate._evaluations("budget:20%", trainer.per_epoch, 50000, 2.0, 800.0) == ("about 100", 200.0)
    step, warm, taken = estimate._step(trainer)
    assert 0 < step < warm and taken == estimate.MOST
    score, images = estimate._score(trainer)
    assert score > 0 and images == len(splits()[1][1])
    assert [estimate._time(s) for s in (0.0123, 12.3, 1234, 86400, 864000)] == ["12.3 ms", "12.3 s", "20.6 min", "24 h", "10 days"]


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_forms_of_cifar(tmp_path, name):
    hundred = name == "cifar100"
    parts = ["train", "test"] if hundred else [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    python, binary = tmp_path / "p" / ("cifar-100-python" if hundred else "cifar-10-batches-py"), tmp_path / "b"
    python.mkdir(parents=True), binary.mkdir()
    for i, part in enumerate(parts):
        rows, labels = noise(i, 2 * 3072).reshape(2, 3072), [i, i + 1]
        (python / part).write_bytes(pickle.dumps({"data": rows, "fine_labels" if hundred else "labels": labels}))
        head = [bytes([9, y]) if hundred else bytes([y]) for y in labels]
        (binary / f"{part}.bin").write_bytes(b"".join(h + row.tobytes() for h, row in zip(head, rows)))
    loaded = [data.load(name, root) for root in (tmp_path / "p", binary)]
    for train, test, classes in loaded:
        assert (
            classes == (100 if hundred else 10)
            and train[1].tolist()[:2] == [0, 1]
            and len(train[1]) == 2 * len(parts) - 2
        )
        assert train[0][0, 0, 1].tolist() == [noise(0, 3072)[c * 1024 + 1] for c in range(3)]
    assert all((a == b).all() for x, y in zip(loaded[0][:2], loaded[1][:2]) for a, b in zip(x, y))
    with pytest.raises(ValueError, match="limit of 99"):
        data.load(name, binary, 99)
    (python / parts[0]).write_bytes(pickle.dumps(os.getcwd))
    with pytest.raises(pickle.UnpicklingError, match="not part"):
        data.load(name, tmp_path / "p")
