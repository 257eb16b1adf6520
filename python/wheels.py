#!/usr/bin/env python3
"""Builds a wheel for each platform from the binaries of release/build: the client, and the program beside it.

    release/build dist && python/wheels.py dist

reads FOLDER/shoal-OS-ARCH, SHA256SUMS and NOTICE, writes FOLDER/shoal-VERSION-py3-none-PLATFORM.whl and adds
their sums to SHA256SUMS. `pip install` of such a wheel gives the package and, as a script, the command shoal.
The platform of a wheel is read from its binary: whether it is static, its processor, the oldest macOS that it
starts on. The same binaries, sources and zlib give the same bytes. Needs Python 3.11 and nothing else.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import pathlib
import re
import struct
import sys
import zipfile

import tomllib

HERE = pathlib.Path(__file__).resolve().parent
_BINARY = re.compile(r"shoal-(\w+)-(\w+?)(?:\.exe)?\Z")
_ELF = {62: ("amd64", "x86_64"), 183: ("arm64", "aarch64")}
_MACH = {0x01000007: ("amd64", "x86_64"), 0x0100000C: ("arm64", "arm64")}
_PE = {0x8664: ("amd64", "win_amd64"), 0xAA64: ("arm64", "win_arm64")}


def main(arguments: list[str]) -> int:
    """Builds the wheels of a folder and prints their paths; returns the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python/wheels.py FOLDER, that of release/build", file=sys.stderr)
        return 2
    try:
        for path in build(pathlib.Path(arguments[0])):
            print(path)
    except (OSError, ValueError) as e:
        print(f"wheels: {e}", file=sys.stderr)
        return 1
    return 0


def build(folder: pathlib.Path, source: pathlib.Path = HERE) -> list[pathlib.Path]:
    """Writes a wheel for each binary of folder and returns their paths.

    ``source`` is the folder of the client. Raises OSError for a file that is missing, ValueError for
    one that is not what its name or SHA256SUMS says.
    """
    sums = read_sums(folder / "SHA256SUMS")
    binaries = sorted(path for path in folder.iterdir() if _BINARY.match(path.name))
    if not binaries:
        raise ValueError(f"{folder} has no binaries: want the folder of release/build")
    notice = checked(folder / "NOTICE", sums)
    programs = {path.name: checked(path, sums) for path in binaries}
    platforms = {name: platforms_of(name, data) for name, data in programs.items()}
    wheels = []
    for program, data in programs.items():
        name, entries = contents(source, notice, data, platforms[program])
        wheels.append(folder / name)
        write(wheels[-1], entries)
    sums = {name: value for name, value in sums.items() if not name.endswith(".whl")}
    sums |= {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels}
    replace(folder / "SHA256SUMS", "".join(f"{value}  {name}\n" for name, value in sums.items()).encode())
    return wheels


def read_sums(path: pathlib.Path) -> dict[str, str]:
    """The lines of sha256sum, by name of file."""
    lines = (line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name.lstrip("*"): value for value, name in lines}


def checked(path: pathlib.Path, sums: dict[str, str]) -> bytes:
    """The bytes of a file; ValueError if its sum is not that of SHA256SUMS."""
    data = path.read_bytes()
    if sums.get(path.name) != hashlib.sha256(data).hexdigest():
        raise ValueError(f"{path} has another sum than SHA256SUMS says: run release/build again")
    return data


def platforms_of(name: str, binary: bytes) -> list[str]:
    """The platform tags of a binary by its own header.

    Raises ValueError for one that isn't what its name says, and for a Linux one that isn't static: only
    what needs no C library runs with every one of them, glibc from 2.17 on and musl.
    """
    try:
        if binary[:6] == b"\x7fELF\x02\x01":
            system, (arch, platforms) = "linux", elf(name, binary)
        elif binary[:4] == b"\xcf\xfa\xed\xfe":
            system, (arch, platforms) = "darwin", macho(name, binary)
        elif binary[:2] == b"MZ":
            system, (arch, platforms) = "windows", pe(binary)
        else:
            raise ValueError(f"{name} is no program of Linux, macOS or Windows with 64 bits")
    except (struct.error, KeyError):
        raise ValueError(f"{name} is cut short, or for a processor that is neither amd64 nor arm64") from None
    want = _BINARY.match(name)
    if want is None or want.groups() != (system, arch):
        raise ValueError(f"{name} is a program of {system}/{arch}")
    return platforms


