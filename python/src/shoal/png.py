"""A writer of small PNG pictures (W3C, Portable Network Graphics, third edition)."""

from __future__ import annotations

import struct
import zlib

_COARSE = {
    bits: bytes(((v >> (8 - bits)) * 255 + ((1 << bits) - 1) // 2) // ((1 << bits) - 1) for v in range(256))
    for bits in (4, 5, 6)
}


def coarsen(pixels: bytes, bits: int) -> bytes:
    """Each byte at its first ``bits`` bits (4, 5, 6; 8 changes nothing), spread over 0..255."""
    return pixels.translate(_COARSE[bits]) if bits < 8 else pixels


def encode(width: int, height: int, channels: int, pixels: bytes) -> bytes:
    """A PNG of 1 (grey) or 3 (red, green, blue) channels, a byte each, row by row from the top."""
    if len(pixels) != width * height * channels or channels not in (1, 3):
        raise ValueError(f"{len(pixels)} bytes for {width} x {height} pixels of {channels} channels")
    stride = width * channels
    rows = [pixels[at : at + stride] for at in range(0, len(pixels), stride)]
    above = [bytes(stride), *rows]
    plain = b"".join(b"\0" + row for row in rows)
    # Of the five filters two are tried: none suits drawings, the difference to the row above photographs.
    up = b"".join(b"\2" + _difference(row, over) for row, over in zip(rows, above))
    data = min((zlib.compress(lines) for lines in (plain, up)), key=len)
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _difference(row: bytes, over: bytes) -> bytes:
    """row - over, byte by byte, modulo 256.

    All bytes at once: with a 9th bit that is set in each minuend no borrow crosses into the next.
    """
    n = len(row)
    wide = bytearray(2 * n)
    wide[0::2] = row
    wide[1::2] = b"\1" * n
    other = bytearray(2 * n)
    other[0::2] = over
    out = int.from_bytes(wide, "little") - int.from_bytes(other, "little")
    return out.to_bytes(2 * n, "little")[0::2]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
