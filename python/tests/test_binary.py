"""shoal.binary: where the program is found, and what its errors become."""

import sysconfig

import pytest

from shoal import ShoalWarning, binary


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The folders that are searched, all empty: scripts, and PATH; the package is where --target or --prefix put it."""
    monkeypatch.setattr(sysconfig, "get_path", lambda name, scheme=None: str(tmp_path / f"{name}{scheme or ''}"))
    monkeypatch.setattr(binary, "__file__", str(tmp_path / "lib/python3/site-packages/shoal/binary.py"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


def test_it_is_found_where_installers_put_it(places, program):
    """The later ones first: each is taken before those that are there already."""
    for folder in ("path", "bin", "lib/python3/site-packages/bin", "scripts"):
        path = program("", places / folder / "shoal", named=False)
        assert binary.find() == str(path)


def test_what_is_named_is_never_replaced(places, program, monkeypatch):
    program("", places / "path" / "shoal", named=False)
    other = program("", places / "other" / "mine")
    assert binary.find() == str(other)
    for bad in ("nowhere/shoal", str(places / "other")):
        monkeypatch.setenv("SHOAL_BINARY", bad)
        with pytest.raises(FileNotFoundError, match="SHOAL_BINARY is '.*': want the path"):
            binary.find()


def test_what_cannot_be_executed_is_not_found(places, program):
    program("", places / "scripts" / "shoal", named=False).chmod(0o644)
    with pytest.raises(FileNotFoundError):
        binary.find()


def test_the_error_says_how_to_get_it(places, monkeypatch):
    monkeypatch.setenv("SHOAL_BINARY", "")
    with pytest.raises(FileNotFoundError) as error:
        binary.call("version")
    text = str(error.value)
    assert all(way in text for way in ("py3-none-PLATFORM.whl", "go build ./cmd/shoal", "SHOAL_BINARY", "PATH"))
    assert "\n" not in text


@pytest.mark.parametrize(
    "script, kind, message",
    [
        ("echo 'report 1/2' >&2; echo 'shoal: runs/x: no run' >&2; exit 1", RuntimeError, "shoal: runs/x: no run"),
        ("echo 'shoal: export: name the output' >&2; exit 2", ValueError, "shoal: export: name the output"),
        ("echo 'panic: x' >&2; exit 2", ValueError, "panic: x"),
        ("exit 1", RuntimeError, "ended with status 1"),
        ("kill -9 $$", RuntimeError, "ended with status -9"),
    ],
)
def test_errors(program, script, kind, message):
    program(script)
    with pytest.raises(kind) as error:
        binary.call("export")
    assert str(error.value).endswith(message)


def test_a_program_of_another_machine(program):
    program("").write_bytes(b"\x7fELF\x02\x01" + bytes(100))
    with pytest.raises(RuntimeError, match="can't be run.*built for this machine"):
        binary.call("version")


def test_warnings_are_passed_on(program):
    program("echo out; echo 'report 1/2' >&2; echo 'warning: two names are one' >&2")
    with pytest.warns(ShoalWarning, match="shoal: two names are one") as caught:
        assert binary.call("export") == "out\n"
    assert len(caught) == 1
