"""Writes numpy/*.npy: the classes 0 1 2 9 100 in every type and version that Read takes; and text/*.

Run in this folder: python make.py (files here: numpy 2.4.6).
"""
import os

import numpy as np

classes = [0, 1, 2, 9, 100]
for kind in "uint8 uint16 uint32 uint64 int8 int16 int32 int64".split():
    np.save(f"numpy/{kind}.npy", np.array(classes, kind))
for major in (1, 2, 3):
    with open(f"numpy/version{major}.npy", "wb") as f:
        np.lib.format.write_array(f, np.array(classes, "<u2"), version=(major, 0))

# Text: bytes, characters, and an .npz of both with numbers. \udcff is how Python has the byte 255 of
# a file's name.
names = ["cat/1.png", "café/22.png", "", "x\udcff"]
np.save("text/characters.npy", np.array(names))
np.save("text/bytes.npy", np.array([os.fsencode(name) for name in names]))
np.savez_compressed("text/archive.npz", ids=np.array(names), predictions=np.array([0, 1, 2, 0]), margin=np.array([0.5, 1, 2, 3], "f4"))
