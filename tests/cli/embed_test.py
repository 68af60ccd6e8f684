"""firth embed and firth tokenize: every way in and out, and runs that are interrupted."""

import gzip
import json
import math
import signal
import subprocess
import time
import unittest

import program
from program import run


class Embed(program.WithModel):
    LINES = ["the cat sat", "a dog", "", "the kitten of the river", "a b c d"]

    def setUp(self):
        super().setUp()
        (self.d / "in.txt").write_text("".join(line + "\n" for line in self.LINES))
        (self.d / "in.jsonl").write_text("".join(
            json.dumps({"id": f"n{i}", "text": line, "more": "of"}) + "\n"
            for i, line in enumerate(self.LINES)))

    def embed(self, *args, **settings):
        self.firth("embed", *args, "-o", "out.npy", **settings)
        return (self.d / "out.npy").read_bytes()

    def test_every_way_in_gives_the_same_rows(self):
        expected = self.embed("in.txt")
        shape, rows = program.read_npy(self.d / "out.npy")
        self.assertEqual(shape, (5, program.HIDDEN))
        for row in rows:
            self.assertAlmostEqual(math.fsum(x * x for x in row), 1, places=5)
        (self.d / "in.txt.gz").write_bytes(gzip.compress((self.d / "in.txt").read_bytes()))
        self.assertEqual(expected, self.embed("in.txt.gz"))
        self.assertEqual(expected, self.embed("in.jsonl", "--field", "text"))
        self.assertEqual(expected, self.embed(stdin=(self.d / "in.txt").read_bytes()))
        self.assertEqual(expected, self.embed("-", stdin=(self.d / "in.txt").read_bytes()))
        (self.d / "in.csv").write_text("n,text\n" + "".join(
            f'{i},"{line}"\n' for i, line in enumerate(self.LINES)))
        self.assertEqual(expected, self.embed("in.csv", "--field", "text"))
        texts = [line for line in self.LINES if line]
        self.embed("in.txt")
        printed = self.rows(self.firth("embed", *texts))
        self.assertEqual(len(printed), 4)
        for found, expected_row in zip(printed[0]["embedding"], rows[0]):
            self.assertAlmostEqual(found, expected_row, places=6)

    def test_fields_join_in_the_order_given(self):
        joined = self.embed("in.jsonl", "--field", "more,text")
        self.assertEqual(joined, self.embed("in.jsonl", "--field", "more", "--field", "text"))
        (self.d / "joined.txt").write_text("".join(f"of {line}\n" for line in self.LINES))
        self.assertEqual(joined, self.embed("joined.txt"))
        self.assertNotEqual(joined, self.embed("in.jsonl", "--field", "text,more"))

    def test_a_row_is_the_same_alone_and_with_other_threads(self):
        together = self.embed("in.txt", "--threads", "3")
        self.assertEqual(together, self.embed("in.txt", "--threads", "1"))
        _, rows = program.read_npy(self.d / "out.npy")
        self.embed(self.LINES[3])
        _, alone = program.read_npy(self.d / "out.npy")
        self.assertEqual(rows[3], alone[0])

    def test_forms_of_output(self):
        for name in ("o.jsonl", "o.csv", "o.vec", "o.safetensors", "o.npy"):
            self.firth("embed", "in.jsonl", "--field", "text", "--ids", "id", "-o", name)
            near = self.rows(self.firth("near", name, "n0", "--top", "2", "--json"))[0]
            self.assertEqual(len(near["hits"]), 2, name)
            self.assertTrue(all(hit["id"].startswith("n") for hit in near["hits"]), near)

    def test_dtypes(self):
        for dtype in ("f16", "int8", "binary"):
            self.firth("embed", "in.txt", "--dtype", dtype, "-o", "o.npy")
            self.firth("near", "o.npy", "0")

    def test_prompts(self):
        with_name = self.embed("in.txt", "--prompt-name", "question")
        self.assertEqual(with_name, self.embed("in.txt", "--prompt", "the "))
        self.assertNotEqual(with_name, self.embed("in.txt"))
        self.assertEqual(self.embed("in.txt"), self.embed("in.txt", "--prompt="))

    def test_dim_and_normalize(self):
        self.embed("in.txt", "--dim", "3", "--no-normalize")
        _, raw = program.read_npy(self.d / "out.npy")
        self.embed("in.txt", "--dim", "3")
        _, unit = program.read_npy(self.d / "out.npy")
        norm = math.sqrt(math.fsum(x * x for x in raw[0]))
        for a, b in zip(raw[0], unit[0]):
            self.assertAlmostEqual(a / norm, b, places=5)

    def test_layers(self):
        self.firth("embed", "the cat", "a", "--layers", "all", "-o", "l.safetensors")
        tensors = program.read_safetensors(self.d / "l.safetensors")
        self.assertEqual(set(tensors), {f"{i}.{layer}" for i in (0, 1) for layer in (0, 1, 2)})
        self.assertEqual(tensors["0.2"][0], [4, program.HIDDEN])
        self.firth("embed", "the cat", "--layers=-1", "-o", "last.safetensors")
        last = program.read_safetensors(self.d / "last.safetensors")
        self.assertEqual(last["0.2"], tensors["0.2"])

    def test_attention(self):
        self.firth("embed", "the cat", "--attention", "0,1", "-o", "a.safetensors")
        tensors = program.read_safetensors(self.d / "a.safetensors")
        shape, weights = tensors["0.attention.1"]
        self.assertEqual(shape, [program.HEADS, 4, 4])
        self.assertAlmostEqual(sum(weights[:4]), 1, places=5)

    def test_tokens(self):
        item = self.rows(self.firth("embed", "the  cat", "--tokens"))[0]
        self.assertEqual(item["tokens"], ["[CLS]", "the", "cat", "[SEP]"])
        self.assertEqual(item["offsets"], [[0, 0], [0, 3], [5, 8], [0, 0]])
        self.assertEqual([len(vector) for vector in item["vectors"]], [program.HIDDEN] * 4)

    def test_report_tells_of_cut_texts_and_unknown_tokens(self):
        talk = self.firth("embed", "the cat " * 30, "a").talk
        self.assertIn("1 text cut to the model's 16 tokens (see --long)", talk)
        talk = self.firth("embed", "the cat " * 30, "a", "--long", "chunk",
                          "--chunk-overlap", "4").talk
        self.assertIn("1 text longer than the model's 16 tokens, averaged over windows", talk)
        talk = self.firth("embed", "他们都知道").talk
        self.assertIn("warning", talk)
        self.assertIn("Han", talk)
        self.assertEqual(self.firth("embed", "他们都知道", "--quiet").stderr, b"")

    def test_empty_texts_are_told_of_once(self):
        (self.d / "in.txt").write_text("the cat\n\na dog\n  \n")
        talk = self.firth("embed", "in.txt").talk
        self.assertIn("warning: 2 texts are empty (the first: in.txt:2)", talk)
        self.assertEqual(talk.count("empty"), 1)
        self.assertNotIn("empty", self.firth("embed", "a dog").talk)

    def test_long_text_is_named_where_it_is_refused(self):
        (self.d / "in.txt").write_text("the cat\n" + "the cat " * 30 + "\n")
        for more in ([], ["--tokens"]):
            result = run("embed", "in.txt", "--long", "error", *more, cwd=self.d)
            self.assertEqual(result.code, 2, result)
            self.assertIn("in.txt:2: expected at most 16 tokens", result.talk)
        self.assertIn("--long chunk", run("embed", "in.txt", "--long", "error", cwd=self.d).talk)

    def test_sidecar_says_what_was_embedded_and_how(self):
        self.embed("in.jsonl", "--field", "more,text", "--max-length", "9")
        known = json.loads((self.d / "out.npy.firth.json").read_text())
        self.assertEqual(known["input"], "in.jsonl (more, text)")
        self.assertEqual((known["pooling"], known["max_length"], known["precision"]),
                         ("mean", 9, "f32"))

    def test_arguments_are_checked_before_the_model_is_opened(self):
        for args in (["-o", "out"], ["--prompt", "x", "--prompt-name", "y"],
                     ["--tokens", "--dim", "2"]):
            result = run("embed", "a", *args, cwd=self.d)
            self.assertEqual(result.code, 2, result)
            self.assertNotIn("using the model", result.talk)

    def test_chunks(self):
        long = "the cat sat on the mat . " * 10
        one = self.rows(self.firth("embed", long, "--long", "chunk", "--chunk-overlap", "4"))
        self.assertEqual(len(one), 1)
        many = self.rows(self.firth("embed", long, "--long", "chunk-each", "--chunk-overlap", "4"))
        self.assertGreater(len(many), 3)
        self.assertEqual([row["window"] for row in many], list(range(len(many))))

    def test_shards_make_up_the_whole(self):
        self.embed("in.txt")
        _, rows = program.read_npy(self.d / "out.npy")
        for parts in (("1/2", "2/2"), ("0/2", "1/2")):
            found = []
            for part in parts:
                self.firth("embed", "in.txt", "--shard", part, "-o", "part.jsonl")
                found += [json.loads(line)
                          for line in (self.d / "part.jsonl").read_text().splitlines()]
            self.assertEqual(sorted(int(row["id"]) for row in found), [0, 1, 2, 3, 4])
            for row in found:
                for a, b in zip(row["embedding"], rows[int(row["id"])]):
                    self.assertAlmostEqual(a, b, places=6)

    def test_shards_come_in_order(self):
        for part, expected in (("1/2", [0, 2, 4]), ("2/2", [1, 3]), ("0/2", [1, 3])):
            rows = self.rows(self.firth("embed", "in.txt", "--shard", part))
            self.assertEqual([row["id"] for row in rows], expected, part)

    def test_input_is_not_written_over(self):
        (self.d / "link.jsonl").symlink_to("in.jsonl")
        (self.d / "hard.txt").hardlink_to(self.d / "in.txt")
        (self.d / "notes").mkdir()
        (self.d / "notes" / "a.txt").write_text("a dog\n")
        (self.d / "o.npy.ids.txt").write_text("a dog\n")
        for args in (["in.jsonl", "-o", "in.jsonl"], ["in.jsonl", "-o", "link.jsonl"],
                     ["link.jsonl", "-o", "./in.jsonl"], ["in.txt", "-o", "hard.txt"],
                     ["in.jsonl", "in.txt", "-o", "in.txt"], ["notes", "-o", "notes/a.txt"],
                     ["in.jsonl", "--tokens", "-o", "in.jsonl"],
                     ["o.npy.ids.txt", "-o", "o.npy"]):
            before = {path: path.read_bytes() for path in self.d.glob("*.*") if path.is_file()}
            result = run("embed", *args, cwd=self.d)
            self.assertEqual(result.code, 2, (args, result))
            self.assertIn("which is the input", result.talk)
            after = {path: path.read_bytes() for path in self.d.glob("*.*") if path.is_file()}
            self.assertEqual(before, after)
        with (self.d / "in.txt").open() as stdin:
            done = subprocess.run([program.FIRTH, "embed", "-o", "in.txt"], cwd=self.d, stdin=stdin,
                                  capture_output=True, env=program.environment(HOME=str(self.d)))
        self.assertEqual(done.returncode, 2, done)
        self.firth("embed", "notes", "-o", "notes/new.txt")

    def test_ids_are_the_same_on_stdout_and_in_a_file(self):
        for args in (["in.txt"], ["in.txt", "--shard", "2/2"], ["in.jsonl", "--ids", "id"]):
            printed = self.rows(self.firth("embed", *args))
            self.firth("embed", *args, "-o", "o.jsonl")
            written = [json.loads(line) for line in (self.d / "o.jsonl").read_text().splitlines()]
            tokens = self.rows(self.firth("embed", *args, "--tokens"))
            self.assertEqual([row["id"] for row in printed], [row["id"] for row in written])
            self.assertEqual([row["id"] for row in printed], [row["id"] for row in tokens])

    def test_folder_of_texts(self):
        (self.d / "notes" / "deep").mkdir(parents=True)
        (self.d / "notes" / "b.txt").write_text("a dog")
        (self.d / "notes" / "deep" / "a.md").write_text("the cat")
        rows = self.rows(self.firth("embed", "notes"))
        self.assertEqual([row["id"] for row in rows], ["b.txt", "deep/a.md"])

    def test_what_a_form_cannot_hold_leaves_no_file(self):
        before = sorted(self.d.iterdir())
        for form in ["jsonl", "csv", "vec"]:
            refused = run("embed", "a dog", "--dtype", "f16", "-o", f"out.{form}", cwd=self.d)
            self.assertEqual(refused.code, 2, refused)
        self.assertEqual(sorted(p for p in self.d.iterdir() if p.name != ".cache"), before)

    def test_full_disk_keeps_what_is_done(self):
        result = run("embed", "in.txt", "-o", "/dev/full", "--format", "jsonl", cwd=self.d)
        self.assertEqual(result.code, 1, result)
        self.assertIn("/dev/full", result.talk)


