"""The libraries that people use firth with, where they are installed."""

import asyncio
import pickle

import firth
import numpy as np
import pytest

TEXTS = ["a cat", "The bank is closed.", "日本 😀 a text longer than twelve bytes", "", "x " * 50]


def columns_of_pandas():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    yield pd.Series(TEXTS)
    yield pd.Series(TEXTS, dtype=object)
    yield pd.Series(TEXTS, dtype="string")
    yield pd.Series(TEXTS, dtype="category")
    yield pd.Series(TEXTS, index=list("vwxyz"))
    yield pd.Series(["", *TEXTS])[1:]
    yield pd.DataFrame({"text": TEXTS})["text"]
    yield pd.Index(TEXTS)


def columns_of_polars():
    pl = pytest.importorskip("polars", reason="polars is not installed")
    yield pl.Series(TEXTS)
    yield pl.Series(TEXTS).cast(pl.Categorical)
    yield pl.Series(["", *TEXTS])[1:]
    yield pl.concat([pl.Series(TEXTS[:2]), pl.Series(TEXTS[2:])], rechunk=False)
    yield pl.DataFrame({"text": TEXTS})["text"]


def columns_of_pyarrow():
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        yield pa.array(TEXTS, kind)
        yield pa.array(["x", *TEXTS, "y"], kind)[1:-1]
    yield pa.array(TEXTS).dictionary_encode()
    yield pa.array(["x", *TEXTS]).dictionary_encode()[1:]
    yield pa.chunked_array([TEXTS[:2], [], TEXTS[2:]])
    yield pa.table({"text": TEXTS})["text"]


@pytest.mark.parametrize("columns", [columns_of_pandas, columns_of_polars, columns_of_pyarrow])
def test_columns(model, columns):
    expected = model.encode(TEXTS)
    for column in columns():
        assert np.array_equal(model.encode(column), expected), type(column)
        assert len(model.tokenizer.encode_batch(column)) == len(TEXTS)


def bad_columns():
    for name in ("pandas", "polars", "pyarrow"):
        library = pytest.importorskip(name, reason=f"{name} is not installed")
        if name == "pyarrow":
            yield library.array(["a", None]), r"texts\[1\]"
            yield library.array(["a", None]).dictionary_encode(), r"texts\[1\]"
            yield library.array([None, None], library.null()), r"texts\[0\]"
            yield library.array([1, 2]), "Arrow type 'l'"
            yield library.array([b"a"]), "Arrow type 'z'"
            yield library.array([["a"]]), r"Arrow type '\+l'"
            yield library.table({"a": ["b"]}), "found a table"
            yield library.chunked_array([["a"], ["b", None]]), r"texts\[2\]"
        else:
            yield library.Series(["a", None]), r"texts\[1\]"
            yield library.Series([1.0, 2.0]), "found"
            yield library.DataFrame({"a": ["b"]}), "found a table"
    pandas = pytest.importorskip("pandas")
    yield pandas.Series(["a", None], dtype=object), r"texts\[1\]: expected str, found None"
    yield pandas.Series(["a", float("nan")], dtype=object), r"texts\[1\]: .*nan"
    yield pandas.Series(["a", pandas.NA], dtype="string"), r"texts\[1\]"
    yield pandas.Series(["a", None], dtype="category"), r"texts\[1\]"


def test_columns_that_hold_no_text(model):
    for column, message in bad_columns():
        with pytest.raises(TypeError, match=message):
            model.encode(column)


def test_arrow_capsules_are_used_once(model):
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

    class Once:
        def __init__(self):
            self.capsule = pa.chunked_array([TEXTS]).__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema=None):
            return self.capsule

    once = Once()
    assert len(model.encode(once)) == len(TEXTS)
    with pytest.raises(ValueError, match="found a used one"):
        model.encode(once)

    class Wrong:
        def __init__(self, what):
            self.what = what

        def __arrow_c_stream__(self, requested_schema=None):
            if isinstance(self.what, Exception):
                raise self.what
            return self.what

    for what in (3, None, pa.array(["a"]).__arrow_c_array__()[0], KeyError("x")):
        with pytest.raises((ValueError, TypeError, KeyError)):
            model.encode(Wrong(what))


def test_vectors_of_other_libraries(model):
    vectors = model.encode(TEXTS)
    expected = firth.similarity(vectors, vectors)
    pl = pytest.importorskip("polars", reason="polars is not installed")
    assert np.allclose(firth.similarity(pl.DataFrame(vectors).to_numpy(), vectors), expected)
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    assert np.allclose(firth.similarity(pd.DataFrame(vectors), vectors), expected)


def test_scikit_learn(model, model_path):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from firth.sklearn import TextEmbedder
    from sklearn.base import clone
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.utils.estimator_checks import check_estimator

    texts = ["a cat", "a kitten", "a bank", "a loan"] * 5
    labels = [0, 0, 1, 1] * 5
    for given in (model_path, model):
        embedder = TextEmbedder(given, truncate_dim=8)
        check_estimator(embedder)
        copied = clone(embedder)
        assert copied.get_params() == embedder.get_params()
        pipeline = make_pipeline(embedder, LogisticRegression()).fit(texts, labels)
        assert pipeline.score(texts, labels) > 0.5
        assert len(pipeline[:-1].get_feature_names_out()) == 8
        assert pickle.loads(pickle.dumps(embedder.fit(texts))).transform(texts).shape == (20, 8)
    grid = GridSearchCV(
        make_pipeline(TextEmbedder(model_path), LogisticRegression()),
        {"textembedder__truncate_dim": [4, None]}, cv=2)  # fmt: skip
    assert grid.fit(texts, labels).best_params_
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pd.DataFrame({"text": texts, "stars": range(20)})
    columns = ColumnTransformer([("text", TextEmbedder(model), "text")], remainder="passthrough")
    assert columns.fit_transform(table).shape == (20, 25)
    one = ColumnTransformer([("text", TextEmbedder(model), ["text"])])
    assert one.fit_transform(table).shape == (20, 24)
    with pytest.raises(ValueError, match="expected one column"):
        TextEmbedder(model).fit_transform(table)


