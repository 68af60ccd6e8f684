"""Example scripts of sentence-transformers, moved over by changing the import, and the names that such
scripts use. Where the library itself is installed, its results are compared."""

import re
import sys
from pathlib import Path

import firth
import numpy as np
import pytest
from conftest import MODELS
from firth import SentenceTransformer, util

SCRIPTS = sorted((Path(__file__).parent / "moved_scripts").glob("*.py"))


@pytest.fixture
def small(model_path):
    return SentenceTransformer(model_path)


def run_script(script, folder, monkeypatch, capsys, library="firth"):
    """What a script prints, its models being the fixtures."""
    text = script.read_text().replace("from firth import", f"from {library} import")
    for name in ("torch", "sklearn"):
        if f"import {name}" in text or f"from {name}" in text:
            pytest.importorskip(name, reason=f"the script uses {name}, which is not installed")
    models = {"all-MiniLM-L6-v2": "sentence-transformer", "ms-marco-MiniLM-L6-v2": "cross-encoder"}
    (folder / "models").mkdir(exist_ok=True)
    for name, fixture in models.items():
        if not (folder / "models" / name).exists():
            (folder / "models" / name).symlink_to(MODELS / fixture)
        if library != "firth":
            text = text.replace(f'"{name}"', f'"models/{name}"')
    monkeypatch.chdir(folder)
    capsys.readouterr()
    exec(compile(text, str(script), "exec"), {"__name__": "__main__"})
    return capsys.readouterr().out


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_moved_scripts_run(script, tmp_path, monkeypatch, capsys):
    assert run_script(script, tmp_path, monkeypatch, capsys)


NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


@pytest.mark.parametrize("script", [s for s in SCRIPTS if s.stem != "multi_process"], ids=lambda path: path.stem)
def test_moved_scripts_print_the_same(script, tmp_path, monkeypatch, capsys):
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    ours = run_script(script, tmp_path, monkeypatch, capsys)
    theirs = run_script(script, tmp_path, monkeypatch, capsys, "sentence_transformers")
    words = [re.sub(r"\s+", "", NUMBER.sub("#", text)) for text in (ours, theirs)]
    assert words[0] == words[1]
    numbers = [[float(x) for x in NUMBER.findall(text)] for text in (ours, theirs)]
    assert numbers[0] == pytest.approx(numbers[1], abs=2e-3)


def test_attributes(small):
    assert small.get_sentence_embedding_dimension() == small.get_embedding_dimension() == 24
    assert small.max_seq_length == small.get_max_seq_length() == 40
    assert small.similarity_fn_name == "cosine" and small.device == "cpu"
    assert small.prompts == {"query": "query: ", "document": "", "passage": "passage: "}
    assert small.default_prompt_name is None
    assert small.to("cpu") is small.eval() is small.cpu() is small
    assert small.tokenizer.encode("a cat").tokens[0] == "[CLS]"
    with small.truncate_embeddings(8):
        assert small.encode("a").shape == (8,) and small.get_embedding_dimension() == 8
    assert small.encode("a").shape == (24,)
    pool = small.start_multi_process_pool()
    assert small.encode(["a", "b"], pool=pool, chunk_size=1).shape == (2, 24)
    small.stop_multi_process_pool(pool)
    assert small.encode_multi_process(["a"], pool).shape == (1, 24)
    assert np.array_equal(small.encode(sentences=["a"]), small.encode(inputs=["a"]))


def test_construction(model_path):
    model = SentenceTransformer(
        model_path, device="cpu", prompts={"mine": "mine: "}, default_prompt_name="mine",
        similarity_fn_name="dot", truncate_dim=6, trust_remote_code=True, cache_folder="x",
        backend="onnx")  # fmt: skip
    assert model.encode(["a"]).shape == (1, 6) and model.similarity_fn_name == "dot"
    plain = SentenceTransformer(model_path)
    assert np.array_equal(model.encode("a"), plain.encode("a", prompt="mine: ")[:6])
    assert np.array_equal(model.encode("a", prompt=""), plain.encode("a")[:6])
    for options, error in (
        ({"device": "cuda"}, ValueError),
        ({"modules": []}, NotImplementedError),
        ({"backend": "tensorrt"}, ValueError),
        ({"nonsense": 1}, TypeError),
        ({"default_prompt_name": "nobody"}, ValueError),
        ({"similarity_fn_name": "angle"}, ValueError),
        ({"model_kwargs": {"quantization_config": 1}}, NotImplementedError),
    ):
        with pytest.raises(error):
            SentenceTransformer(model_path, **options)
    with pytest.raises(NotImplementedError):
        SentenceTransformer()


