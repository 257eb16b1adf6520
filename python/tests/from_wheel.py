"""A first use of an installed wheel: attach, log, report; with NumPy and pandas also read and show.

usage: python from_wheel.py BINARY, in an empty folder

BINARY is where the wheel's program is expected. Nothing but the standard library is needed.
"""

import importlib.util
import os
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
    # After step s the network is right on the first 7s examples, and says 0 of all others.
    predicted = {step: [y if i < 7 * step else 0 for i, y in enumerate(labels)] for step in STEPS}
    with shoal.attach("runs/mine", labels, classes=3, evaluate="every:1") as run:
        for step in STEPS:
            run.log(step, predicted[step])
    subprocess.run(["shoal", "report", "runs/mine"], check=True)
    assert "<html" in open("runs/mine/report.html", encoding="utf-8").read()
    if importlib.util.find_spec("numpy"):
        data = shoal.read("runs/mine")
        assert data.steps.tolist() == list(STEPS) and data.labels.tolist() == labels
        assert data.predictions.tolist() == list(predicted.values())
        assert data.right.sum(axis=1).tolist() == [
            sum(p == y for p, y in zip(row, labels)) for row in predicted.values()
        ]
        page = shoal.show("runs/mine")
        assert page.html == open("runs/mine/report.html", encoding="utf-8").read()
    if importlib.util.find_spec("pandas"):
        table = data.curves()
        assert table["step"].tolist() == list(STEPS) and (table["accuracy"] == data.accuracy).all()
        assert data.examples()["label"].tolist() == labels


if __name__ == "__main__":
    main(sys.argv[1])
