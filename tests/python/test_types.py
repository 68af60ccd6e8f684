"""Docstrings, stubs and types."""

import doctest
import importlib
import inspect
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import firth
import pytest
from conftest import MODELS, ROOT

SOURCES = ROOT / "python/firth"
OPTIONAL = {"langchain": "langchain_core", "llama_index": "llama_index.core"}
MODULES = sorted(module.name for module in pkgutil.iter_modules([str(SOURCES)]))


def prepare(folder):
    """What the examples use."""
    (folder / "models").mkdir()
    (folder / "models/all-MiniLM-L6-v2").symlink_to(MODELS / "sentence-transformer")
    (folder / "models/ms-marco-MiniLM-L6-v2").symlink_to(MODELS / "cross-encoder")
    (folder / "words.vec").write_text("4 2\norange 0.9 0.1\nlemon 0.8 0.2\nriver 0.1 0.9\nbank 0.3 0.8\n")
    scifact = folder / "scifact"
    (scifact / "qrels").mkdir(parents=True)
    (scifact / "corpus.jsonl").write_text('{"_id": "d", "title": "", "text": "a cat"}\n')
    (scifact / "queries.jsonl").write_text('{"_id": "q", "text": "a cat"}\n')
    (scifact / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")


@pytest.mark.parametrize("name", ["__init__", *(m for m in MODULES if m not in ("__main__", "_core"))])
def test_examples_of_the_docstrings(name, tmp_path, monkeypatch):
    if name in OPTIONAL:
        pytest.importorskip(OPTIONAL[name], reason=f"{OPTIONAL[name]} is not installed")
    module = firth if name == "__init__" else importlib.import_module(f"firth.{name}")
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(module, extraglobs={"firth": firth})
    assert failed == 0


def test_the_page_shows_what_runs(tmp_path, monkeypatch):
    text = (ROOT / "docs/python.md").read_text()
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) >= 5
    shared = {}
    for block in blocks:
        needs = {"pandas", "sklearn", "langchain_core", "llama_index"} & set(
            block.replace(".", " ").split())  # fmt: skip
        needs |= {"langchain_core"} if "firth.langchain" in block else set()
        needs |= {"llama_index"} if "firth.llama_index" in block else set()
        if all(importlib.util.find_spec(name) for name in needs):
            exec(compile(block, "docs/python.md", "exec"), shared)


def test_everything_public_is_described():
    for name in firth.__all__:
        thing = getattr(firth, name)
        assert inspect.getdoc(thing), name
        for method, member in inspect.getmembers(thing) if inspect.isclass(thing) else []:
            if not method.startswith("_") and method not in ("to", "cpu", "eval", "device"):
                assert inspect.getdoc(member), f"{name}.{method}"


def test_the_stub_is_that_of_the_extension(tmp_path):
    pytest.importorskip("nanobind", reason="nanobind is not installed")
    out = tmp_path / "_core.pyi"
    subprocess.run(
        [sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "firth._core", "-o", str(out)],
        env={**os.environ, "PYTHONPATH": str(Path(firth.__file__).parent.parent)}, check=True)  # fmt: skip
    assert out.read_text() == (SOURCES / "_core.pyi").read_text(), (
        "python/firth/_core.pyi is out of date: python -m nanobind.stubgen -m firth._core")  # fmt: skip
    assert (SOURCES / "py.typed").exists()


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_types(checker):
    program = Path(sys.executable).parent / checker
    if not program.exists():
        pytest.skip(f"{checker} is not installed")
    options = ["--pythonpath", sys.executable] if checker == "pyright" else []
    found = subprocess.run([str(program), *options], cwd=ROOT, capture_output=True, text=True)
    if "nodeenv" in found.stderr and found.returncode != 0 and not shutil.which("node"):
        pytest.skip("pyright needs node, which is not installed")
    assert found.returncode == 0, found.stdout + found.stderr
