"""Word2Vec, FastText and fastText's files under gensim's and fastText's names."""

import numpy as np
import pytest

import firth

SENTENCES = [["the", "cat", "dog", "purr"], ["the", "fish", "swim", "river"]] * 200


def test_word2vec_learns_and_saves(tmp_path):
    for options in ({"sg": 1}, {"sg": 0}, {"sg": 1, "hs": 1, "negative": 0}):
        model = firth.Word2Vec(SENTENCES, vector_size=8, min_count=1, deterministic=True, sample=0, epochs=60,
                               alpha=0.05, **options)
        assert model.wv.vectors.shape == (7, 8)
        assert model.losses[-1] < model.losses[0]
    model.save(tmp_path / "w.bin")
    again = firth.KeyedVectors.load(tmp_path / "w.bin")
    assert again.index_to_key == model.wv.index_to_key
    np.testing.assert_array_equal(again.vectors, model.wv.vectors)


def test_a_corpus_file_gives_what_sentences_give(tmp_path):
    (tmp_path / "c.txt").write_text("\n".join(" ".join(sentence) for sentence in SENTENCES) + "\n")
    options = {"vector_size": 4, "min_count": 1, "deterministic": True}
    one = firth.Word2Vec(SENTENCES, **options)
    two = firth.Word2Vec(corpus_file=tmp_path / "c.txt", **options)
    np.testing.assert_array_equal(one.wv.vectors, two.wv.vectors)


def test_fasttext_knows_words_it_never_saw(tmp_path):
    model = firth.FastText(SENTENCES, vector_size=8, min_count=1, bucket=200, deterministic=True)
    assert "swims" not in model.wv and model.wv["swims"].any()
    model.save(tmp_path / "f.bin")
    again = firth.load_facebook_vectors(tmp_path / "f.bin")
    np.testing.assert_allclose(again["swims"], model.wv["swims"], atol=1e-6)
    np.testing.assert_allclose(again["swim"], model.wv["swim"], atol=1e-6)
    file = firth.FastTextModel(tmp_path / "f.bin")
    np.testing.assert_allclose(file.get_word_vector("swims"), again["swims"], atol=1e-6)
    assert file.get_dimension() == 8 and file.labels == []
    assert np.isfinite(file.get_sentence_vector("the cat swims")).all()
    with pytest.raises(Exception, match="supervised"):
        file.predict("the cat")


def test_what_makes_no_sense_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected one of them"):
        firth.Word2Vec()
    with pytest.raises(ValueError, match="at least 5 times"):
        firth.Word2Vec([["a"]])
    with pytest.raises(ValueError, match="dim"):
        firth.Word2Vec(SENTENCES, vector_size=0)
    with pytest.raises(TypeError, match="colour"):
        firth.Word2Vec(SENTENCES, colour=1)
    (tmp_path / "x.bin").write_bytes(b"no model")
    with pytest.raises(Exception, match="fastText"):
        firth.FastTextModel(tmp_path / "x.bin")


def test_words_are_evaluated(tmp_path):
    words = ["king", "queen", "man", "woman", "car"]
    rows = [[0.9, 0.1, 0.8], [0.1, 0.9, 0.8], [0.9, 0.1, 0.05], [0.1, 0.9, 0.05], [-0.5, -0.5, 0.1]]
    vectors = firth.KeyedVectors.from_arrays(words, rows)
    pairs, questions = tmp_path / "pairs.tsv", tmp_path / "questions.txt"
    pairs.write_text("KING\tqueen\t9\nking\tman\t5\nking\tcar\t1\nking\tpope\t3\n")
    questions.write_text(": family\nman king woman queen\nman king woman car\nman king woman pope\n")
    found = firth.eval.words(vectors, similarity=[pairs], analogies=[questions])
    one = found["similarity"][str(pairs)]
    assert (one["pairs"], one["known"]) == (4, 3) and one["spearman"] == pytest.approx(0.5)
    other = found["analogies"][str(questions)]
    assert (other["questions"], other["known"], other["right_3cosadd"]) == (3, 2, 1)
    assert other["sections"]["family"]["right_3cosmul"] == 1
    assert firth.eval.words(vectors, similarity=[pairs], case_insensitive=False)["similarity"][str(pairs)]["known"] == 2
    with pytest.raises(TypeError, match="lists of paths"):
        firth.eval.words(vectors, similarity=pairs)
    with pytest.raises(FileNotFoundError):
        firth.eval.words(vectors, similarity=[tmp_path / "missing"])
