#!/usr/bin/env python3
"""Gives shoal features that are wrong, or unusual, in one way each, and commands that fail, and prints what
it says: a table. It stops where something is left behind: a file, a reference, a process.

usage: bad.py FOLDER [npz csv parquet exec]    (SHOAL names the program; needs NumPy, SciPy, pandas, pyarrow)
"""
import datetime
import decimal
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse

folder, *parts = sys.argv[1:]
parts = parts or ["npz", "csv", "parquet", "exec"]
place = pathlib.Path(folder).resolve()
place.mkdir(parents=True, exist_ok=True)
os.chdir(place)
(place / "tmp").mkdir(exist_ok=True)
environment = os.environ | {"TMPDIR": str(place / "tmp")}
r = np.random.default_rng(1)
Y = np.arange(60) % 2
X = (r.normal(size=(60, 3)) + 3 * Y[:, None]).astype(np.float32)


def shoal(*args):
    """Status, and what a person reads: the error, else the accuracy and what was said beside it."""
    a = subprocess.run([os.environ.get("SHOAL", "shoal"), *args], capture_output=True, text=True, env=environment)
    lines = [line for line in a.stderr.splitlines() if line.startswith(("shoal:", "note:", "warning:"))]
    if a.returncode == 0:
        found = re.search(r'"accuracy":([\d.]+)', a.stdout)
        lines = [f"accuracy {float(found.group(1)):.2f}", *lines]
    return a.returncode, "; ".join(lines) if lines else repr(a.stderr[-300:])


def say(what, status, text):
    assert status or text.startswith("accuracy"), (what, text)
    assert not status or text.count("shoal:") == 1, (what, text)
    left = list((place / "tmp").iterdir())
    assert not left, (what, left)
    print(f"| {what} | {status} | {text.replace(str(place) + '/', '').replace('|', chr(92) + '|')} |", flush=True)


def head(kind):
    print(f"\n| {kind} | status | what it says |\n| --- | --- | --- |")


def npz():
    def case(what, **arrays):
        good = dict(x_train=X[:40], y_train=Y[:40], x_test=X[40:], y_test=Y[40:]) | arrays
        np.savez("d.npz", **{k: v for k, v in good.items() if v is not None})
        say(what, *shoal("fit", "knn", "npz:d.npz", "--no-cache", "--json"))

    def changed(a, at, v):
        a = a.copy()
        a[at] = v
        return a

    head("`npz:`")
    case("as it should be")
    case("NaN", x_train=changed(X[:40], (7, 1), np.nan))
    case("infinity among the test examples", x_test=changed(X[40:], (3, 2), -np.inf))
    case("a constant column", x_train=changed(X[:40], (slice(None), 1), 4))
    case("all columns constant", x_train=np.ones((40, 3)))
    case("text", x_train=X[:40].astype(str))
    case("another number of columns", x_test=X[40:, :2])
    case("a label that only test has", y_test=changed(Y[40:], 3, 2))
    case("Python objects", x_train=X[:40].astype(object))
    case("labels that are Python objects", y_train=np.array(["a", "b"] * 20, object))
    case("Fortran order", x_train=np.asfortranarray(X[:40]))
    case("big-endian numbers", x_train=X[:40].astype(">f4"))
    case("half precision", x_train=X[:40].astype(np.float16), x_test=X[40:].astype(np.float16))
    case("float64", x_train=X[:40].astype(np.float64))
    case("whole numbers", x_train=X[:40].astype(np.int64), x_test=X[40:].astype(np.int64))
    case("true and false", x_train=X[:40] > 1, x_test=X[40:] > 1)
    case("complex numbers", x_train=X[:40].astype(complex))
    case("numbers beyond float32", x_train=X[:40].astype(float) * 1e39)
    case("one dimension", x_train=X[:40, 0])
    case("no rows", x_train=X[:0], y_train=Y[:0])
    case("no columns", x_train=X[:40, :0], x_test=X[40:, :0])
    case("labels in int64", y_train=Y[:40].astype(np.int64))
    case("labels that are text", y_train=np.array(["no", "yes"])[Y[:40]], y_test=np.array(["no", "yes"])[Y[40:]])
    case("labels 0.0 and 1.0", y_train=Y[:40].astype(float), y_test=Y[40:].astype(float))
    case("labels 1 and -1", y_train=2 * Y[:40] - 1, y_test=2 * Y[40:] - 1)
    case("true and false as labels", y_train=Y[:40] > 0, y_test=Y[40:] > 0)
    case("labels with fractions", y_train=Y[:40] / 2)
    case("a label NaN", y_train=changed(Y[:40].astype(float), 5, np.nan))
    case("a label nan, as text", y_train=changed(Y[:40].astype("U3"), 5, "nan"))
    case("labels in float32 beyond 2^24", y_train=(2.0**25 * Y[:40]).astype(np.float32))
    case("labels -1, -0.0 and 1", y_train=changed(2.0 * Y[:40] - 1, [0, 1], -0.0), y_test=2 * Y[40:] - 1)
    case("spaces around texts", y_train=np.array(["no", "yes "])[Y[:40]], y_test=np.array(["no", "yes"])[Y[40:]])
    case("NA among numbers", y_train=changed(Y[:40].astype("U3"), 5, "NA"))
    case("bytes to train on, floats to test on", x_train=np.clip(20 * X[:40] + 99, 0, 255).astype(np.uint8), x_test=np.clip(20 * X[40:] + 99, 0, 255) / 255)
    case("another shape in test", x_train=X[:40, :, None].repeat(2, 2), x_test=X[40:, None].repeat(2, 1))
    case("numbers too close for float32", x_train=X[:40].astype(float) + 1e9, x_test=X[40:].astype(float) + 1e9)
    case("one-hot labels", y_train=np.eye(2)[Y[:40]])
    case("one label too few", y_train=Y[:39])
    case("one class", y_train=0 * Y[:40])
    case("an array missing", y_test=None)
    scipy.sparse.save_npz("d.npz", scipy.sparse.csr_matrix(X))
    say("a sparse matrix", *shoal("fit", "knn", "npz:d.npz", "--json"))
    np.savez("d.npz", x_train=X[:40], y_train=Y[:40], x_test=X[40:], y_test=Y[40:])
    (place / "d.npz").write_bytes((place / "d.npz").read_bytes()[:-30])
    say("cut short", *shoal("fit", "knn", "npz:d.npz", "--json"))


