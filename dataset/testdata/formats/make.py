"""Makes images in the formats beside JPEG, photos that have to be turned, and what Pillow reads of all.

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python make.py                          # libwebp 1.6.0

FILE.want.png is what FILE shows: turned upright, what is transparent in front of white. The file that
begins with no- isn't read.
"""
import glob
import os

import numpy as np
from PIL import Image, ImageOps

rng = np.random.default_rng(2)


def picture(width, height):
    y, x = np.mgrid[:height, :width]
    colours = np.array([[255, 0, 0], [0, 0, 255], [0, 255, 0], [255, 255, 0], [0, 0, 0], [255, 255, 255]], np.uint8)
    image = colours[(x // 5 + 2 * (y // 4)) % len(colours)].astype(float)
    image[height // 2:] = image[height // 2:] * 0.5 + rng.normal(60, 9, (height - height // 2, width, 3))
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))


def see_through(image):
    alpha = np.linspace(0, 255, image.width * image.height).reshape(image.height, image.width).astype(np.uint8)
    image = image.convert("RGBA")
    image.putalpha(Image.fromarray(alpha))
    return image


plain = picture(23, 14)
plain.save("lossy.webp", quality=90)
plain.save("lossless.webp", lossless=True)
see_through(plain).save("alpha.webp", quality=90, exact=True)
see_through(plain).save("alpha-lossless.webp", lossless=True, exact=True)
see_through(plain).save("alpha.png")
plain.save("plain.bmp")
plain.convert("P").save("palette.bmp")
plain.save("lzw.tif", compression="tiff_lzw")
plain.convert("L").save("grey.tif")
see_through(plain).save("alpha.tif")
plain.convert("P").save("plain.gif")
plain.convert("CMYK").save("cmyk.jpg", quality=95)
for turn in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = turn
    plain.save(f"turn-{turn}.jpg", quality=95, subsampling=0, exif=exif)
plain.save("no-animated.webp", save_all=True, append_images=[picture(23, 14)])

for path in glob.glob("*.*"):
    name, ending = os.path.splitext(path)
    if ending == ".py" or name.startswith("no-") or name.endswith(".want"):
        continue
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image.convert("L" if image.mode == "L" else "RGB").save(f"{path}.want.png", optimize=True)
