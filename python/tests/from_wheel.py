"""A first use of an installed wheel: attach, log, compare, report; with NumPy and pandas also read and show.

usage: python from_wheel.py BINARY, in an empty folder

BINARY is where the wheel's program is expected. Nothing but the standard library is needed.
"""

import importlib.util
import os
import re
import subprocess
import sys

import shoal
from shoal import binary

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES, STEPS = 60, (0, 1, 2, 4, 8)


def main(program: str) -> None:
    assert not os.path.abspath(shoal.__file__).startswith(os.path.dirname(HERE)), shoal.__file__
    assert os.path.samefile(binary.find(), program), binary.find()
    labels = [i % 3 for i in range(EXAMPLES)]
    # After step s the network is right on the first 3s examples, and says 0 of all others.
    predicted = {step: [y if i < 3 * step else 0 for i, y in enumerate(labels)] for step in STEPS}
    reference = [y if i % 4 else 0 for i, y in enumerate(labels)]
    with shoal.attach("runs/ten", labels, classes=3, evaluate="every:1") as run:
        for step in STEPS:
            run.log(step, predicted[step])
    with open("m.csv", "w") as file:
        file.writelines(["index,prediction\n", *(f"{i},{p}\n" for i, p in enumerate(reference))])
    subprocess.run(["shoal", "compare", "runs/ten", "--reference", "m=file:m.csv"], check=True)
    subprocess.run(["shoal", "report", "runs/ten"], check=True)
    assert "<html" in open("runs/ten/report.html", encoding="utf-8").read()
    if importlib.util.find_spec("numpy"):
        data = shoal.read("runs/ten")
        assert data.steps.tolist() == list(STEPS) and data.labels.tolist() == labels
        assert data.predictions.tolist() == list(predicted.values())
        assert data.right.sum(axis=1).tolist() == [
            sum(p == y for p, y in zip(row, labels)) for row in predicted.values()
        ]
        assert {name: p.tolist() for name, p in data.references.items()} == {"m": reference}
        page = shoal.show("runs/ten")
        assert page.html == open("runs/ten/report.html", encoding="utf-8").read()
    if importlib.util.find_spec("pandas"):
        exec(reading(), known := {})
        assert (known["right"] == data.right).all() and len(known["curves"]) == len(STEPS)
        table = data.curves()
        assert table["step"].tolist() == list(STEPS) and (table["accuracy"] == data.accuracy).all()
        assert data.examples()["label"].tolist() == labels


def reading() -> str:
    """The block of docs/reading.md that reads a run."""
    with open(os.path.join(HERE, "..", "..", "docs", "reading.md"), encoding="utf-8") as file:
        (code,) = re.findall(r"```python\n(import shoal .*?)```", file.read(), re.DOTALL)
    return code


if __name__ == "__main__":
    main(sys.argv[1])
