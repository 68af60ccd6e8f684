"""Search, similarity, util and word vectors, with numpy as the oracle."""

import json
import pickle

import firth
import numpy as np
import pytest

RNG = np.random.default_rng(3)
A = RNG.normal(size=(40, 24)).astype(np.float32)
B = RNG.normal(size=(70, 24)).astype(np.float32)


def oracle(a, b, by):
    a, b = a.astype(np.float64), b.astype(np.float64)
    if by == "cosine":
        return (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    if by == "dot":
        return a @ b.T
    order = 2 if by == "euclidean" else 1
    return -np.linalg.norm(a[:, None] - b[None], ord=order, axis=2)


@pytest.mark.parametrize("by", ["cosine", "dot", "euclidean", "manhattan"])
def test_similarities(by):
    expected = oracle(A, B, by)
    assert np.allclose(firth.similarity(A, B, by), expected, atol=1e-5)
    pairs = firth.similarity_pairwise(A, B[:40], by)
    assert np.allclose(pairs, np.diag(expected), atol=1e-5)


def test_similarity_of_zeros_and_nothing():
    zero = np.zeros((1, 3))
    assert firth.similarity(zero, [[1, 2, 3]]).tolist() == [[0.0]]
    assert firth.similarity(np.zeros((0, 3)), np.zeros((2, 3))).shape == (0, 2)


@pytest.mark.parametrize("by", ["cosine", "dot", "euclidean"])
def test_search_finds_the_nearest(by):
    expected = np.argsort(-oracle(A, B, by), axis=1)[:, :7]
    rows, scores = firth.search(A, B, k=7, similarity=by)
    assert rows.dtype == np.int64 and scores.dtype == np.float32
    assert np.array_equal(rows, expected)
    assert np.allclose(scores, np.take_along_axis(oracle(A, B, by), expected, 1), atol=1e-5)


def test_an_index_keeps_its_vectors():
    index = firth.Index(B.copy(), form="int8")
    rows, _ = index.search(B[:5], k=1)
    assert rows[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert len(index) == 70 and index.dimension == 24
    assert index.search(B[0], k=1000)[0].shape == (1, 70)


def test_util():
    util = firth.util
    assert np.allclose(util.cos_sim(A, B), oracle(A, B, "cosine"), atol=1e-5)
    assert np.allclose(util.pairwise_dot_score(A, A), (A * A).sum(axis=1), rtol=1e-4)
    hits = util.semantic_search(A[:2], B, top_k=3)
    assert [[hit["corpus_id"] for hit in row] for row in hits] == np.argsort(
        -oracle(A[:2], B, "cosine"), axis=1)[:, :3].tolist()  # fmt: skip
    own = util.semantic_search(A[:2], B, top_k=3, score_function=lambda a, b: a @ b.T)
    assert own[0][0]["corpus_id"] == int(np.argmax(A[0] @ B.T))
    unit = util.normalize_embeddings(A)
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    assert util.truncate_embeddings(A, 3).shape == (40, 3)
    twice = np.concatenate([A, A])
    mined = util.paraphrase_mining_embeddings(twice, top_k=3)
    assert {(i, j) for _, i, j in mined[:40]} == {(i, i + 40) for i in range(40)}
    groups = util.community_detection(twice, threshold=0.999, min_community_size=2)
    assert sorted(map(sorted, groups)) == [[i, i + 40] for i in range(40)]
    ranges = np.vstack([A.min(axis=0), A.max(axis=0)])
    bytes_ = util.quantize_embeddings(A, "uint8", ranges=ranges)
    assert bytes_.min() == 0 and bytes_.max() == 255
    beyond = util.quantize_embeddings(2 * A, "int8", calibration_embeddings=A)
    assert beyond.min() == -128 and beyond.max() == 127


def test_keyed_vectors(words):
    vectors = firth.KeyedVectors.load_word2vec_format(words)
    assert len(vectors) == 5 and vectors.vector_size == 2
    assert vectors.index_to_key[0] == "orange" and vectors.key_to_index["bank"] == 3
    assert "orange" in vectors and "apple" not in vectors and 3 not in vectors
    assert np.allclose(vectors["orange"], [0.9, 0.1]) and vectors[["orange", "bank"]].shape == (2, 2)
    assert vectors.most_similar("orange", topn=1)[0][0] == "lemon"
    assert [k for k, _ in vectors.most_similar(positive=["river", "orange"], negative=["lemon"])][
        0] == "bank"  # fmt: skip
    assert vectors.most_similar("orange", topn=0) == []
    assert vectors.most_similar("orange", topn=None).shape == (5,)
    assert "bank" not in dict(vectors.most_similar("orange", restrict_vocab=3))
    assert vectors.doesnt_match(["orange", "lemon", "river"]) == "river"
    assert vectors.rank("orange", "river") > vectors.rank("orange", "lemon") == 1
    assert vectors.similarity("orange", "orange") == pytest.approx(1)
    assert vectors.distance("orange", "zero") == 1
    assert vectors.distances("orange").shape == (5,)
    assert vectors.n_similarity(["orange"], ["orange"]) == pytest.approx(1)
    assert np.linalg.norm(vectors.get_vector("bank", norm=True)) == pytest.approx(1)
    again = pickle.loads(pickle.dumps(vectors))
    assert again.most_similar("orange") == vectors.most_similar("orange")
    for key in ("apple", 99, -1, None, 1.5):
        with pytest.raises(KeyError):
            vectors.get_vector(key)
    with pytest.raises(KeyError, match="'apple'"):
        vectors.most_similar("apple")


@pytest.mark.parametrize("name", ["x.npy", "x.safetensors", "x.jsonl", "x.csv", "x.vec"])
def test_files_of_vectors(tmp_path, name):
    keys = [f"k{i}" for i in range(len(A))]
    path = tmp_path / name
    firth.KeyedVectors.from_arrays(keys, A).save(path)
    read = firth.KeyedVectors.load(path)
    assert read.index_to_key == keys and np.allclose(read.vectors, A, rtol=1e-6)
    assert np.allclose(read["k3"], A[3], rtol=1e-6)


def test_files_without_keys_and_damaged_ones(tmp_path, words):
    np.save(tmp_path / "plain.npy", A)
    read = firth.KeyedVectors.load(tmp_path / "plain.npy")
    assert read.index_to_key[:2] == ["0", "1"]
    assert not read.vectors.flags.writeable  # the file itself, mapped
    expected = read["5"].copy()
    view = read["5"]
    del read
    assert np.array_equal(view, expected)
    words.write_text("3 2\norange 0.9 x\n")
    with pytest.raises(ValueError, match=r"words.vec"):
        firth.KeyedVectors.load(words)
    with pytest.raises(FileNotFoundError):
        firth.KeyedVectors.load(tmp_path / "nowhere.vec")
    with pytest.raises(ValueError, match="keys: expected 2"):
        firth.KeyedVectors.from_arrays(["a"], np.ones((2, 2)))


def test_evaluation(model, tmp_path):
    pairs = [("a cat", "a kitten", 4.0), ("a cat", "a bank", 0.5), ("a dog", "a dog", 5.0)]
    figures = firth.eval.sts(model, pairs)
    assert figures["num_pairs"] == 3 and -1 <= figures["spearman_cosine"] <= 1
    file = tmp_path / "sts.csv"
    file.write_text("".join(f"{a},{b},{score}\n" for a, b, score in pairs))
    assert firth.eval.sts(model, file)["pearson_dot"] == pytest.approx(figures["pearson_dot"])
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": f"d{i}", "title": "", "text": t}) + "\n"
                for i, t in enumerate(["a cat", "a river"])))  # fmt: skip
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "a cat"}) + "\n")
    (tmp_path / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td0\t1\n")
    found = firth.eval.retrieval(model, tmp_path, cutoffs=[1, 2])
    assert 0 <= found["ndcg@1"] <= 1 and found["num_documents"] == 2
    seen = []
    firth.eval.retrieval(model, tmp_path, progress=seen.append)
    assert seen
    for wrong in ([("a", "b")], [("a", "b", "high")], ["abc"], [("a", None, 1.0)]):
        with pytest.raises((TypeError, ValueError)):
            firth.eval.sts(model, wrong)
    with pytest.raises(FileNotFoundError):
        firth.eval.sts(model, "nowhere.csv")
