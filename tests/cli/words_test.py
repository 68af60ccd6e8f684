"""firth near and eval words: vectors of words."""

import json
import unittest

import program
from program import run

WORDS = """8 3
king 0.9 0.1 0.8
queen 0.1 0.9 0.8
man 0.9 0.1 0.05
woman 0.1 0.9 0.05
car -0.5 -0.5 0.1
up-to-date 0.3 0.2 -0.9
King 0.9 0.2 0.8
a+b 0 0 1
"""


class WithWords(program.WithModel):
    def setUp(self):
        super().setUp()
        (self.d / "w.vec").write_text(WORDS)
        (self.d / "w2.tsv").write_text("cat\tmat\t3\n")

    def nearest(self, *args, **more):
        lines = self.firth("near", "w.vec", "--json", *args, **more).text.splitlines()
        return [[hit["id"] for hit in json.loads(line)["hits"]] for line in lines]


class Near(WithWords):
    def test_sums_are_analogies_quoted_or_not(self):
        self.assertEqual(self.nearest("king", "-", "man", "+", "woman", "-k", "1"), [["queen"]])
        self.assertEqual(self.nearest("king - man + woman", "-k", "1"), [["queen"]])
        self.assertEqual(self.nearest("king - man + woman", "car", "-k", "1")[0], ["queen"])

    def test_words_of_a_sum_are_not_among_the_answers(self):
        found = self.nearest("king - man + woman", "-k", "20")[0]
        self.assertEqual(len(found), 5)
        self.assertFalse({"king", "man", "woman"} & set(found))

    def test_words_that_hold_signs_are_words(self):
        self.assertEqual(len(self.nearest("up-to-date", "a+b")), 2)

    def test_sum_weighs_words_by_angle_not_by_length(self):
        scaled = WORDS.replace("man 0.9 0.1 0.05", "man 90 10 5")
        (self.d / "w.vec").write_text(scaled)
        self.assertEqual(self.nearest("king - man + woman", "-k", "1"), [["queen"]])

    def test_plain_vector(self):
        self.assertEqual(self.nearest("0.9,0.1,0.8", "-k", "1"), [["king"]])
        result = run("near", "w.vec", "1,2", cwd=self.d)
        self.assertEqual(result.code, 2)
        self.assertIn("expected 3 components", result.talk)

    def test_odd_one_out(self):
        self.assertEqual(self.firth("near", "w.vec", "king", "queen", "car", "--odd").text, "car\n")
        odd = json.loads(self.firth("near", "w.vec", "king", "queen", "car", "--odd", "--json").text)
        self.assertEqual((odd["odd"], len(odd["words"])), ("car", 3))

    def test_shell_answers_line_by_line_and_goes_on_after_mistakes(self):
        result = self.firth("near", "w.vec", "--shell", "--json", stdin=
                            "king - man + woman\n\nkin\nking man\n:odd king queen car\n:top 1\n:top 0\n  man  \n:quit\ncar\n")
        answers = [json.loads(line) for line in result.text.splitlines()]
        self.assertEqual(answers[0]["hits"][0]["id"], "queen")
        self.assertEqual(answers[1]["odd"], "car")
        self.assertEqual(len(answers[2]["hits"]), 1)
        self.assertEqual(len(answers), 3)
        self.assertEqual(result.talk.count("firth: "), 3)

    def test_fasttext_model_is_a_table_of_its_words(self):
        (self.d / "corpus.txt").write_text("the cat sat on the mat\n" * 20)
        self.firth("train", "fasttext", "corpus.txt", "-o", "f.bin", "--dim", "4", "--min-count", "1", "--bucket", "50")
        found = json.loads(self.firth("near", "f.bin", "cat", "--json").text)["hits"]
        self.assertTrue({"the", "sat", "mat"} <= {hit["id"] for hit in found})
        self.assertIn("known", self.firth("eval", "words", "f.bin", "--similarity", "w2.tsv").text)

    def test_mistakes_are_told(self):
        for words, said in ((["king", "-"], "expected a word at the end"), (["king man"], "expected + or -"),
                            (["king - kin"], "near: ")):
            result = run("near", "w.vec", *words, cwd=self.d)
            self.assertIn(result.code, (1, 2))
            self.assertIn(said, result.talk)


class EvalWords(WithWords):
    def setUp(self):
        super().setUp()
        (self.d / "pairs.tsv").write_text("KING\tqueen\t9\nking\tman\t5\nking\tcar\t1\nking\tpope\t3\n")
        (self.d / "more.csv").write_text("king,queen,9\n")
        (self.d / "q.txt").write_text(": family\nman king woman queen\nman king woman car\nman king woman pope\n")

    def test_figures(self):
        result = json.loads(self.firth("eval", "words", "w.vec", "--similarity", "pairs.tsv", "more.csv",
                                       "--analogies", "q.txt", "--json").text)
        self.assertEqual([each["data"] for each in result["similarity"]], ["pairs.tsv", "more.csv"])
        first = result["similarity"][0]
        self.assertEqual((first["pairs"], first["known"], round(first["spearman"], 9)), (4, 3, 0.5))
        self.assertIsNone(result["similarity"][1]["spearman"])
        analogies = result["analogies"][0]
        self.assertEqual((analogies["questions"], analogies["known"], analogies["right_3cosadd"],
                          analogies["right_3cosmul"]), (3, 2, 1, 1))
        self.assertEqual(analogies["sections"][0]["name"], "family")

    def test_text_and_sections(self):
        text = self.firth("eval", "words", "w.vec", "--analogies", "q.txt", "--sections").text
        self.assertIn("  family ", text)
        self.assertIn("50.00", text)

    def test_vocabulary_is_cut_and_case_counts_where_asked(self):
        known = lambda *more: json.loads(self.firth(  # noqa: E731
            "eval", "words", "w.vec", "--similarity", "pairs.tsv", "--json", *more).text)["similarity"][0]["known"]
        self.assertEqual(known("--restrict-vocab", "4"), 2)
        self.assertEqual(known("--case-sensitive"), 2)

    def test_bad_files_are_told_before_anything_is_computed(self):
        (self.d / "bad.tsv").write_text("king\tqueen\n")
        result = run("eval", "words", "w.vec", "--similarity", "pairs.tsv", "bad.tsv", cwd=self.d)
        self.assertEqual((result.code, result.text), (1, ""))
        self.assertIn("bad.tsv:1: expected two words and a score", result.talk)


if __name__ == "__main__":
    unittest.main()
