"""firth search, near, models, inspect and eval."""

import json
import os
import time
import unittest

import program
from program import run


class Search(program.WithModel):
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
        self.assertIn("expected pooling 'cls' as here, found 'mean': two spaces", other.talk)
        self.firth("embed", "in.txt", "-o", "v.safetensors")
        other = run("search", "river", "--vectors", "v.safetensors", "--max-length", "9", cwd=self.d)
        self.assertIn("expected max length '9' as here, found '16': two spaces", other.talk)

    def test_texts_of_saved_vectors_belong_to_them(self):
        rows = [{"sku": f"p{i}", "text": text} for i, text in
                enumerate(("the cat", "a dog", "river bank"))]
        (self.d / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.firth("embed", "in.jsonl", "-o", "v.npy")
        (self.d / "v.npy.ids.txt").unlink(missing_ok=True)
        like = self.search("--vectors", "v.npy", "--texts", "in.jsonl", "--ids", "sku", "--like", "p1")
        self.assertNotIn("a dog", [hit["text"] for hit in like[0]["hits"]])
        self.assertEqual({hit["id"] for hit in like[0]["hits"]}, {"p0", "p2"})
        near = run("search", "--vectors", "v.npy", "--texts", "in.jsonl", "--ids", "sku", "--like",
                   "q1", cwd=self.d)
        self.assertIn("near: 'p1'", near.talk)
        (self.d / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:2]))
        for texts, code, found in (("in.jsonl", 2, "expected 3 records, one for each vector, found 2"),
                                   ("gone.jsonl", 1, "expected the texts of v.npy, found nothing there")):
            result = run("search", "a dog", "--vectors", "v.npy", "--texts", texts, cwd=self.d)
            self.assertEqual(result.code, code, result)
            self.assertIn(found, result.talk)

    def test_two_questions_are_told_of_as_such(self):
        (self.d / "q.txt").write_text("a dog\n")
        (self.d / "v.vec").write_text("2 2\ncat 1 0\ndog 0 1\n")
        for args, found in ((["late", "docs", "--queries", "q.txt"], "--queries: expected only files"),
                            (["late", "--vectors", "v.vec", "--like", "cat"], "--like: expected"),
                            (["--vectors", "v.vec", "--like", "cat", "--queries", "q.txt"],
                             "found several")):
            result = run("search", *args, cwd=self.d)
            self.assertEqual(result.code, 2, result)
            self.assertIn(found, result.talk)

    def test_near_without_ids_says_that_rows_have_numbers(self):
        self.firth("embed", "a dog", "the cat", "-o", "v.npy")
        result = run("near", "v.npy", "r1", cwd=self.d)
        self.assertIn("no ids, name one by its row, 0 to 1", result.talk)

    def test_vectors_saved_as_int8_are_searched_as_they_are(self):
        (self.d / "in.txt").write_text("the cat\na dog\nriver bank\n")
        for dtype in ["f32", "int8"]:
            self.firth("embed", "in.txt", "-o", f"{dtype}.npy", "--dtype", dtype)
        wide = self.search("river bank", "--vectors", "f32.npy", "--form", "int8")[0]["hits"]
        narrow = self.search("river bank", "--vectors", "int8.npy")[0]["hits"]
        self.assertEqual(narrow[0]["row"], wide[0]["row"])
        self.assertAlmostEqual(narrow[0]["score"], wide[0]["score"], places=2)
        again = self.search("river bank", "--vectors", "f32.npy", "--form", "int8")
        self.assertEqual(again[0]["hits"], wide)
        refused = run("search", "--like", "0", "--vectors", "int8.npy", "--form", "binary", cwd=self.d)
        self.assertEqual(refused.code, 2, refused)

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


class Models(program.WithModel):
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


class Inspect(program.WithModel):
    def test_what_things_are(self):
        (self.d / "v.vec").write_text("2 2\ncat 1 0\ndog 0 1\n")
        for path in ("models/tiny", "models/tiny/model.safetensors", "v.vec"):
            text = self.firth("inspect", path).text
            self.assertIn(path, text)
            self.assertTrue(json.loads(self.firth("inspect", path, "--json").text)["kind"])


    def test_folder_of_tables_is_used_by_its_file(self):
        (self.d / "data").mkdir()
        (self.d / "data" / "in.jsonl").write_text('{"text": "a cat"}\n')
        command = json.loads(self.firth("inspect", "data", "--json").text)["command"]
        self.assertEqual(command, "firth embed data/in.jsonl --field text -o vectors.npy")
        result = run("embed", "data", cwd=self.d)
        self.assertIn("expected text files", result.talk)
        (self.d / "data" / "a.txt").write_text("a cat")
        command = json.loads(self.firth("inspect", "data", "--json").text)["command"]
        self.assertEqual(command, 'firth search "a question" data')


class Evaluate(program.WithModel):
    def test_missing_data(self):
        for task in ("sts", "retrieval"):
            result = run("eval", task, "missing", cwd=self.d)
            self.assertEqual(result.code, 1, result)
            self.assertIn("missing: expected a ", result.talk)
            self.assertIn("found nothing there", result.talk)

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
