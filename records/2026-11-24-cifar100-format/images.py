"""Writes made-up images as the CIFAR-100 binary release has them.

    python3 images.py FOLDER TRAIN TEST

FOLDER gets cifar-100-binary/train.bin and test.bin with 50,000 and 10,000
records of 3,074 bytes: coarse label, fine label, 1,024 bytes each of red, green
and blue. The first TRAIN and TEST records are drawn, the rest is black (the
files are sparse). A class is a colour and a direction of stripes; noise makes
some images harder than others. Nothing of it comes from CIFAR-100.
"""

import os
import random
import sys
from math import cos, pi, sin

RECORDS = {"train.bin": 50_000, "test.bin": 10_000}
RECORD = 2 + 3 * 32 * 32


def record(fine, rng):
    colour = [60 + 130 * ((fine >> bit) & 1) + 8 * (fine % 7) for bit in range(3)]
    angle, width = pi * (fine % 10) / 10, 2 + fine // 25
    noise, shift = rng.choice([10, 40, 90]), rng.uniform(0, 6)
    stripes = [sin((x * cos(angle) + y * sin(angle)) / width + shift) for y in range(32) for x in range(32)]
    planes = [bytes(max(0, min(255, round(c + 50 * s + rng.gauss(0, noise)))) for s in stripes) for c in colour]
    return bytes([fine // 5, fine]) + b"".join(planes)


folder = os.path.join(sys.argv[1], "cifar-100-binary")
os.makedirs(folder)
for (name, total), drawn, seed in zip(RECORDS.items(), map(int, sys.argv[2:4]), (1, 2)):
    rng = random.Random(seed)
    with open(os.path.join(folder, name), "wb") as f:
        for i in range(drawn):
            f.write(record(i % 100, rng))
        f.truncate(total * RECORD)
