"""firth train word2vec: outputs by their ending, checkpoints, errors."""

import json
import math
import os
import random
import signal
import struct
import subprocess
import time
import unittest
import xml.dom.minidom

import program
from program import run

SUBJECTS = ["cat dog purr bark fur".split(), "fish swim river water boat".split()]


def sentences(n, seed=1):
    draw = random.Random(seed)
    return "".join(" ".join(["the"] + draw.choices(SUBJECTS[i % 2], k=7)) + "\n" for i in range(n))


class TrainWord2Vec(program.WithModel):
    def setUp(self):
        super().setUp()
        (self.d / "corpus.txt").write_text(sentences(2000))

    def train(self, output, *args, corpus="corpus.txt"):
        return self.firth("train", "word2vec", corpus, "-o", output, "--dim", "8", "--epochs", "2", *args)

    def test_every_form_holds_the_same_vectors(self):
        for output in ("w.bin", "w.vec", "w.npy", "w.safetensors", "folder", "again.bin"):
            self.train(output, "--deterministic")
        self.assertEqual((self.d / "w.bin").read_bytes(), (self.d / "again.bin").read_bytes())
        want = None
        for model in ("w.bin", "w.vec", "folder"):
            rows = self.rows(self.firth("embed", "the cat", "--model", self.d / model))
            want = want or rows[0]["embedding"]
            for a, b in zip(rows[0]["embedding"], want):
                self.assertAlmostEqual(a, b, places=6)
        near = [self.firth("near", file, "cat", "--top", "4").text for file in ("w.vec", "w.npy", "w.safetensors", "w.bin")]
        self.assertEqual(len(set(near)), 1, near)

    def test_report(self):
        report = json.loads(self.train("w.bin", "--json", "--threads", "2").text)
        self.assertEqual((report["words"], report["dimension"], report["tokens"]), (11, 8, 16000))
        self.assertEqual(len(report["epochs"]), 2)
        self.assertLess(report["epochs"][1]["loss"], report["epochs"][0]["loss"])

    def test_items_with_another_separator(self):
        (self.d / "baskets.csv").write_text('items\n' + '"new york,rome"\n"rome,new york"\n' * 20)
        self.train("items.npy", "--field", "items", "--separator", ",", corpus="baskets.csv")
        self.assertEqual((self.d / "items.npy.ids.txt").read_text(), "new york\nrome\n")

    def test_a_vocabulary_from_elsewhere(self):
        (self.d / "words.txt").write_text("dog 7\ncat\nunheard\n")
        self.train("w.vec", "--vocabulary", "words.txt")
        words = [line.split()[0] for line in (self.d / "w.vec").read_text().splitlines()[1:]]
        self.assertEqual(words, ["dog", "cat", "unheard"])

    def test_a_killed_training_is_resumed(self):
        (self.d / "long.txt").write_text(sentences(300000))
        args = ["train", "word2vec", "long.txt", "--dim", "4", "--epochs", "3", "--deterministic"]
        whole = self.firth(*args, "-o", "whole.bin")
        command = [program.FIRTH, *args, "-o", "w.bin", "--checkpoint", "--checkpoint-every", "0"]
        process = subprocess.Popen(command, cwd=self.d, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        state = self.d / "w.bin.checkpoint.safetensors"
        while not state.exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertFalse((self.d / "w.bin").exists())
        self.firth(*args, "-o", "w.bin", "--resume")
        self.assertFalse(state.exists())
        self.assertEqual((self.d / "w.bin").read_bytes(), (self.d / "whole.bin").read_bytes(), whole)

    def refused(self, *args, corpus="corpus.txt", output="w.bin", **files):
        result = run("train", "word2vec", corpus, "-o", output, *args, cwd=self.d)
        self.assertNotEqual(result.code, 0, result)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(result.talk.count("\n"), 1, result)
        self.assertFalse((self.d / output).exists())
        return result.talk

    def test_bad_inputs_are_refused_in_a_line(self):
        (self.d / "empty.txt").write_text("")
        (self.d / "one.txt").write_text("word\n")
        self.assertIn("found", self.refused(corpus="empty.txt"))
        self.assertIn("at least 5 times, found 1 words", self.refused(corpus="one.txt"))
        self.assertIn("no.txt", self.refused(corpus="no.txt"))
        self.assertIn("dim: expected 1", self.refused("--dim", "0"))
        self.assertIn("negative: expected at least 1", self.refused("--negative", "0"))
        self.assertIn("lr: expected", self.refused("--lr", "nan"))
        self.assertIn("expected an ending", self.refused(output="w.xyz"))
        self.assertIn("no/w.bin", self.refused(output="no/w.bin"))
        self.assertIn("corpus as numbers", self.refused("--spool", "no"))
        (self.d / "v.vec").write_text("cat 1 2\n")
        self.assertIn("dim: expected 2", self.refused("--start-from", "v.vec"))

    def test_binary_output_is_word2vecs(self):
        self.train("w.bin")
        data = (self.d / "w.bin").read_bytes()
        head, rest = data.split(b"\n", 1)
        self.assertEqual(head.split(), [b"11", b"8"])
        self.assertTrue(rest.startswith(b"the "))
        self.assertEqual(len(struct.unpack("<8f", rest[4:36])), 8)
        self.assertEqual(os.path.getsize(self.d / "w.bin"), len(data))


class FiveWords(program.WithModel):
    def test_subjects_part_on_every_seed(self):
        corpus = os.path.join(os.environ["FIRTH_SOURCE_DIR"], "examples", "five_words.txt")
        for seed in range(1, 21):
            self.firth("train", "word2vec", corpus, "-o", "five.vec", "--dim", "2", "--window", "2", "--negative", "2", "--min-count", "1",
                       "--sample", "0", "--tied", "--stop-words", "the,and,a,can,will,may,to,is,with,likes,chases", "--epochs", "500",
                       "--lr", "0.05", "--settle", "0.0005", "--seed", str(seed), "--deterministic", "--draw", "five.svg")
            lines = (self.d / "five.vec").read_text().splitlines()[1:]
            at = {line.split()[0]: [float(x) for x in line.split()[1:]] for line in lines}
            self.assertEqual(sorted(at), ["cat", "dog", "fish", "run", "swim"])
            cosine = lambda a, b: sum(x * y for x, y in zip(at[a], at[b])) / math.hypot(*at[a]) / math.hypot(*at[b])
            self.assertGreater(cosine("cat", "dog"), cosine("cat", "swim"), seed)
            self.assertGreater(cosine("run", "swim"), 0.8, seed)
            for word in ("run", "swim"):
                self.assertGreater(cosine(word, "fish"), max(cosine(word, "cat"), cosine(word, "dog")), seed)
        svg = (self.d / "five.svg").read_text()
        self.assertEqual(svg.count("<animateTransform"), 5)
        xml.dom.minidom.parseString(svg)


class TrainFastText(program.WithModel):
    def setUp(self):
        super().setUp()
        (self.d / "corpus.txt").write_text(sentences(1000))

    def test_its_file_has_vectors_of_words_never_seen(self):
        for output in ("w.bin", "w.ftz", "w.vec"):
            self.firth("train", "fasttext", "corpus.txt", "-o", output, "--dim", "8", "--bucket", "500", "--deterministic")
        known, unknown = ([self.rows(self.firth("embed", word, "--model", self.d / file))[0]["embedding"]
                           for file in ("w.bin", "w.ftz")] for word in ("swim", "swims"))
        self.assertTrue(any(unknown[0]))
        for vectors in (known, unknown):
            dot = sum(a * b for a, b in zip(*vectors))
            self.assertGreater(dot, 0.9)  # the quantised one's: both have unit length

    def test_labels(self):
        lines = [f"__label__{'water' if 'fish' in line or 'swim' in line or 'river' in line else 'pets'} {line}"
                 for line in sentences(200).splitlines()]
        (self.d / "train.txt").write_text("\n".join(lines[:150]) + "\n")
        (self.d / "test.txt").write_text("\n".join(lines[150:]) + "\n")
        for loss in ("linear", "softmax", "ova"):
            report = json.loads(self.firth("train", "fasttext", "train.txt", "--supervised", "-o", "m.bin", "--loss", loss,
                                           "--test", "test.txt", "--json").text)
            self.assertGreater(report["test"]["accuracy"], 0.9)
            self.assertEqual(len(report["test"]["labels"]), 2)
        text = self.firth("train", "fasttext", "train.txt", "--supervised", "-o", "m.ftz", "--test", "test.txt").text
        self.assertIn("precision", text)

    def test_bad_inputs(self):
        for args in (["--supervised", "-o", "m.bin"], ["--supervised", "-o", "m.vec"], ["-o", "w.bin", "--minn", "5", "--maxn", "3"],
                     ["-o", "w.bin", "--hs"], ["-o", "w.bin", "--bucket", "0"]):
            result = run("train", "fasttext", "corpus.txt", *args, cwd=self.d)
            self.assertNotEqual(result.code, 0, result)
            self.assertEqual(result.talk.count("\n"), 1, result)


if __name__ == "__main__":
    unittest.main()
