"""wheels.py: what is in a wheel, what its name says, and what is refused."""

import base64
import csv
import email
import hashlib
import importlib.util
import io
import pathlib
import struct
import subprocess
import sys
import zipfile

import pytest

pytest.importorskip("tomllib")
SCRIPT = pathlib.Path(__file__).parent.parent / "wheels.py"
spec = importlib.util.spec_from_file_location("wheels", SCRIPT)
wheels = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wheels)


def elf(machine, segments=(1,)):
    head = b"\x7fELF\x02\x01".ljust(18, b"\0") + struct.pack("<H", machine)
    head = head.ljust(32, b"\0") + struct.pack("<Q", 64)
    head = head.ljust(54, b"\0") + struct.pack("<HH", 56, len(segments))
    return head.ljust(64, b"\0") + b"".join(struct.pack("<I", kind).ljust(56, b"\0") for kind in segments)


def macho(processor, command=0x32, least=12 << 16):
    body = struct.pack("<2I", 0x19, 16) + bytes(8)
    body += struct.pack("<4I", command, 16, *((1, least) if command == 0x32 else (least, 0)))
    return struct.pack("<8I", 0xFEEDFACF, processor, 0, 2, 2, len(body), 0, 0) + body


def pe(machine):
    return b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80) + bytes(0x40) + b"PE\0\0" + struct.pack("<H", machine)


BINARIES = {
    "shoal-linux-amd64": elf(62),
    "shoal-linux-arm64": elf(183),
    "shoal-darwin-amd64": macho(0x01000007),
    "shoal-darwin-arm64": macho(0x0100000C),
    "shoal-windows-amd64.exe": pe(0x8664),
    "shoal-windows-arm64.exe": pe(0xAA64),
}


@pytest.fixture
def folder(tmp_path):
    """A folder as release/build leaves it."""
    files = {**BINARIES, "NOTICE": b"licences of others\n"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    (tmp_path / "SHA256SUMS").write_text("".join(lines))
    return tmp_path


def test_a_wheel_for_each_platform(folder):
    names = {path.name[len("shoal-0.1.0-py3-none-") :] for path in wheels.build(folder)}
    assert names == {
        "manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl",
        "manylinux2014_aarch64.manylinux_2_17_aarch64.musllinux_1_1_aarch64.whl",
        "macosx_12_0_x86_64.whl", "macosx_12_0_arm64.whl", "win_amd64.whl", "win_arm64.whl",
    }  # fmt: skip


def test_contents(folder):
    for path in wheels.build(folder):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
            modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        info = "shoal-0.1.0.dist-info"
        rows = {
            name: (digest, size) for name, digest, size in csv.reader(io.StringIO(entries[f"{info}/RECORD"].decode()))
        }
        assert rows.pop(f"{info}/RECORD") == ("", "") and set(rows) == set(entries) - {f"{info}/RECORD"}
        for name, (digest, size) in rows.items():
            want = base64.urlsafe_b64encode(hashlib.sha256(entries[name]).digest()).decode().rstrip("=")
            assert (digest, size) == (f"sha256={want}", str(len(entries[name]))), name
        (script,) = (name for name in entries if ".data/" in name)
        windows = "win_" in path.name
        assert script == "shoal-0.1.0.data/scripts/shoal" + (".exe" if windows else "")
        assert entries[script] in BINARIES.values() and modes[script] == 0o100755
        package = {name[len("shoal/") :] for name in entries if name.startswith("shoal/")}
        assert {"__init__.py", "binary.py", "py.typed"} <= package and not any("cache" in name for name in package)
        assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= set(entries)
        tags = email.message_from_bytes(entries[f"{info}/WHEEL"]).get_all("Tag")
        assert ".".join(tag.split("-")[2] for tag in tags) == path.name[:-4].split("-")[4]


def test_metadata_is_that_of_the_package(folder):
    import shoal

    with zipfile.ZipFile(wheels.build(folder)[0]) as archive:
        metadata = email.message_from_bytes(archive.read("shoal-0.1.0.dist-info/METADATA"))
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == ("shoal", shoal.__version__, ">=3.9")
    assert metadata["License-Expression"] == "Apache-2.0" and metadata["Requires-Dist"] is None
    assert metadata.get_payload() == (SCRIPT.parent / "README.md").read_text(encoding="utf-8")


def test_the_same_bytes_again_and_their_sums(folder):
    first = {path: path.read_bytes() for path in wheels.build(folder)}
    assert {path: path.read_bytes() for path in wheels.build(folder)} == first
    sums = wheels.read_sums(folder / "SHA256SUMS")
    assert len(sums) == 13 and not list(folder.glob(".*"))
    assert all(sums[path.name] == hashlib.sha256(data).hexdigest() for path, data in first.items())


@pytest.mark.parametrize(
    "name, binary, message",
    [
        ("shoal-linux-amd64", elf(62, (1, 3, 2)), "linked with shared libraries"),
        ("shoal-linux-amd64", elf(62, (1, 2)), "linked with shared libraries"),
        ("shoal-linux-amd64", elf(183), "is a program of linux/arm64"),
        ("shoal-linux-amd64", macho(0x01000007), "is a program of darwin/amd64"),
        ("shoal-linux-amd64", elf(243), "neither amd64 nor arm64"),
        ("shoal-linux-amd64", elf(62)[:66], "cut short"),
        ("shoal-linux-amd64", b"#!/bin/sh\n", "no program of"),
        ("shoal-linux-amd64", b"", "no program of"),
        ("shoal-linux-arm64", elf(183).replace(b"\x02\x01", b"\x01\x01", 1), "no program of"),
        ("shoal-darwin-arm64", macho(0x0100000C, 0x99), "which macOS"),
        ("shoal-darwin-arm64", macho(0x0100000C)[:60], "cut short"),
        ("shoal-windows-amd64.exe", pe(0x14C), "neither amd64 nor arm64"),
        ("shoal-windows-amd64.exe", pe(0x8664).replace(b"PE", b"NE"), "neither amd64 nor arm64"),
    ],
    ids=range(13),
)
def test_binaries_that_are_refused(name, binary, message):
    with pytest.raises(ValueError, match=message):
        wheels.platforms_of(name, binary)


@pytest.mark.parametrize(
    "binary, tag",
    [
        (macho(0x0100000C, least=12 << 16 | 3 << 8), "macosx_13_0_arm64"),
        (macho(0x01000007, 0x24, 10 << 16 | 13 << 8), "macosx_10_13_x86_64"),
    ],
)
def test_the_oldest_macos(binary, tag):
    assert wheels.platforms_of(f"shoal-darwin-{'arm64' if 'arm' in tag else 'amd64'}", binary) == [tag]


def test_a_folder_that_is_not_whole(folder):
    (folder / "shoal-linux-amd64").write_bytes(elf(62) + b"more")
    with pytest.raises(ValueError, match="another sum than SHA256SUMS"):
        wheels.build(folder)
    (folder / "NOTICE").unlink()
    (folder / "shoal-linux-amd64").unlink()
    done = subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("wheels: ") and "NOTICE" in done.stderr
    assert not list(folder.glob("*.whl"))
    assert subprocess.run([sys.executable, str(SCRIPT)], capture_output=True).returncode == 2
