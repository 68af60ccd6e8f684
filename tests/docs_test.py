#!/usr/bin/env python3
"""The commands that README.md and docs/*.md show are run: those after "$ " in ```console blocks.

They run in a folder with a small model and small files of the names that the pages use, one folder a
page, in the order of the page. What a command prints may differ, for the pages show a larger model,
unless the block is marked:

    ```console match     stdout must be as shown (lines that begin "firth: " are stderr)
    ```console exit=1    the commands end with this code
    ```console norun     not run: builds, fetches or needs a machine of its own

C++ blocks must stand in tests/consumer/main.cc, which is compiled; links between pages must lead
somewhere; every page is listed in the README.
"""

import gzip
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

FIRTH = Path(os.environ["FIRTH_BIN"]).resolve()
ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "tests/fixtures/models/sentence-transformer"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

REVIEWS = [
    {"id": "r1", "title": "Late", "text": "The parcel arrived two weeks late.", "stars": 1},
    {"id": "r2", "title": "Quick", "text": "Delivered the very next morning, great.", "stars": 5},
    {"id": "r3", "title": "Burnt", "text": "The coffee tastes burnt.", "stars": 2},
]
WORDS = "4 2\norange 0.9 0.1\nlemon 0.8 0.2\nriver 0.1 0.9\nbank 0.3 0.8\n"
REPLY = {"object": "list", "model": "text-embedding-3-small", "data": [
    {"object": "embedding", "index": 0, "embedding": [0.1, 0.2, 0.3]},
    {"object": "embedding", "index": 1, "embedding": [0.3, -0.2, 0.1]}]}  # fmt: skip


def lines(*objects):
    return "".join(json.dumps(each) + "\n" for each in objects)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def prepare(folder):
    (folder / "models").mkdir()
    (folder / "models/all-MiniLM-L6-v2").symlink_to(MODEL)
    (folder / "bin").mkdir()
    (folder / "bin/firth").symlink_to(FIRTH)
    with open(ROOT / "examples/jargon.jsonl") as jargon:
        write(folder / "examples/jargon.jsonl", "".join(jargon.readlines()[:40]))
    write(folder / "reviews.jsonl", lines(*REVIEWS))
    write(folder / "reviews.jsonl.gz", lines(*REVIEWS))
    write(folder / "wordsim.tsv", "orange\tlemon\t9\nriver\tlemon\t1\norange\tjuice\t7\n")
    write(folder / "analogies.txt", ": fruit\norange lemon river bank\n")
    write(folder / "reviews.csv", "title,text\nLate,The parcel arrived late.\n")
    write(folder / "report.txt", "The committee met again and discussed the budget.\n" * 3)
    write(folder / "words.vec", WORDS)
    write(folder / "reply.json", json.dumps(REPLY))
    write(folder / "notes/account.md", "To reset your password, open Settings, then Security.\n")
    write(folder / "notes/food.txt", "The cafeteria opens at eight.\n")
    write(folder / "questions.txt", "how do I reset my password\nwhen can I eat\n")
    write(folder / "stsb/en-test.csv.gz", "A cat sat.,A cat sat down.,4.5\nA cat.,Stocks fell.,0.2\n"
          "A man eats.,A man is eating.,5.0\n")  # fmt: skip
    write(folder / "scifact/corpus.jsonl", lines({"_id": "d1", "title": "T", "text": "a cat"},
                                                 {"_id": "d2", "title": "", "text": "a river"}))
    write(folder / "scifact/queries.jsonl", lines({"_id": "q1", "text": "a small cat"}))
    write(folder / "scifact/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    write(folder / "cranfield/cran.all.1400", ".I 1\n.T\nlift\n.A\nx\n.B\ny\n.W\nlift of a wing .\n")
    write(folder / "cranfield/cran.qry", ".I 001\n.W\nwhat lifts a wing .\n")
    write(folder / "cranfield/cranqrel", "1 1 2\n")


def anchors(page):
    """The names that a renderer gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def steps(body):
    """(command, what the page shows below it) of a console block."""
    found = []
    for line in body.splitlines():
        if found and found[-1][0].endswith("\\"):
            found[-1][0] = found[-1][0][:-1] + line.strip()
        elif line.startswith("$ "):
            found.append([line[2:], []])
        elif found:
            found[-1][1].append(line)
    return [(command, [line for line in shown if not line.startswith("firth: ")])
            for command, shown in found]  # fmt: skip


class Docs(unittest.TestCase):
    def run_page(self, page, folder):
        home = {"HOME": str(folder), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FIRTH_M", "HF_", "XDG_"))}
        for language, info, body in BLOCK.findall(page.read_text()):
            if language != "console" or "norun" in info:
                continue
            exit_code = re.search(r"exit=(\d+)", info)
            wanted = int(exit_code.group(1)) if exit_code else 0
            for command, shown in steps(body):
                if "firth " not in command:
                    self.fail(f"{page.name}: mark the block 'norun', or show firth alone: $ {command}")
                with self.subTest(page=page.name, command=command):
                    done = subprocess.run(["bash", "-c", command], cwd=folder, env={**kept, **home},
                                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
                    self.assertEqual(done.returncode, wanted, done.stderr.decode())
                    if "match" in info:
                        self.assertEqual(done.stdout.decode().splitlines(), shown)

    def test_commands_do_what_the_pages_show(self):
        for page in PAGES:
            with tempfile.TemporaryDirectory() as folder:
                prepare(Path(folder))
                self.run_page(page, Path(folder))

    def test_cpp_is_what_the_consumer_compiles(self):
        consumer = (ROOT / "tests/consumer/main.cc").read_text()
        for page in PAGES:
            for language, _, body in BLOCK.findall(page.read_text()):
                if language == "cpp":
                    self.assertIn(body.strip(), consumer, page.name)

    def test_links_lead_somewhere(self):
        for page in PAGES:
            for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                if "://" in link:
                    continue
                path, _, anchor = link.partition("#")
                target = page.parent / path if path else page
                self.assertTrue(target.exists(), f"{page.name}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors(target), f"{page.name}: {link}")

    def test_readme_lists_every_page(self):
        readme = PAGES[0].read_text()
        for page in PAGES[1:]:
            self.assertIn(f"docs/{page.name}", readme)


if __name__ == "__main__":
    unittest.main()