def test_what_cannot_be_is_refused_with_a_sentence(small):
    for name in ("fit", "save", "push_to_hub", "half", "add_adapter"):
        assert not hasattr(small, name)
        with pytest.raises(NotImplementedError, match="firth's models know no"):
            getattr(small, name)
    with pytest.raises(AttributeError):
        small.no_such_name
    with pytest.raises(ValueError, match="expected 'cpu'"):
        small.to("cuda:0")


def test_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    model = SentenceTransformer(
        str(Path(__file__).parents[1] / "fixtures/models/sentence-transformer"))  # fmt: skip
    tensors = model.encode(["a cat", "a dog"], convert_to_tensor=True)
    assert isinstance(tensors, torch.Tensor) and tensors.shape == (2, 24)
    assert isinstance(model.similarity(tensors, tensors), torch.Tensor)
    assert isinstance(util.cos_sim(tensors[0], tensors), torch.Tensor)
    assert np.allclose(util.cos_sim(list(tensors), tensors).diagonal(), 1, atol=1e-5)
    several = model.encode(["a cat", "a dog"], convert_to_numpy=False)
    assert isinstance(several, list) and isinstance(several[0], torch.Tensor)
    assert model.tokenize(["a cat", "x"])["input_ids"].shape[0] == 2
    loader = torch.utils.data.DataLoader(
        ["a cat", "a dog", "a river", "x"], batch_size=2, num_workers=2,
        multiprocessing_context="fork", collate_fn=model.encode)  # fmt: skip
    found = np.concatenate(list(loader))
    assert np.array_equal(found, model.encode(["a cat", "a dog", "a river", "x"]))


def test_the_library_gives_the_same(model_path):
    reference_module = pytest.importorskip(
        "sentence_transformers", reason="sentence-transformers is not installed")  # fmt: skip
    reference = reference_module.SentenceTransformer(model_path, device="cpu")
    model = SentenceTransformer(model_path)
    texts = ["a cat sat on the mat", "the bank is closed", "日本 emoji", "long " * 100, "", "x"]
    for options in (
        {},
        {"normalize_embeddings": True},
        {"truncate_dim": 7},
        {"truncate_dim": 7, "normalize_embeddings": True},
        {"prompt_name": "query"},
        {"prompt": "about: "},
        {"convert_to_tensor": True},
    ):
        ours = np.asarray(model.encode(texts, **options))
        theirs = np.asarray(reference.encode(texts, **options))
        assert ours.shape == theirs.shape
        assert np.linalg.norm(ours - theirs) <= 2e-5 * np.linalg.norm(theirs), options
    for precision in ("int8", "uint8", "binary", "ubinary"):
        ours = model.encode(texts, precision=precision).astype(int)
        theirs = np.asarray(reference.encode(texts, precision=precision)).astype(int)
        assert ours.shape == theirs.shape and np.abs(ours - theirs).max() <= 1, precision
    tokens = model.encode(texts, output_value="token_embeddings")
    for ours, theirs in zip(tokens, reference.encode(texts, output_value="token_embeddings")):
        assert ours.shape == tuple(theirs.shape)
        assert np.allclose(ours, theirs.numpy(), atol=2e-5)
    vectors = model.encode(texts)
    for name in ("cosine", "dot", "euclidean", "manhattan"):
        model.similarity_fn_name = reference.similarity_fn_name = name
        assert np.allclose(
            model.similarity(vectors, vectors), reference.similarity(vectors, vectors), atol=2e-5)  # fmt: skip
        assert np.allclose(
            model.similarity_pairwise(vectors, vectors[::-1]),
            reference.similarity_pairwise(vectors, vectors[::-1].copy()), atol=2e-5)  # fmt: skip
    theirs = reference_module.util.semantic_search(vectors[:2], vectors, top_k=3)
    ours = util.semantic_search(vectors[:2], vectors, top_k=3)
    assert [[hit["corpus_id"] for hit in row] for row in ours] == [
        [hit["corpus_id"] for hit in row] for row in theirs]  # fmt: skip
    assert "sentence_transformers" in sys.modules


def test_roles_are_those_of_the_library(model_path):
    """A model with prompts "query" and "passage": the library's encode_document uses neither."""
    moved, own = SentenceTransformer(model_path), firth.load(model_path)
    assert np.array_equal(moved.encode_document(["a"]), moved.encode(["a"], prompt=""))
    assert np.array_equal(own.encode_document(["a"]), own.encode(["a"], prompt="passage: "))
    assert np.array_equal(moved.encode_query(["a"]), own.encode_query(["a"]))


def test_firth_knows_the_names():
    for name in firth.__all__:
        assert getattr(firth, name) is not None and name in dir(firth)
    with pytest.raises(AttributeError):
        firth.no_such_name
