"""The log's file: one line a record, each written by one call, so that kill -9 cuts only the last.

docs/attach.md is the contract. This module names the files, writes lines, and reads headers of the
files that are there already.
"""

from __future__ import annotations

import calendar
import errno
import json
import os
import re
import secrets
import time
import warnings
from typing import Any, Dict, List, NamedTuple, Optional

VERSION = 1
_NAME = re.compile(r"(\d{8}T\d{6}Z)-r(\d+)-[0-9a-f]{8}\.jsonl\Z")
_TIME = "%Y%m%dT%H%M%SZ"
_KEPT = 64 << 20  # bytes of records that wait while the disk refuses them


class ShoalWarning(RuntimeWarning):
    """What the client has to say while it lets the training continue."""


def dump(record: Dict[str, Any]) -> bytes:
    """One line of the file, its newline included. Raises ValueError or TypeError for what JSON can't hold."""
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


class Earlier(NamedTuple):
    """A file that is in the folder already."""

    path: str
    time: float  # by its name, seconds since 1970
    header: Dict[str, Any]
    evaluated: bool  # whether it has a complete line after the header


def earlier(folder: str, split: str, rank: int) -> List[Earlier]:
    """The logs of a split and rank in RUN/log, oldest first.

    Raises ValueError for a file that this client can't follow: no header, or of another version.
    """
    out = []
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    for name in names:
        match = _NAME.match(name)
        if not match or int(match[2]) != rank:
            continue
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            first, second = file.readline(), file.readline()
        if not first.endswith(b"\n"):
            continue  # cut within the header: it says nothing
        header = _header(path, first)
        if header.get("split", "test") == split:
            out.append(Earlier(path, calendar.timegm(time.strptime(match[1], _TIME)), header, second.endswith(b"\n")))
    return out


def _header(path: str, line: bytes) -> Dict[str, Any]:
    try:
        header = json.loads(line)
        version = header["shoal_log"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path}: line 1 is not the header of a shoal log: move the file away") from None
    if version != VERSION:
        raise ValueError(f"{path}: is a log of version {version}, this client writes {VERSION}: use another folder")
    assert isinstance(header, dict)
    return header


class Writer:
    """Appends records to a new file of RUN/log. Raises OSError if the file can't be begun.

    Later trouble with the disk is one warning: records wait in memory, up to 64 MiB, and are tried
    again with the next one.
    """

    def __init__(self, folder: str, rank: int, header: bytes, after: float = 0) -> None:
        os.makedirs(folder, exist_ok=True)
        stamp = time.gmtime(max(time.time(), after + 1))  # later by its name than the files before it
        name = f"{time.strftime(_TIME, stamp)}-r{rank}-{secrets.token_hex(4)}.jsonl"
        self.path = os.path.join(folder, name)
        self._file = os.open(
            self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644
        )
        self._waiting: List[bytes] = []
        self._lost = 0
        self._warned = False
        self._torn = False  # a part of a line is in the file and could not be cut off
        try:
            self._append(header)
        except OSError:
            os.close(self._file)
            os.unlink(self.path)
            raise

    def write(self, line: bytes) -> bool:
        """Appends a line; False where the disk refused and it waits."""
        self._waiting.append(line)
        while sum(map(len, self._waiting)) > _KEPT and len(self._waiting) > 1:
            self._waiting.pop(0)
            self._lost += 1
        return self._flush()

    def _flush(self) -> bool:
        while self._waiting:
            # Taken off first: if an interrupt ends the write, a line must not be written twice.
            line = self._waiting.pop(0)
            try:
                self._append(line)
            except OSError as e:
                self._waiting.insert(0, line)
                self._warn(e)
                return False
        return True

    def _warn(self, error: OSError) -> None:
        if self._warned:
            return
        self._warned = True
        warnings.warn(
            f"shoal: can't write {self.path}: {error.strerror or error}: training continues, evaluations wait in memory",
            ShoalWarning,
            stacklevel=6,
        )

    def _append(self, line: bytes) -> None:
        """One write. What a full disk took of the line is cut off again."""
        if self._torn:
            raise OSError(errno.EIO, "the last line is incomplete and can't be removed")
        size = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, line)
        except OSError:
            self._cut(size)
            raise
        if written != len(line):
            self._cut(size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _cut(self, size: int) -> None:
        try:
            os.ftruncate(self._file, size)
        except OSError:
            self._torn = True

    def close(self) -> None:
        if self._file < 0:
            return
        if not self._flush() or self._lost:
            warnings.warn(
                f"shoal: {len(self._waiting) + self._lost} evaluations could not be written to {self.path}",
                ShoalWarning,
                stacklevel=4,
            )
        try:
            os.fsync(self._file)
        except OSError:
            pass
        os.close(self._file)
        self._file = -1


def rank_of(environment: Any) -> tuple[int, int]:
    """Rank and number of ranks of this process, from what its launcher set; 0 and 1 without one."""
    for rank, sizes in _LAUNCHERS:
        value = _natural(environment.get(rank))
        if value is None:
            continue
        ranks: Optional[int] = next((s for s in (_natural(environment.get(name)) for name in sizes) if s), None)
        return value, max(ranks or 1, value + 1)
    return 0, 1


_LAUNCHERS = (
    ("RANK", ("WORLD_SIZE",)),
    ("LOCAL_RANK", ("WORLD_SIZE", "LOCAL_WORLD_SIZE")),
    ("SLURM_PROCID", ("SLURM_NTASKS", "SLURM_NPROCS")),
    ("OMPI_COMM_WORLD_RANK", ("OMPI_COMM_WORLD_SIZE",)),
)


def _natural(text: Optional[str]) -> Optional[int]:
    return int(text) if text and re.match(r"[0-9]+\Z", text) else None