def csv():
    rows = ["a,b,label", *(f"{x[0]:.4f},{x[1]:.4f},{'yes' if y else 'no'}" for x, y in zip(X, Y))]
    train, test = "\n".join(rows[:41]) + "\n", "\n".join(rows[:1] + rows[41:]) + "\n"

    def case(what, train=train, test=test, ending="csv"):
        for name, text in ("train", train), ("test", test):
            for other in "csv", "tsv":
                (place / f"{name}.{other}").unlink(missing_ok=True)
            (place / f"{name}.{ending}").write_bytes(text if isinstance(text, bytes) else text.encode())
        say(what, *shoal("fit", "knn", "csv:.", "--no-cache", "--json"))

    def with_row(row):
        return train + row + "\n"

    head("`csv:`")
    case("as it should be")
    case("NaN", with_row("nan,1,no"))
    case("infinity", with_row("1,inf,no"))
    case("an empty cell", with_row("1,,no"))
    case("a constant column", re.sub(r"(?m)^([-\d.]+),[-\d.]+,", r"\1,5,", train))
    case("text in a column", with_row("1,red,no"))
    case("no label", with_row("1,2,"))
    case("a label nan", with_row("1,2,nan"))
    case("labels with fractions", re.sub(r"no\n", "0.5\n", train).replace("yes", "1.5"), test.replace("no\n", "0.5\n").replace("yes", "1.5"))
    case("labels 1.0 and 2.0", train.replace("no\n", "1.0\n").replace("yes", "2.0"), test.replace("no\n", "1\n").replace("yes", "2"))
    case("labels 01 and 1e0, 1 in test", train.replace("no\n", "01\n").replace("yes", "2e0"), test.replace("no\n", "1\n").replace("yes", "2"))
    case("a label ? among texts", with_row("1,2,?"))
    case("a label None among numbers", with_row("1,2,None").replace("no\n", "0\n").replace("yes", "1"), test.replace("no\n", "0\n").replace("yes", "1"))
    case("thousands", with_row('"1,234",2,no'))
    case("Inf as C writes it", with_row("1.#INF,2,no"))
    case("carriage returns alone", train.replace("\n", "\r"))
    case("a column more in test", test=test.replace("label", "label,c").replace("no\n", "no,1\n").replace("yes\n", "yes,1\n"))
    case("a column that test lacks", test=re.sub(r"(?m)^[^,]*,", "", test))
    case("columns in another order in test", test=re.sub(r"(?m)^([^,]*),([^,]*),", r"\2,\1,", test))
    case("a label that only test has", test=test + "1,2,maybe\n")
    case("empty", "")
    case("a header alone", "a,b,label\n")
    case("a byte order mark", "\ufeff" + train)
    case("a byte order mark before a quote", "\ufeff" + train.replace("a,b", '"a","b"'))
    case("CRLF", train.replace("\n", "\r\n"))
    case("a newline in quotes", train.replace("a,b", '"a\nin years",b'), test.replace("a,b", '"a\nin years",b'))
    case("two columns of one name", train.replace("a,b", "a,a"))
    case("semicolons", train.replace(",", ";"))
    case("semicolons and decimal commas", train.replace(",", ";").replace(".", ","))
    case("decimal commas, in a .tsv", train.replace(",", "\t").replace(".", ","), test.replace(",", "\t").replace(".", ","), "tsv")
    case("tabs, in a .csv", train.replace(",", "\t"))
    case("an index of pandas", re.sub(r"(?m)^(?=.)", "0,", train).replace("0,a", ",a"))
    case("an index of pandas, read and written again", re.sub(r"(?m)^(?=.)", "0,", train).replace("0,a", "Unnamed: 0,a"))
    case("a row too short", with_row("1,no"))
    case("an open quote", with_row('1,"2,no'))
    case("UTF-16", train.encode("utf-16"))
    case("Latin-1 in a label", (with_row("1,2,caf").rstrip("\n") + "\n").encode().replace(b"caf\n", b"caf\xe9\n"))
    case("packed by gzip", __import__("gzip").compress(train.encode()))
    case("no column label", train.replace("label", "income"))
    case("a workbook of Excel", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml")


def parquet():
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "label": np.array(["no", "yes"])[Y]})

    def case(what, f=None, index=False, **options):
        f = frame if f is None else f
        for part, rows in ("train", slice(0, 40)), ("test", slice(40, None)):
            if isinstance(f, pa.Table):
                pq.write_table(f.slice(rows.start, (rows.stop or 60) - rows.start), f"{part}.parquet", **options)
            else:
                f.iloc[rows].to_parquet(f"{part}.parquet", index=index, **options)
        say(what, *shoal("fit", "knn", "parquet:.", "--no-cache", "--json"))

    head("`parquet:`")
    case("as it should be")
    for packing in "none", "snappy", "gzip", "brotli", "zstd", "lz4":
        case(f"compression: {packing}", pa.Table.from_pandas(frame, preserve_index=False), compression=packing)
    case("row groups of 7", pa.Table.from_pandas(frame, preserve_index=False), row_group_size=7)
    case("version 2 pages", pa.Table.from_pandas(frame, preserve_index=False), data_page_version="2.0")
    case("a null", frame.assign(a=frame.a.where(frame.a < frame.a.max())))
    case("a null label", frame.assign(label=frame.label.where(frame.index != 7)))
    case("NaN that is no null", pa.table({"a": np.where(np.arange(60) == 7, np.nan, X[:, 0]), "label": Y}))
    case("a dictionary column of text", frame.assign(a=pd.Categorical(["red", "blue", "red"] * 20)))
    case("a dictionary column of whole numbers", pa.table({"a": pa.array((10 * X[:, 0]).astype(np.int32)).dictionary_encode(), "label": Y}))
    case("labels in a dictionary", frame.assign(label=frame.label.astype("category")))
    case("labels as float64", frame.assign(label=Y.astype(float)))
    case("labels in uint64", frame.assign(label=Y.astype(np.uint64) + np.uint64(2**64 - 2)))
    case("labels in float64 beyond 2^53", frame.assign(label=2.0**60 * Y))
    case("an empty label", frame.assign(label=frame.label.where(frame.index != 7, "")))
    case("labels as bool", frame.assign(label=Y > 0))
    case("decimals", pa.table({"a": pa.array([decimal.Decimal(int(100 * v)).scaleb(-2) for v in X[:, 0]], pa.decimal128(9, 2)), "label": Y}))
    case("decimals in whole numbers", pa.table({"a": pa.array([decimal.Decimal(int(100 * v)).scaleb(-2) for v in X[:, 0]], pa.decimal128(9, 2)), "label": Y}), store_decimal_as_integer=True)
    case("timestamps", frame.assign(a=pd.date_range("2020", periods=60)))
    case("timestamps of old writers", frame.assign(a=pd.date_range("2020", periods=60)), use_deprecated_int96_timestamps=True)
    case("dates", frame.assign(a=[datetime.date(2020, 1, 1)] * 60))
    case("durations", frame.assign(a=pd.to_timedelta(np.arange(60), "h")))
    case("lists", frame.assign(a=[[1., 2.]] * 60))
    case("structures", frame.assign(a=[{"x": 1.}] * 60))
    case("half precision", pa.table({"a": pa.array(X[:, 0].astype(np.float16)), "label": Y}))
    case("bytes", frame.assign(a=[b"\x01"] * 60))
    case("unsigned whole numbers", pa.table({"a": pa.array(np.where(Y > 0, 2**32 - 1 - np.arange(60), np.arange(60)).astype(np.uint32)), "label": Y}))
    case("true and false", pa.table({"a": X[:, 0] > 1, "label": Y}))
    case("an index of pandas", frame.sample(frac=1, random_state=1), index=True)
    case("two columns of one name", pa.table([X[:, 0], X[:, 1], Y], names=["a", "a", "label"]))
    case("no rows", frame.iloc[:0])
    case("as it should be")
    (place / "train.parquet").write_bytes((place / "train.parquet").read_bytes()[:-9])
    say("cut short", *shoal("fit", "knn", "parquet:.", "--json"))


