"""A reader of the log in plain Python, written from docs/attach.md and sharing no code with shoal."""

import array
import base64
import json
import pathlib
import struct
import zlib


def blob(text):
    return zlib.decompress(base64.b64decode(text, validate=True))


def classes_of(text, count):
    raw = blob(text)
    if count <= 256:
        return list(raw)
    return list(struct.unpack(f"<{len(raw) // 2}H", raw))


def read_file(path):
    """The header and the evaluations of one file; a last line without newline is not there yet."""
    lines = pathlib.Path(path).read_bytes().split(b"\n")[:-1]
    header = json.loads(lines[0])
    assert header["shoal_log"] == 1
    names = header["classes"]
    count = names if isinstance(names, int) else len(names)
    labels = classes_of(header["labels"], count)
    assert len(labels) == header["n"]
    header["labels"] = labels
    evaluations = []
    for line in lines[1:]:
        record = json.loads(line)
        index = record.get("index")
        if index is not None:
            words = array.array("I")
            words.frombytes(blob(index))
            record["index"] = list(words)
        m = header["n"] if index is None else len(record["index"])
        record["predictions"] = classes_of(record["predictions"], count)
        assert len(record["predictions"]) == m
        if "right" in record:
            bits = blob(record["right"])
            assert len(bits) == (m + 7) // 8
            record["right"] = [bits[i // 8] >> (i % 8) & 1 for i in range(m)]
        record["values"] = {k: list(struct.unpack(f"<{m}e", blob(v))) for k, v in record.get("values", {}).items()}
        evaluations.append(record)
    return header, evaluations


def read_run(folder, split="test"):
    """Step -> predictions [n]; ranks joined, what a resumed file replaces left out."""
    out = {}
    for path in sorted(pathlib.Path(folder, "log").glob("*.jsonl")):
        header, evaluations = read_file(path)
        if header["split"] != split:
            continue
        key, n = header["rank"], header["n"]
        if header["resumed_from"] is not None:
            for step in [s for s in out if s > header["resumed_from"]]:
                out[step].pop(key, None)
        for e in evaluations:
            index = e.get("index", range(n))
            out.setdefault(e["step"], {}).setdefault(key, dict(zip(index, e["predictions"])))
    joined = {}
    for step, ranks in sorted(out.items()):
        parts = {}
        for rank in sorted(ranks, reverse=True):
            parts.update(ranks[rank])
        if ranks and len(parts) == n:
            joined[step] = [parts[i] for i in range(n)]
    return joined