def test_the_estimator_needs_no_scikit_learn(model, model_path):
    from firth.sklearn import TextEmbedder

    embedder = TextEmbedder(model_path, normalize_embeddings=True)
    assert embedder.get_params()["model"] == model_path
    with pytest.raises(ValueError, match="expected fit"):
        embedder.transform(["a"])
    vectors = embedder.fit_transform(["a cat", "a dog"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert embedder.set_params(truncate_dim=5).fit(["a"]).n_features_out_ == 5
    assert repr(embedder) == (
        f"TextEmbedder(model={model_path!r}, normalize_embeddings=True, truncate_dim=5)")  # fmt: skip
    with pytest.raises(ValueError, match="expected one of"):
        embedder.set_params(nonsense=1)
    with pytest.raises(ValueError, match="expected several texts"):
        embedder.transform("a cat")
    with pytest.raises(ValueError, match="found None"):
        TextEmbedder().fit(["a"])


def test_langchain(model, model_path):
    pytest.importorskip("langchain_core", reason="langchain-core is not installed")
    from firth.langchain import FirthEmbeddings
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    embeddings = FirthEmbeddings(model_path, encode_kwargs={"normalize_embeddings": True})
    assert isinstance(embeddings, Embeddings)
    documents = embeddings.embed_documents(["a cat", "a river"])
    assert np.allclose(
        documents,
        model.encode(["a cat", "a river"], prompt_name="passage", normalize_embeddings=True),
        atol=1e-6)  # fmt: skip
    query = model.encode("a cat", prompt_name="query", normalize_embeddings=True)
    assert np.allclose(embeddings.embed_query("a cat"), query, atol=1e-6)
    assert asyncio.run(embeddings.aembed_query("a cat")) == embeddings.embed_query("a cat")
    assert len(asyncio.run(embeddings.aembed_documents(["a", "b"]))) == 2
    store = InMemoryVectorStore(FirthEmbeddings(model))
    store.add_texts(["a cat sat", "the bank is closed"])
    assert len(store.similarity_search("a cat sat", k=1)) == 1


def test_llama_index(model, model_path):
    pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")
    from firth.llama_index import FirthEmbedding
    from llama_index.core.base.embeddings.base import BaseEmbedding

    embedding = FirthEmbedding(model_path)
    assert isinstance(embedding, BaseEmbedding) and embedding.model_name == "sentence-transformer"
    query = model.encode("a cat", prompt_name="query")
    assert np.allclose(embedding.get_query_embedding("a cat"), query, atol=1e-6)
    texts = model.encode(["a cat", "x"], prompt_name="passage")
    assert np.allclose(embedding.get_text_embedding_batch(["a cat", "x"]), texts, atol=1e-6)
    assert np.allclose(embedding.get_text_embedding("x"), texts[1], atol=1e-6)
    assert np.allclose(asyncio.run(embedding.aget_query_embedding("a cat")), query, atol=1e-6)
    found = asyncio.run(embedding.aget_text_embedding_batch(["a cat", "x"]))
    assert np.allclose(found, texts, atol=1e-6)
    assert len(FirthEmbedding(model).get_query_embedding("a")) == 24


def test_gensim_gives_the_same(words):
    gensim = pytest.importorskip("gensim", reason="gensim is not installed")
    words.write_text("4 2\norange 0.9 0.1\nlemon 0.8 0.2\nriver 0.1 0.9\nbank 0.3 0.8\n")  # no zeros
    theirs = gensim.models.KeyedVectors.load_word2vec_format(str(words))
    ours = firth.KeyedVectors.load_word2vec_format(words)
    assert theirs.index_to_key == ours.index_to_key and theirs.key_to_index == ours.key_to_index
    for call in (
        lambda v: v.most_similar("orange", topn=3),
        lambda v: v.most_similar(positive=["orange", "river"], negative=["bank"], topn=2),
        lambda v: v.most_similar([("orange", 0.5), "river"], topn=2),
        lambda v: v.most_similar(positive=["orange"], topn=2, restrict_vocab=3),
        lambda v: v.similar_by_vector(v["river"], topn=2),
        lambda v: v.similar_by_word("bank", topn=1),
        lambda v: v.doesnt_match(["orange", "lemon", "river"]),
        lambda v: v.most_similar_to_given("orange", ["river", "lemon"]),
        lambda v: v.closer_than("orange", "bank"),
        lambda v: v.rank("orange", "bank"),
        lambda v: v.similarity("orange", "river"),
        lambda v: v.distance("orange", "river"),
        lambda v: v.distances("orange", ["lemon", "bank"]).tolist(),
        lambda v: v.n_similarity(["orange", "lemon"], ["river"]),
        lambda v: v.get_mean_vector(["orange", "river"]).tolist(),
        lambda v: v.get_mean_vector(["orange", "river"], weights=[1, -0.5]).tolist(),
        lambda v: v.get_vector("orange", norm=True).tolist(),
        lambda v: v.get_index("bank"),
        lambda v: "orange" in v,
    ):
        assert same(call(ours), call(theirs)), call(theirs)


def same(a, b):
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b if isinstance(a, (str, bool)) else a == pytest.approx(float(b), abs=1e-5)


def test_tqdm(model, capfd):
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    model.encode(["a cat"] * 10, show_progress_bar=True)
    assert "100%" in capfd.readouterr().err