def elf(name: str, binary: bytes) -> tuple[str, list[str]]:
    """Processor and tags of a Linux program."""
    (machine,), (at,) = struct.unpack_from("<H", binary, 18), struct.unpack_from("<Q", binary, 32)
    size, count = struct.unpack_from("<HH", binary, 54)
    kinds = {struct.unpack_from("<I", binary, at + i * size)[0] for i in range(count)}
    if kinds & {2, 3}:  # PT_DYNAMIC, PT_INTERP
        raise ValueError(f"{name} is linked with shared libraries: build it with CGO_ENABLED=0")
    arch, tag = _ELF[machine]
    return arch, [f"manylinux2014_{tag}", f"manylinux_2_17_{tag}", f"musllinux_1_1_{tag}"]


def macho(name: str, binary: bytes) -> tuple[str, list[str]]:
    """Processor and tag of a macOS program, with the oldest macOS that its linker allows."""
    processor, _, _, commands = struct.unpack_from("<4I", binary, 4)
    arch, tag = _MACH[processor]
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<2I", binary, at)
        if command in (0x32, 0x24):  # LC_BUILD_VERSION, LC_VERSION_MIN_MACOSX
            (least,) = struct.unpack_from("<I", binary, at + (12 if command == 0x32 else 8))
            major, minor = least >> 16, least >> 8 & 0xFF
            if major < 11:
                return arch, [f"macosx_{major}_{minor}_{tag}"]
            return arch, [f"macosx_{major + (minor > 0)}_0_{tag}"]  # pip knows no 12.3
        at += size
    raise ValueError(f"{name} doesn't say which macOS it needs")


def pe(binary: bytes) -> tuple[str, list[str]]:
    """Processor and tag of a Windows program."""
    (at,) = struct.unpack_from("<I", binary, 0x3C)
    magic, machine = struct.unpack_from("<4sH", binary, at)
    if magic != b"PE\0\0":
        raise KeyError(magic)
    arch, tag = _PE[machine]
    return arch, [tag]


Entry = tuple[str, bytes, int]  # path in the wheel, content, mode


def contents(source: pathlib.Path, notice: bytes, binary: bytes, platforms: list[str]) -> tuple[str, list[Entry]]:
    """File name and entries of a wheel, RECORD last."""
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    distribution = f"{project['name']}-{project['version']}"
    info, script = f"{distribution}.dist-info", "shoal.exe" if platforms[0].startswith("win") else "shoal"
    package = source / "src" / "shoal"
    files = sorted(path for path in package.rglob("*") if path.suffix == ".py" or path.name == "py.typed")
    entries: list[Entry] = [
        (f"shoal/{path.relative_to(package).as_posix()}", path.read_bytes(), 0o644) for path in files
    ]
    tags = "".join(f"Tag: py3-none-{platform}\n" for platform in platforms)
    entries += [
        (f"{distribution}.data/scripts/{script}", binary, 0o755),
        (f"{info}/licenses/LICENSE", (source.parent / "LICENSE").read_bytes(), 0o644),
        (f"{info}/licenses/NOTICE", notice, 0o644),
        (f"{info}/METADATA", metadata(project, source), 0o644),
        (f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: shoal\nRoot-Is-Purelib: false\n{tags}".encode(), 0o644),
    ]
    entries.append((f"{info}/RECORD", record(entries, f"{info}/RECORD"), 0o644))
    return f"{distribution}-py3-none-{'.'.join(platforms)}.whl", entries


def metadata(project: dict, source: pathlib.Path) -> bytes:
    """METADATA, as the package's pyproject.toml has it."""
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']['text']}",
        "License-File: LICENSE",
        "License-File: NOTICE",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in project["dependencies"]),
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join([*lines, "", (source / project["readme"]).read_text(encoding="utf-8")]).encode()


def record(entries: list[Entry], own: str) -> bytes:
    """RECORD: path, sum and size of every entry, and its own path without them."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    for path, data, _ in entries:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow([path, f"sha256={digest}", len(data)])
    rows.writerow([own, "", ""])
    return table.getvalue().encode()


def write(path: pathlib.Path, entries: list[Entry]) -> None:
    """Writes a wheel that is the same for the same entries: no time of day, no owner."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in entries:
            entry = zipfile.ZipInfo(name)  # of 1980, the oldest time that a zip knows
            entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    replace(path, out.getvalue())


def replace(path: pathlib.Path, data: bytes) -> None:
    """Writes a whole file or nothing."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
