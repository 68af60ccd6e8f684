"""firth vectorize: counts, TF-IDF and hashes of texts; what is learned is kept and used again."""

import json
import unittest
import zipfile

import program

TEXTS = "the cat sat\na cat and a dog\n\n苹果 香蕉\n"


class Vectorize(program.WithModel):
    def setUp(self):
        super().setUp()
        (self.d / "t.txt").write_text(TEXTS)

    def rows(self, *args, **more):
        lines = self.firth("vectorize", *args, **more).text.splitlines()
        return [json.loads(line) for line in lines]

    def test_counts_are_lines_of_json(self):
        rows = self.rows("t.txt", "--kind", "count")
        self.assertEqual(rows[1], {"id": 1, "terms": {"and": 1, "cat": 1, "dog": 1}})
        self.assertEqual(rows[2]["terms"], {})
        self.assertEqual(rows[3]["terms"], {"苹果": 1, "香蕉": 1})

    def test_standard_input_gives_what_a_file_gives(self):
        self.assertEqual(self.rows("t.txt"), self.rows("-", stdin=TEXTS))

    def test_kept_pipeline_gives_the_same_vectors(self):
        first = self.rows("t.txt", "--save", "p", "--ngrams", "1,2", "--sublinear-tf")
        self.assertEqual(self.rows("t.txt", "--pipeline", "p"), first)

    def test_npz_holds_what_scipy_reads(self):
        self.firth("vectorize", "t.txt", "-o", "t.npz", "--terms", "terms.json")
        with zipfile.ZipFile(self.d / "t.npz") as archive:
            self.assertIsNone(archive.testzip())
            names = ["indices.npy", "indptr.npy", "format.npy", "shape.npy", "data.npy"]
            self.assertEqual(archive.namelist(), names)
            shape = archive.read("shape.npy")[-16:]
        terms = json.loads((self.d / "terms.json").read_text())
        self.assertEqual([shape[0], shape[8]], [4, len(terms)])


if __name__ == "__main__":
    unittest.main()
