"""shoal.show, from a program that writes a known page, in Python and in a notebook."""

import html
import re

import pytest

import shoal

PAGE = """<!doctype html>
<html lang="en"><head><title>"Cats" & 'dogs' ü</title></head><script>if (1 < 2 && "<head>") {}</script></html>
"""


@pytest.fixture
def report(tmp_path, program):
    (tmp_path / "kept.html").write_text(PAGE, encoding="utf-8")
    program(f"cd '{tmp_path}' && cp kept.html report.html && echo '{tmp_path}/report.html'")
    return lambda: (tmp_path / "arguments").read_text().splitlines()


def framed(text):
    """The page in a frame, without the base that keeps its links within it."""
    (source,) = re.findall(r'<iframe [^>]*srcdoc="([^"]*)"', text)
    head, base, rest = html.unescape(source).partition('<base href="about:srcdoc">')
    assert base and head.endswith("<head>")
    return head + rest


def test_the_frame_has_the_page(report, tmp_path):
    page = shoal.show(tmp_path, height=300)
    assert report() == ["report", "--", str(tmp_path)]
    assert page.path == str(tmp_path / "report.html") and page.html == PAGE
    assert framed(page._repr_html_()) == PAGE and "height:300px" in page._repr_html_()
    assert "allow-same-origin" not in page._repr_html_()
    assert repr(page).startswith("<shoal page") and len(repr(page)) < 300


def test_a_split_of_its_own(report):
    shoal.show("-runs", split="train")
    assert report() == ["report", "--split=train", "--", "-runs"]


@pytest.mark.parametrize("height, kind", [(0, ValueError), (-1, ValueError), ("800px", TypeError), (1.5, TypeError)])
def test_heights_that_are_none(report, height, kind):
    with pytest.raises(kind):
        shoal.show("runs/mine", height=height)


def test_a_cell_of_a_notebook(report, tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    cell = nbformat.v4.new_code_cell("import shoal\nshoal.show('runs/mine')")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "execute_result" and framed(output.data["text/html"]) == PAGE
    assert output.data["text/plain"].startswith("<shoal page")
