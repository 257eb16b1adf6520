#!/usr/bin/env python3
"""Makes the three kinds of features.

usage: make.py FOLDER table|text|embeddings [CIFAR]

table       FOLDER/table/train.csv and test.csv: 32,561 and 16,281 people like those of the Adult data: six
            numbers and eight categories, one column of 0 and 1 for each value, and the column income
text        FOLDER/text.npz: 11,314 and 7,532 documents of 20 topics that share most of their words, as tf-idf
            of 1,000 words (dense: shoal refuses sparse matrices)
embeddings  FOLDER/embeddings.npz, and the same as embeddings-train.npz and -test.npz: what the last but one
            layer of a small network, trained for two epochs on 12,500 images, says of the first 20,000 training
            images and all test images of CIFAR-10; CIFAR is the folder of the binary release

SHARE=N makes one row in N.
"""
import os
import pathlib
import sys

import numpy as np

one_in = int(os.environ.get("SHARE", 1))


def table(out):
    r = np.random.default_rng(1)
    n, sizes = 48842 // one_in, {"workclass": 8, "education": 16, "marital": 7, "occupation": 14, "relation": 6, "race": 5, "sex": 2, "country": 20}
    age, hours = np.clip(r.gamma(9, 4.3, n), 17, 90).round(), np.clip(r.normal(40, 12, n), 1, 99).round()
    weight = np.exp(r.normal(12, .5, n)).round()
    gain, loss = np.where(r.random(n) < .08, np.exp(r.normal(8.5, 1, n)), 0).round(), np.where(r.random(n) < .05, r.normal(1900, 300, n), 0).round()
    years = r.integers(1, 17, n)
    score = .045 * age - .0005 * (age - 50) ** 2 + .35 * years + .03 * hours + (gain > 5000) * 4 + (loss > 1800) * 1.2
    header, columns = ["age", "hours", "weight", "gain", "loss", "years"], [age, hours, weight, gain, loss, years]
    for name, k in sizes.items():
        effect, share = r.normal(0, .8, k), r.dirichlet(np.full(k, .7))
        value = years - 1 if name == "education" else r.choice(k, n, p=share)
        score = score + effect[value] * (1 + .02 * (age - 38) * (name == "marital"))
        header += [f"{name}_{v}" for v in range(k)]
        columns += [(value == v).astype(int) for v in range(k)]
    noisy = score + r.logistic(0, .8, n)
    income = np.where(noisy > np.quantile(noisy, .76), ">50K", "<=50K")
    (out / "table").mkdir(parents=True, exist_ok=True)
    for part, rows in ("train", slice(0, 2 * n // 3)), ("test", slice(2 * n // 3, n)):
        with open(out / "table" / f"{part}.csv", "w") as f:
            print(*header, "income", sep=",", file=f)
            for row in zip(*(c[rows] for c in columns), income[rows]):
                print(*(int(v) for v in row[:-1]), row[-1], sep=",", file=f)


def text(out):
    from sklearn.feature_extraction.text import TfidfTransformer

    r = np.random.default_rng(2)
    n, words, topics = 18846 // one_in, 1000, 20
    common = 1 / np.arange(1, words + 1) ** 1.05
    own = common * np.exp(r.normal(0, 1.1, (topics, words)))
    own /= own.sum(1, keepdims=True)
    y = r.integers(0, topics, n)
    counts = np.zeros((n, words), np.float32)
    for i in range(n):
        other = r.integers(0, topics)  # a second topic, so that documents are not all clear
        mix = r.beta(3, 2)
        counts[i] = r.multinomial(max(5, int(np.exp(r.normal(4.2, .8)))), mix * own[y[i]] + (1 - mix) * own[other])
    m = 3 * n // 5
    x = np.asarray(TfidfTransformer(sublinear_tf=True).fit(counts[:m]).transform(counts).todense(), np.float32)
    np.savez_compressed(out / "text.npz", x_train=x[:m], y_train=y[:m], x_test=x[m:], y_test=y[m:])


def embeddings(out, cifar):
    import torch
    from torch import nn

    def split(names):
        raw = np.concatenate([np.frombuffer((cifar / f"{name}.bin").read_bytes(), np.uint8).reshape(-1, 3073) for name in names])
        return torch.tensor(raw[:, 1:].reshape(-1, 3, 32, 32).copy()), torch.tensor(raw[:, 0].astype(np.int64))

    def block(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))

    torch.manual_seed(3)
    train, test = split([f"data_batch_{k}" for k in range(1, 6)]), split(["test_batch"])
    body = nn.Sequential(block(3, 32), block(32, 64), block(64, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    net = nn.Sequential(body, nn.Linear(128, 10))
    sgd = torch.optim.SGD(net.parameters(), .05, momentum=.9, nesterov=True, weight_decay=5e-4)
    prepare = lambda x: x.float().div(255).sub(.47).div(.25)
    for epoch in range(2):
        for batch in torch.randperm(12500).split(128):
            sgd.zero_grad()
            nn.functional.cross_entropy(net(prepare(train[0][batch])), train[1][batch]).backward()
            sgd.step()
    body.eval()
    both = {}
    with torch.no_grad():
        for part, (x, y) in ("train", train), ("test", test):
            x, y = x[:20000 // one_in], y[:20000 // one_in]
            features, labels = torch.cat([body(prepare(b)) for b in x.split(1000)]).numpy(), y.numpy().astype(np.uint8)
            np.savez(out / f"embeddings-{part}.npz", features=features, labels=labels)
            both |= {f"x_{part}": features, f"y_{part}": labels}
    np.savez(out / "embeddings.npz", **both)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if sys.argv[2] == "embeddings":
        embeddings(folder, pathlib.Path(sys.argv[3]))
    else:
        {"table": table, "text": text}[sys.argv[2]](folder)
