"""The program as a person uses it: help, verbs, pipes, interrupted runs."""

import gzip
import json
import math
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import program
from program import run

VERBS = ["embed", "search", "similarity", "near", "tokenize", "models", "eval", "doctor",
         "completions"]


class WithModel(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.d = Path(self.folder.name)
        program.make_sentence_transformer(self.d / "models" / "tiny")

    def firth(self, *args, **settings):
        result = run(*args, cwd=self.d, **settings)
        self.assertEqual(result.code, 0, result)
        return result

    def rows(self, result):
        return [json.loads(line) for line in result.text.splitlines()]


class Help(unittest.TestCase):
    def test_every_verb_starts_with_a_sentence_and_three_examples(self):
        for verb in VERBS:
            lines = run(verb, "--help").text.splitlines()
            self.assertTrue(lines[0].endswith("."), lines[0])
            start = lines.index("Examples:")
            examples = [line for line in lines[start + 1:start + 7] if line.startswith("  ")]
            self.assertEqual(len(examples), 6, verb)
            self.assertTrue(all(f"firth {verb}" in line for line in examples[::2]), examples)

    def test_help_is_the_same_in_both_ways(self):
        for verb in VERBS:
            self.assertEqual(run(verb, "--help").text, run("help", verb).text)
        self.assertEqual(run("--help").text, run("help").text)
        self.assertEqual(run("--help").text, run().text)

    def test_version(self):
        self.assertRegex(run("--version").text, r"^firth \d+\.\d+\.\d+\n$")

    def test_table_as_json(self):
        for verb in VERBS:
            table = json.loads(run("help", verb, "--json").text)
            self.assertEqual(table["verb"], verb)
            self.assertIn("--help", [option["name"] for option in table["options"]])

    def test_man_pages(self):
        for verb in VERBS:
            page = run("man", verb).text
            self.assertTrue(page.startswith(f'.TH FIRTH-{verb.upper()} 1 '), page[:80])
        self.assertIn("firth\\-embed", run("man").text)

    def test_mistyped_names_get_the_nearest(self):
        result = run("embde", "a")
        self.assertEqual(result.code, 2)
        self.assertIn("'embed'", result.talk)
        result = run("embed", "--feild", "text", "x")
        self.assertEqual(result.code, 2)
        self.assertIn("'--field'", result.talk)

    def test_bash_completions(self):
        script = run("completions", "bash").text
        for words, expected in ((["firth", "sim"], "similarity"), (["firth", "embed", "--dt"], "--dtype"),
                                (["firth", "embed", "--dtype", "bi"], "binary"),
                                (["firth", "eval", "r"], "retrieval")):
            quoted = " ".join(f"'{word}'" for word in words)
            done = subprocess.run(
                ["bash", "-c", f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
                               "_firth; echo \"${COMPREPLY[@]}\""], capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            self.assertIn(expected, done.stdout.split())


class Similarity(WithModel):
    V1, V2, V3 = "23,32,14,10,1,0,3,2", "3,2,4,0,41,30,31,12", "1,3,0,2,25,23,14,10"

    def test_plain_vectors(self):
        self.assertIn("82.42 degrees", self.firth("similarity", self.V1, self.V2).text)
        self.assertIn("12.37 degrees", self.firth("similarity", self.V2, self.V3).text)

    def test_negative_first_component(self):
        plain = self.firth("similarity", "-1,2", "3,4").text
        self.assertEqual(plain, self.firth("similarity", "--", "-1,2", "3,4").text)
        self.assertIn("63.43 degrees", plain)
        self.assertIn("0.00 degrees", self.firth("similarity", "-.5,1", "[-1, 2]").text)

    def test_json(self):
        pair = json.loads(self.firth("similarity", "--json", "1,0", "0,2").text)
        self.assertEqual(pair["angle_degrees"], 90)
        self.assertEqual(pair["cosine"], 0)
        self.assertIsNone(json.loads(self.firth("similarity", "--json", "0,0", "0,2").text)
                          ["angle_degrees"])

    def test_texts_and_words(self):
        self.assertIn("cosine  1.000000", self.firth("similarity", "the cat", "the cat").text)
        (self.d / "v.vec").write_text("2 2\ncat 1 0\ndog 1 1\n")
        self.assertIn("45.00 degrees", self.firth("similarity", "--vectors", "v.vec", "cat", "dog").text)


class Embed(WithModel):
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
        self.assertIn("1 text longer than the 16 tokens", talk)
        talk = self.firth("embed", "他们都知道").talk
        self.assertIn("warning", talk)
        self.assertIn("Han", talk)
        self.assertEqual(self.firth("embed", "他们都知道", "--quiet").stderr, b"")

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

    def test_folder_of_texts(self):
        (self.d / "notes" / "deep").mkdir(parents=True)
        (self.d / "notes" / "b.txt").write_text("a dog")
        (self.d / "notes" / "deep" / "a.md").write_text("the cat")
        rows = self.rows(self.firth("embed", "notes"))
        self.assertEqual([row["id"] for row in rows], ["b.txt", "deep/a.md"])

    def test_full_disk_keeps_what_is_done(self):
        result = run("embed", "in.txt", "-o", "/dev/full", "--format", "jsonl", cwd=self.d)
        self.assertEqual(result.code, 1, result)
        self.assertIn("/dev/full", result.talk)


class Interrupted(WithModel):
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


class Search(WithModel):
    def setUp(self):
        super().setUp()
        (self.d / "docs").mkdir()
        (self.d / "docs" / "one.txt").write_text("the cat sat on the mat\n")
        (self.d / "docs" / "two.txt").write_text("river bank\n")

    def search(self, *args):
        return self.rows(self.firth("search", *args, "--json"))

    def test_folder_and_cache(self):
        first = self.search("river bank", "docs", "--top", "1")
        self.assertEqual(first[0]["hits"][0]["file"], "docs/two.txt")
        time.sleep(0.2)  # a file changed a moment ago is not cached
        self.search("river bank", "docs")
        again = self.firth("search", "river bank", "docs", "--json", "--top", "1")
        self.assertIn("from the cache", again.talk)
        self.assertEqual(self.rows(again), first)
        (self.d / "docs" / "one.txt").write_text("river bank\n")
        changed = self.search("river bank", "docs", "--top", "2")
        self.assertAlmostEqual(changed[0]["hits"][0]["score"], 1, places=5)

    def test_query_may_come_last(self):
        self.assertEqual(self.search("a dog", "docs"), self.search("docs", "a dog"))

    def test_several_queries(self):
        (self.d / "queries.txt").write_text("a dog\nriver\n")
        results = self.search("--queries", "queries.txt", "docs", "--top", "1")
        self.assertEqual([result["query"] for result in results], ["a dog", "river"])
        self.assertEqual(self.search("river", "docs", "--top", "1")[0], results[1])

    def test_passages_point_at_lines(self):
        (self.d / "long.md").write_text("the cat\n\n" * 60 + "river bank\n")
        (self.d / "docs2").mkdir()
        (self.d / "long.md").rename(self.d / "docs2" / "long.md")
        hit = self.search("river bank", "docs2", "--passage", "20", "--top", "1")[0]["hits"][0]
        self.assertEqual((hit["text"], hit["line"]), ("river bank", 121))

    def test_saved_vectors_with_texts(self):
        (self.d / "in.txt").write_text("the cat\na dog\nriver bank\n")
        self.firth("embed", "in.txt", "-o", "v.npy")
        hits = self.search("river bank", "--vectors", "v.npy", "--texts", "in.txt", "--top", "1")
        self.assertEqual(hits[0]["hits"][0]["text"], "river bank")
        other = run("search", "river", "--vectors", "v.npy", "--pooling", "cls", cwd=self.d)
        self.assertEqual(other.code, 2, other)
        self.assertIn("two spaces", other.talk)

    def test_vectors_made_elsewhere(self):
        (self.d / "v.vec").write_text("3 2\ncat 1 0\ndog 0.9 0.1\nriver 0 1\n")
        hits = self.search("--vectors", "v.vec", "--query-vector", "-1,2")[0]["hits"]
        self.assertEqual(hits[0]["id"], "river")
        hits = self.search("--vectors", "v.vec", "--like", "cat")[0]["hits"]
        self.assertEqual([hit["id"] for hit in hits], ["dog", "river"])
        answer = {"object": "list", "data": [
            {"object": "embedding", "index": 0, "embedding": [1.0] * 1536},
            {"object": "embedding", "index": 1, "embedding": [1.0, -1.0] * 768}]}
        (self.d / "saved.json").write_text(json.dumps(answer))
        hits = self.search("--vectors", "saved.json", "--like", "1", "--top", "1")[0]["hits"]
        self.assertEqual(hits[0]["row"], 0)
        self.assertAlmostEqual(hits[0]["score"], 0, places=6)


class Tokenize(WithModel):
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

    def test_model_limit_applies(self):
        tokens = self.rows(self.firth("tokenize", "--json", "the " * 50))[0]["tokens"]
        self.assertEqual(len(tokens), 16)


class Models(WithModel):
    def test_names(self):
        found = self.rows(self.firth("models", "--json"))
        self.assertEqual([model["name"] for model in found], ["tiny"])
        self.assertEqual(found[0]["dimension"], program.HIDDEN)

    def test_hub_cache_is_found_by_name(self):
        hub = self.d / "hub"
        repository = hub / "models--some-org--little"
        blobs = repository / "blobs"
        source = program.make_sentence_transformer(self.d / "source")
        blobs.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("abc123")
        for path in source.rglob("*"):
            if not path.is_file():
                continue
            relative = path.relative_to(source)
            blob = blobs / str(relative).replace("/", "-")
            blob.write_bytes(path.read_bytes())
            link = repository / "snapshots" / "abc123" / relative
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
        for name in ("some-org/little", "little"):
            self.firth("embed", "--model", name, "a cat", HF_HUB_CACHE=str(hub))

    def test_firth_models_variable(self):
        program.make_bert(self.d / "elsewhere" / "org" / "plain")
        self.firth("embed", "--model", "org/plain", "a cat", FIRTH_MODELS=str(self.d / "elsewhere"))


class Doctor(unittest.TestCase):
    def test_self_test_passes(self):
        result = run("doctor", "--json")
        self.assertEqual(result.code, 0, result)
        self.assertTrue(json.loads(result.text)["passed"])

    def test_level_can_be_lowered(self):
        self.assertEqual(json.loads(run("doctor", "--json", FIRTH_CPU="scalar").text)["level"],
                         "scalar")
        self.assertEqual(run("doctor", FIRTH_CPU="sse9").code, 2)


class Evaluate(WithModel):
    def test_sts(self):
        (self.d / "en-test.csv").write_text("the cat,the cat,5\na dog,river bank,0\nthe mat,a mat,3\n")
        result = json.loads(self.firth("eval", "sts", "en-test.csv", "--json").text)
        self.assertEqual(result["pairs"], 3)
        folder = json.loads(self.firth("eval", "sts", ".", "--json").text)
        self.assertEqual(folder["cosine"], result["cosine"])

    def test_retrieval(self):
        data = self.d / "beir"
        (data / "qrels").mkdir(parents=True)
        (data / "corpus.jsonl").write_text("".join(
            json.dumps({"_id": f"d{i}", "title": "", "text": text}) + "\n"
            for i, text in enumerate(["the cat", "a dog", "river bank"])))
        (data / "queries.jsonl").write_text('{"_id": "q", "text": "river bank"}\n')
        (data / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td2\t1\n")
        result = json.loads(self.firth("eval", "retrieval", "beir", "--json").text)
        self.assertEqual((result["documents"], result["queries"]), (3, 1))
        self.assertEqual(result["at"][0]["mrr"], 1)


if __name__ == "__main__":
    unittest.main()
