#!/usr/bin/env python3
"""Time what the client costs a training loop: medians, in milliseconds and microseconds.

usage: client.py [--rounds N]     with NumPy and PyTorch where they are installed
       client.py --images N       instead: thumbnails of N images that are like photographs (NumPy)
"""

import argparse
import os
import random
import statistics
import tempfile
import time

import shoal


def median(work, rounds):
    seconds = []
    for i in range(rounds):
        start = time.perf_counter()
        work(i)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def arrays():
    yield "list", lambda x: x
    try:
        import numpy

        yield "numpy", numpy.array
    except ImportError:
        return
    try:
        import torch

        yield "torch", torch.tensor
    except ImportError:
        pass


def photographs(n, side):
    """[n, side, side, 3] bytes: areas that change slowly, edges between them, and noise."""
    import numpy as np

    r = np.random.default_rng(1)
    coarse = r.uniform(0, 255, (n, 9, 9, 3))
    at = np.linspace(0, 8, side, endpoint=False)
    whole, part = at.astype(int), (at % 1)[:, None]
    out = np.empty((n, side, side, 3), np.uint8)
    for i in range(n):
        rows = coarse[i, whole] * (1 - part[..., None]) + coarse[i, whole + 1] * part[..., None]
        image = rows[:, whole] * (1 - part) + rows[:, whole + 1] * part
        image[:, side // 2 :] = image[:, side // 2 :, ::-1] * 0.8
        out[i] = np.clip(image + r.normal(0, 6, image.shape), 0, 255)
    return out


def thumbnails(n):
    from shoal import images

    for side in (32, 128):
        pictures = photographs(n, side)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "test.zip")
            start = time.perf_counter()
            images.write(path, pictures.__getitem__, n)
            took = time.perf_counter() - start
            print(f"{n} thumbnails of {side} x {side}: {took:.1f} s, {os.path.getsize(path) / 1e6:.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--images", type=int, default=0, metavar="N", help="time thumbnails")
    given = parser.parse_args()
    if given.images:
        thumbnails(given.images)
        return
    rounds = given.rounds
    r = random.Random(1)
    for name, make in arrays():
        for n, k in ((10_000, 10), (50_000, 1_000)):
            labels = [r.randrange(k) for _ in range(n)]
            again = make(labels)
            classes = make([r.randrange(k) for _ in range(n)])
            with tempfile.TemporaryDirectory() as folder, shoal.attach(folder, labels, k) as run:
                took = median(lambda i: run.log(i, classes), rounds)
                print(f"{name}: log {n} x {k}: {1e3 * took:.2f} ms")
                took = median(lambda i: run.log(rounds + i, classes, labels=again), rounds)
                print(f"{name}: log {n} x {k} with labels: {1e3 * took:.2f} ms")
                batches = [make(r.sample(range(n), 128)) for _ in range(20)]
                right = [make([labels[i] for i in batch]) for batch in batches]
                outputs = [make([r.randrange(k) for _ in range(128)]) for _ in range(20)]
                took = median(lambda i: run.add(batches[i % 20], outputs[i % 20], labels=right[i % 20]), 40 * rounds)
                print(f"{name}: add 128 of {n} x {k}: {1e6 * took:.1f} us")
                run._collected = None


if __name__ == "__main__":
    main()
