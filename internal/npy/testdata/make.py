"""Writes numpy/*.npy: the classes 0 1 2 9 100 in every type and version that Read takes.

Run in this folder: python make.py (files here: numpy 2.4.6).
"""
import numpy as np

classes = [0, 1, 2, 9, 100]
for kind in "uint8 uint16 uint32 uint64 int8 int16 int32 int64".split():
    np.save(f"numpy/{kind}.npy", np.array(classes, kind))
for major in (1, 2, 3):
    with open(f"numpy/version{major}.npy", "wb") as f:
        np.lib.format.write_array(f, np.array(classes, "<u2"), version=(major, 0))