def command():
    (place / "log.csv").write_text("step,example,prediction,label\n" + "".join(f"{s},{i},{Y[i] if s else 0},{Y[i]}\n" for s in (0, 5) for i in range(40, 60)))
    np.savez("train.npz", x=X[:40], y=Y[:40])
    np.savez("test.npz", x=X[40:], y=Y[40:])
    subprocess.run(["rm", "-rf", "run"], check=True)
    subprocess.run([os.environ.get("SHOAL", "shoal"), "import", "log.csv", "--out", "run"], check=True, capture_output=True)
    kept = lambda: list(sqlite3.connect(place / "run/run.db").iterdump())
    before = kept()
    unusual = "61.05418"

    def case(what, script, *flags):
        (place / "script.sh").write_text(script)
        status, text = shoal("compare", "run", "--reference", "mine=exec:sh script.sh", "--train-features", "train.npz", "--test-features", "test.npz", "--json", *flags)
        say(what, status, text)
        alive = [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if unusual.encode() in read(p)]
        assert not alive, (what, alive)
        assert not status or kept() == before, what

    def writes(expression):
        return f"{sys.executable} -c \"import sys, numpy as np; n = {len(X) - 40}; np.save(sys.argv[1], {expression})\" \"$3\"\n"

    head("`exec:`")
    case("hangs", f"sleep {unusual}", "--exec-limit", "1s")
    case("hangs, deaf to SIGTERM", f"trap '' TERM INT; sleep {unusual}", "--exec-limit", "1s")
    case("hangs after it wrote", writes("np.zeros(n, int)") + f"sleep {unusual}", "--exec-limit", "3s")
    case("prints for ever", "yes forever and ever", "--exec-limit", "1s")
    case("prints one line for ever", "cat /dev/zero | tr '\\0' x", "--exec-limit", "1s")
    case("writes nothing", "true")
    case("writes an empty file", 'true >"$3"')
    case("writes text", 'echo 1 0 1 >"$3"')
    case("writes the wrong length", writes("np.zeros(n - 1, int)"))
    case("writes a class too high", writes("np.arange(n)"))
    case("writes a negative class", writes("np.arange(n) - 1"))
    case("writes floats", writes("np.zeros(n)"))
    case("writes scores", writes("np.zeros((n, 2))"))
    case("writes a column", writes("np.zeros((n, 1), int)"))
    case("writes names", writes("np.array(['a'] * n)"))
    case("writes Python objects", writes("np.array([0] * n, object)"))
    case("writes big-endian numbers", writes("np.zeros(n, '>i8')"))
    case("makes a folder of it", 'mkdir "$3"')
    case("makes a pipe of it", 'mkfifo "$3"')
    case("exit status 3", "echo no module named lightgbm >&2; exit 3")
    case("exit status 3 after it wrote", writes("np.zeros(n, int)") + "exit 3")
    case("prints what is no text, and fails", "printf '\\377\\033[31m\\000'; exit 1")
    case("is killed", "kill -9 $$")
    case("is not there", "nowhere-to-be-found")
    case("leaves children that live, and fails", f"sleep {unusual} & exit 3")
    case("leaves children that live and hold its output, and writes", f"sleep {unusual} & " + writes("np.zeros(n, int)"))


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


for part in parts:
    {"npz": npz, "csv": csv, "parquet": parquet, "exec": command}[part]()
