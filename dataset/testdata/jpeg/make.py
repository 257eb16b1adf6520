"""Makes the JPEG fixtures and what libjpeg-turbo decodes them to.

    apt-get install libjpeg-turbo-progs              # cjpeg 2.1.5, for samplings that Pillow lacks
    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python make.py                          # decoded by Pillow's libjpeg-turbo 3.2.0

NAME.jpg is an image whose name has its size and the sampling factors of its luma, NAME.png what it
is decoded to. Saturated colours with hard edges show what upsampling does. The files that begin with
no- have what isn't read; some are others with an edited header.
"""
import io
import subprocess

import numpy as np
from PIL import Image

rng = np.random.default_rng(1)


def picture(width, height):
    y, x = np.mgrid[:height, :width]
    colours = np.array([[255, 0, 0], [0, 0, 255], [0, 255, 0], [255, 255, 0], [255, 0, 255], [10, 200, 190]], np.uint8)
    image = colours[(x // 3 + 2 * (y // 3)) % len(colours)]
    low = height // 2
    image[low:] = np.clip(image[low:] * 0.6 + rng.normal(60, 20, (height - low, width, 3)), 0, 255)
    return Image.fromarray(image.astype(np.uint8))


def encode(image, *options):
    b = io.BytesIO()
    image.save(b, "PPM")
    return subprocess.run(["cjpeg", "-quality", "92", *options], input=b.getvalue(), capture_output=True, check=True).stdout


def keep(name, data):
    with open(name + ".jpg", "wb") as f:
        f.write(data)
    if not name.startswith("no-"):
        Image.open(io.BytesIO(data)).save(name + ".png", optimize=True)


for size, samplings in {
    (17, 13): ["1x1", "2x1", "1x2", "2x2", "4x1", "4x2"],
    (16, 16): ["2x2"],
    (33, 7): ["2x1", "1x2"],
    (4, 5): ["2x1", "2x2"],
    (5, 4): ["2x2", "1x2"],
    (1, 1): ["2x2"],
    (2, 9): ["1x2", "2x2"],
}.items():
    for sampling in samplings:
        keep("%dx%d-%s" % (*size, sampling), encode(picture(*size), "-sample", sampling))
keep("17x13-2x2-progressive", encode(picture(17, 13), "-progressive"))
keep("17x13-2x1-restart", encode(picture(17, 13), "-sample", "2x1", "-restart", "1B"))
keep("17x13-grey", encode(picture(17, 13), "-grayscale"))
keep("17x13-rgb", encode(picture(17, 13), "-rgb"))

keep("no-arithmetic", encode(picture(16, 16), "-arithmetic"))
keep("no-sampling", encode(picture(16, 16), "-sample", "3x1"))
plain = encode(picture(16, 16), "-sample", "1x1", "-baseline")
frame = plain.index(b"\xff\xc0")
keep("no-12-bits", plain[:frame + 1] + b"\xc1" + plain[frame + 2:frame + 4] + b"\x0c" + plain[frame + 5:])
keep("no-lossless", plain[:frame + 1] + b"\xc3" + plain[frame + 2:])
