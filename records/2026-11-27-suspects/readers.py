"""Reads exports of suspects as the tools that they are for do.

usage: readers.py STUDIO [FIFTYONE]

STUDIO is a folder of shoal export --format labelstudio: its configuration is validated by label-studio-sdk, and every
task and prediction against it. FIFTYONE is one of --format fiftyone: it is read by the importer of FiftyOne itself
(which needs its database, so give it where FiftyOne runs).
"""

import json
import pathlib
import sys
import urllib.parse


def studio(folder):
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface((folder / "config.xml").read_text(encoding="utf-8"))
    interface.validate()
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    for task in tasks:
        assert interface.validate_task({"data": task["data"]}), task  # which can't take predictions (2.1.2)
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction), prediction
        prefix, _, path = task["data"]["image"].partition("?d=")
        assert prefix == "/data/local-files/" and pathlib.Path("/" + urllib.parse.unquote(path)).is_file(), path
    broken = json.loads(json.dumps(tasks[0]["predictions"][0]))
    broken["result"][0]["value"]["choices"] = ["no such class"]
    assert not interface.validate_prediction(broken), "the validator accepts anything"
    print(f"{folder}: {len(tasks)} tasks, all valid")


def fiftyone(folder):
    import fiftyone as fo
    from fiftyone.utils.data.importers import FiftyOneImageClassificationDatasetImporter

    manifest = "data.json" if (folder / "data.json").exists() else None
    importer = FiftyOneImageClassificationDatasetImporter(str(folder), data_path=manifest)
    importer.setup()
    seen = []
    for path, _, label in importer:
        assert pathlib.Path(path).is_file(), path
        assert isinstance(label, fo.Classification) and label.label in importer.get_dataset_info()["classes"], label
        seen.append((label["rank"], label["suggested_label"]))
    assert [rank for rank, _ in seen] == list(range(1, len(seen) + 1)), "not in the order of the ranking"
    print(f"{folder}: {len(seen)} samples, in order")


for read, folder in zip((studio, fiftyone), sys.argv[1:]):
    read(pathlib.Path(folder))
