"""`firth train tokenizer`: the reference's files, and what stands around their models."""

import gzip
import json
import os
import tempfile
import unittest
from pathlib import Path

import program

FIXTURES = Path(os.environ["FIRTH_SOURCE_DIR"], "tests", "fixtures", "tokenizers-training")
CORPUS = str(FIXTURES / "corpus.txt")


def train(folder, kind, *args):
    result = program.run("train", "tokenizer", kind, *args, "-o", "out.json", cwd=folder)
    if result.code:
        raise AssertionError(result.talk)
    return json.loads(Path(folder, "out.json").read_text())


def reference(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


class TrainTokenizer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_vocabularies_are_the_references(self):
        for name, args in {
            "bpe": ["bpe", CORPUS, "--vocab-size", "400", "--special-tokens", "<unk>,<pad>", "--normalizer", "nfkc",
                    "--pre-tokenizer", "whitespace"],
            "bpe-bytes": ["bpe", CORPUS, "--vocab-size", "500", "--min-frequency", "2", "--special-tokens", "<|endoftext|>"],
            "wordlevel": ["word", CORPUS, "--vocab-size", "300", "--min-frequency", "2", "--normalizer", "lowercase"],
        }.items():  # fmt: skip
            found, expected = train(self.folder, *args), reference(name)
            self.assertEqual(found["model"]["vocab"], expected["model"]["vocab"], name)
            self.assertEqual(found["model"].get("merges"), expected["model"].get("merges"), name)
            self.assertEqual(found["added_tokens"], expected["added_tokens"], name)
            self.assertEqual(found["model"].get("unk_token"), expected["model"].get("unk_token", "[UNK]"), name)

    def test_the_result_depends_on_nothing_but_texts_and_options(self):
        lines = Path(CORPUS).read_text().split("\n")
        with gzip.open(self.folder / "first.txt.gz", "wt") as file:
            file.write("\n".join(lines[:200]) + "\n")
        (self.folder / "rest.jsonl").write_text("".join(json.dumps({"body": line}) + "\n" for line in lines[200:]))
        (self.folder / "first.jsonl").write_text("".join(json.dumps({"body": line}) + "\n" for line in lines[:200]))
        for kind in ("bpe", "wordpiece", "unigram", "word"):
            whole = train(self.folder, kind, CORPUS, "--vocab-size", "400", "--threads", "1")
            for args in (["first.jsonl", "rest.jsonl", "--field", "body", "--threads", "3"], [CORPUS, "--threads", "2"]):
                self.assertEqual(train(self.folder, kind, *args, "--vocab-size", "400"), whole, kind)

    def test_files_are_read_again(self):
        for kind in ("bpe", "wordpiece", "unigram", "word"):
            train(self.folder, kind, CORPUS, "--vocab-size", "400")
            shown = program.run("tokenize", "--json", "--model", "out.json", "The old woman", cwd=self.folder)
            tokens = json.loads(shown.text)["tokens"]
            self.assertEqual((tokens[0], tokens[-1]) == ("[CLS]", "[SEP]"), kind == "wordpiece")
            ids = json.dumps(json.loads(shown.text)["ids"])
            decoded = program.run("tokenize", "--decode", "--no-special", "--model", "out.json", ids, cwd=self.folder).text
            self.assertEqual(decoded.strip().lower(), "the old woman" if kind != "word" else decoded.strip().lower())

    def test_like_another_tokenizer(self):
        old = Path(os.environ["FIRTH_SOURCE_DIR"], "tests/fixtures/models/roberta/tokenizer.json")
        new = train(self.folder, "bpe", CORPUS, "--like", str(old), "--vocab-size", "300")
        old = json.loads(old.read_text())
        for part in ("normalizer", "pre_tokenizer", "decoder"):
            self.assertEqual(new[part], old[part])
        contents = [token["content"] for token in old["added_tokens"] if token["special"]]
        self.assertEqual([token["content"] for token in new["added_tokens"]], contents)
        self.assertEqual(new["post_processor"]["cls"][1], new["model"]["vocab"][new["post_processor"]["cls"][0]])
        # The whole alphabet of bytes, though the texts hold few of them.
        self.assertEqual(len([token for token in new["model"]["vocab"] if len(token) == 1]), 256)

    def test_special_tokens_in_the_texts_are_ordinary_text(self):
        (self.folder / "texts.txt").write_text("[UNK] [UNK] a\n")
        new = train(self.folder, "word", "texts.txt", "--pre-tokenizer", "whitespace-split")
        self.assertEqual(new["model"]["vocab"], {"[UNK]": 1, "a": 2})  # as the reference has it
        self.assertEqual(new["added_tokens"][0]["id"], 1)

    def test_report(self):
        result = program.run("train", "tokenizer", "word", CORPUS, "-o", "out.json", "--json", cwd=self.folder)
        report = json.loads(result.text)
        self.assertEqual((report["output"], report["kind"], report["texts"]), ("out.json", "word", 503))
        self.assertEqual(report["vocab_size"], len(json.loads((self.folder / "out.json").read_text())["model"]["vocab"]))


if __name__ == "__main__":
    unittest.main()
