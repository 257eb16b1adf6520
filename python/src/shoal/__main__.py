"""``python -m shoal``: what the client is, and the little that it does outside a training."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import List, Optional

from . import __version__, arrays, images, log

ABOUT = """\
shoal attaches a training loop: three lines keep which examples a network gets right while it learns.

    import shoal
    run = shoal.attach("runs/mine", labels=test_labels, classes=10, dataset="mnist")
    if run.due(step): run.log(step, logits)

The program of the same name reads the log: shoal compare runs/mine, shoal report runs/mine.
"""


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs a command; returns the exit status: 0, 1 for what failed, 2 for what is invalid."""
    parser = argparse.ArgumentParser(
        "python -m shoal", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"shoal {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    thumbnails = commands.add_parser(
        "thumbnails", help="make the thumbnails of runs that were attached with paths of images"
    )
    thumbnails.add_argument("run", nargs="+", metavar="RUN", help="folder of a run")
    check = commands.add_parser("check", help="read log files and say what is in them")
    check.add_argument("file", nargs="+", metavar="FILE", help="RUN/log/*.jsonl")
    given = parser.parse_args(arguments)
    try:
        if given.command == "thumbnails":
            for run in given.run:
                _thumbnails(run)
        elif given.command == "check":
            for path in given.file:
                _check(path)
        else:
            parser.print_help()
    except (OSError, ValueError, ImportError) as e:
        hint = ": it needs Pillow (pip install pillow)" if isinstance(e, ImportError) else ""
        print(f"shoal: {e}{hint}", file=sys.stderr)
        return 1
    return 0


def _thumbnails(run: str) -> None:
    if not os.path.isdir(run):
        raise ValueError(f"{run!r} is not a folder: want the folder of a run")
    manifests = images.waiting(run)
    if not manifests:
        print(f"{run}: no thumbnails to make")
    for manifest in manifests:
        path, n = images.from_paths(manifest)
        print(f"{path}: {n} thumbnails")


def _check(path: str) -> None:
    """Reads a log line by line and prints one line about it; ValueError names the first bad line."""
    n = evaluations = 0
    last: Optional[int] = None
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                print(f"{path}: line {number} is incomplete: it is not there yet")
                break
            try:
                record = json.loads(line)
                if number == 1:
                    if record["shoal_log"] != log.VERSION:
                        raise ValueError(f"version {record['shoal_log']}, want {log.VERSION}")
                    n, kinds = record["n"], record["classes"]
                    size = arrays.width(kinds if isinstance(kinds, int) else len(kinds))
                    _size(record["labels"], n * size, "labels")
                    continue
                m = len(arrays.decode(record["index"])) // 4 if "index" in record else n
                _size(record["predictions"], m * size, "predictions")
                if last is not None and record["step"] <= last:
                    raise ValueError(f"step {record['step']} after step {last}")
                last, evaluations = record["step"], evaluations + 1
            except json.JSONDecodeError:
                raise ValueError(f"{path}: line {number} isn't JSON: want a log, RUN/log/*.jsonl") from None
            except (ValueError, KeyError, TypeError) as e:
                raise ValueError(f"{path}: line {number}: {e if isinstance(e, ValueError) else f'lacks {e}'}") from None
    if not n:
        raise ValueError(f"{path}: has no header")
    print(
        f"{path}: {n} examples, {evaluations} evaluations" + (f", the last at step {last}" if last is not None else "")
    )


def _size(text: str, want: int, what: str) -> None:
    import zlib

    try:
        got = len(arrays.decode(text))
    except zlib.error as e:
        raise ValueError(f"{what}: {e}") from None
    if got != want:
        raise ValueError(f"{what} have {got} bytes, want {want}")


if __name__ == "__main__":
    sys.exit(main())
