"""Reads exports of suspects as the tools that they are for do.

usage: readers.py STUDIO [FIFTYONE]
       readers.py --server STUDIO ADDRESS TOKEN IMAGES...

STUDIO is a folder of shoal export --format labelstudio: its configuration is validated by label-studio-sdk, and every
task and prediction against it; with --server it is imported into a Label Studio that runs, with IMAGES as its local
storages. FIFTYONE is one of --format fiftyone, imported, corrected and exported by FiftyOne (which needs its database).
What both write is for shoal relabel.
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
    """Imports, takes the models' answer for every second suspect, and writes OUT.csv and OUT.json for shoal relabel."""
    import fiftyone as fo

    suspects = fo.Dataset.from_dir(
        str(folder), data_path="data.json", dataset_type=fo.types.FiftyOneImageClassificationDataset, progress=False
    )
    assert [s.ground_truth.rank for s in suspects] == list(range(1, len(suspects) + 1)), "not in the order of the ranking"
    for k, sample in enumerate(suspects):
        label = sample.ground_truth
        assert pathlib.Path(sample.filepath).is_file(), sample.filepath
        assert label.label == label.given_label and {label.label, label.suggested_label} <= set(suspects.default_classes)
        if k % 2 == 0:
            label.label = label.suggested_label
            sample.save()
    fields = {"ground_truth.example": "id", "ground_truth.given_label": "given_label", "ground_truth.label": "class"}
    suspects.export(
        labels_path=f"{folder}.csv", dataset_type=fo.types.CSVDataset, fields=fields, export_media=False, progress=False
    )
    suspects.export(
        export_dir=f"{folder}-samples", dataset_type=fo.types.FiftyOneDataset, export_media=False, progress=False
    )
    print(f"{folder}: {len(suspects)} samples in order, {(len(suspects) + 1) // 2} corrected: {folder}.csv, {folder}-samples/samples.json")


def server(folder, address, token, *images):
    """Imports an export into a running Label Studio, has it serve every image, annotates six tasks, exports again."""
    import requests

    def call(method, path, **more):
        answer = requests.request(method, address + path, headers={"Authorization": f"Token {token}"}, **more)
        assert answer.ok, answer.text
        return answer

    config, tasks = (folder / "config.xml").read_text(encoding="utf-8"), (folder / "tasks.json").read_bytes()
    project = call("POST", "/api/projects", json={"title": folder.name, "label_config": config}).json()["id"]
    call("POST", f"/api/projects/{project}/import", files={"file": ("tasks.json", tasks, "application/json")})
    for path in images:
        call("POST", "/api/storages/localfiles", json={"project": project, "path": path, "use_blob_urls": True})
    tasks = call("GET", f"/api/tasks?project={project}&page_size=10000&fields=all").json()["tasks"]
    assert all(call("GET", task["data"]["image"]).headers["content-type"].startswith("image/") for task in tasks)
    for task in sorted(tasks, key=lambda task: task["data"]["rank"])[:6]:
        result = task["predictions"][0]["result"]
        call("POST", f"/api/tasks/{task['id']}/annotations", json={"result": result})
    for kind in ("JSON", "JSON_MIN", "CSV", "TSV"):
        file = folder.with_name(f"{folder.name}.{kind.lower()}")
        file.write_bytes(call("GET", f"/api/projects/{project}/export?exportType={kind}").content)
        print(file)


if sys.argv[1] == "--server":
    server(pathlib.Path(sys.argv[2]), *sys.argv[3:])
else:
    for read, folder in zip((studio, fiftyone), sys.argv[1:]):
        read(pathlib.Path(folder))