class Interrupted(program.WithModel):
    def setUp(self):
        super().setUp()
        self.lines = 60000
        with (self.d / "many.txt").open("w") as out:
            for i in range(self.lines):
                out.write(f"the {'cat dog river mat'.split()[i % 4]} {'a b c d'.split()[i % 3]} "
                          + "sat on " * (i % 5) + "\n")

    def start(self, *args):
        return subprocess.Popen([program.FIRTH, *args], cwd=self.d, stderr=subprocess.PIPE,
                                env=program.environment(HOME=str(self.d)))

    def stop_after_first_block(self, name, how):
        process = self.start("embed", "many.txt", "-o", name, "--threads", "1")
        state = self.d / f"{name}.partial.json"
        while process.poll() is None and not state.exists():
            time.sleep(0.002)
        process.send_signal(how)
        talk = process.communicate()[1].decode()
        if process.returncode == 0:
            self.skipTest("the run was over before the signal")
        return process.returncode, talk

    def test_resumed_run_has_the_same_bytes(self):
        for name in ("out.npy", "out.jsonl"):
            self.firth("embed", "many.txt", "-o", "whole" + name[3:])
            for how, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
                found, talk = self.stop_after_first_block(name, how)
                self.assertEqual(found, code, talk)
                self.assertFalse((self.d / name).exists())
                talk = self.firth("embed", "many.txt", "-o", name, "--resume").talk
                self.assertIn("continuing after", talk)
                self.assertEqual((self.d / name).read_bytes(),
                                 (self.d / ("whole" + name[3:])).read_bytes())
                self.assertEqual([p.name for p in self.d.iterdir() if ".partial" in p.name], [])
                (self.d / name).unlink()

    def test_changed_input_is_refused(self):
        self.stop_after_first_block("out.npy", signal.SIGINT)
        text = (self.d / "many.txt").read_text()
        (self.d / "many.txt").write_text("changed\n" + text)
        result = run("embed", "many.txt", "-o", "out.npy", "--resume", cwd=self.d)
        self.assertEqual(result.code, 2, result)
        self.assertFalse((self.d / "out.npy").exists())
        self.assertTrue((self.d / "out.npy.partial.json").exists(), "the partial file stays")

    def test_progress(self):
        talk = self.firth("embed", "many.txt", "-o", "out.npy", "--progress", "never").talk
        self.assertEqual(len(talk.splitlines()), 2, talk)


