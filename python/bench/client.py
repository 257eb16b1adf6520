#!/usr/bin/env python3
"""Time what the client costs a training loop: medians, in milliseconds and microseconds.

usage: client.py [--rounds N]     with NumPy and PyTorch where they are installed
"""

import argparse
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
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
