"""What every test has: small models with random weights, by path and by name."""

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests/fixtures/models"

if os.environ.get("FIRTH_PYTHON_PATH"):
    sys.path.insert(0, os.environ["FIRTH_PYTHON_PATH"])

import firth  # noqa: E402


@pytest.fixture(scope="session")
def model_path():
    """A sentence-transformers folder: BERT, mean pooling, a Dense module, prompts."""
    return str(MODELS / "sentence-transformer")


@pytest.fixture(scope="session")
def model(model_path):
    return firth.load(model_path)


@pytest.fixture(scope="session")
def static_model():
    return firth.load(MODELS / "static-st")


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.vec"
    path.write_text("5 2\norange 0.9 0.1\nlemon 0.8 0.2\nriver 0.1 0.9\nbank 0.3 0.8\nzero 0 0\n")
    return path


def copy_model(folder):
    shutil.copytree(MODELS / "sentence-transformer", folder)
    return folder