class Tokenize(program.WithModel):
    def test_exact_form(self):
        (self.d / "in.jsonl").write_text('{"text": "The kittens"}\n{"text": "😀 cat"}\n')
        lines = self.firth("tokenize", "--model", "models/tiny", "--json", "--field", "text",
                           "in.jsonl").text.splitlines()
        self.assertEqual(lines[0], '{"ids":[2,15,13,21,3],"tokens":["[CLS]","the","kitten","##s",'
                                   '"[SEP]"],"offsets":[[0,0],[0,3],[4,10],[10,11],[0,0]]}')
        self.assertEqual(json.loads(lines[1])["offsets"][2], [2, 5])
        plain = self.rows(self.firth("tokenize", "--json", "--no-special", "the cat"))[0]
        self.assertEqual(plain, {"ids": [15, 11], "tokens": ["the", "cat"],
                                 "offsets": [[0, 3], [4, 7]]})

    def test_fields_on_standard_input_mean_jsonl(self):
        for inputs in ((), ("-",)):
            pair = self.rows(run("tokenize", "--json", "--pair-field", "b", *inputs, cwd=self.d,
                                 stdin='{"text": "the cat", "b": "a dog"}\n'))[0]
            self.assertEqual(pair["tokens"].count("[SEP]"), 2)

    def test_details(self):
        told = self.rows(self.firth("tokenize", "--json", "--details", "the cat"))[0]
        self.assertEqual([told["type_ids"], told["special_tokens_mask"], told["word_ids"]],
                         [[0, 0, 0, 0], [1, 0, 0, 1], [None, 0, 1, None]])

    def test_model_limit_applies(self):
        tokens = self.rows(self.firth("tokenize", "--json", "the " * 50))[0]["tokens"]
        self.assertEqual(len(tokens), 16)


if __name__ == "__main__":
    unittest.main()
