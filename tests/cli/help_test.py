"""Help, man pages, completions and the verbs that need no model."""

import json
import os
import subprocess
import tempfile
import unittest

import program
from program import run


def listed(text, heading):
    """The first words of the rows under a heading of a help text."""
    rows = text.split(heading + "\n")[1].split("\n\n")[0].splitlines()
    return [row.split()[0] for row in rows if row.startswith("  ") and row[2] != " "]


WORDS = listed(run("--help").text, "Verbs:")
GROUPS = {word: listed(run(word, "--help").text, "What:") for word in WORDS
          if "\nWhat:\n" in run(word, "--help").text}
VERBS = [f"{word} {member}".strip() for word in WORDS for member in GROUPS.get(word, [""])]


class Help(unittest.TestCase):
    def test_every_verb_starts_with_a_sentence_and_three_examples(self):
        for verb in VERBS:
            lines = run(*verb.split(), "--help").text.splitlines()
            self.assertTrue(lines[0].endswith("."), lines[0])
            start = lines.index("Examples:")
            examples = [line for line in lines[start + 1:start + 7] if line.startswith("  ")]
            self.assertEqual(len(examples), 6, verb)
            self.assertTrue(all(f"firth {verb}" in line for line in examples[::2]), examples)

    def test_help_is_the_same_in_both_ways(self):
        for verb in VERBS:
            self.assertEqual(run(*verb.split(), "--help").text, run("help", *verb.split()).text)
        for group in GROUPS:
            self.assertEqual(run(group, "--help").text, run("help", group).text)
        self.assertEqual(run("--help").text, run("help").text)
        self.assertEqual(run("--help").text, run().text)

    def test_version(self):
        self.assertRegex(run("--version").text, r"^firth \d+\.\d+\.\d+\n$")

    def test_version_as_a_verb_is_pointed_at_the_option(self):
        result = run("version")
        self.assertEqual(result.code, 2)
        self.assertIn("--version", result.talk)

    def test_table_as_json(self):
        for verb in VERBS:
            table = json.loads(run("help", *verb.split(), "--json").text)
            self.assertEqual(table["verb"], verb)
            self.assertIn("--help", [option["name"] for option in table["options"]])

    def test_man_pages(self):
        for verb in VERBS:
            page = run("man", *verb.split()).text
            self.assertTrue(page.startswith(f'.TH FIRTH-{verb.upper().replace(" ", "-")} 1 '), page[:80])
        self.assertIn("firth\\-embed", run("man").text)
        with tempfile.TemporaryDirectory() as folder:
            run("man", "--all", folder + "/man1")
            pages = sorted(os.listdir(folder + "/man1"))
            self.assertEqual(pages, sorted(["firth.1", *(f"firth-{verb.replace(' ', '-')}.1" for verb in VERBS)]))

    def test_groups_list_their_verbs(self):
        self.assertEqual(GROUPS["eval"][:3], ["sts", "retrieval", "words"])
        self.assertGreater(len(VERBS), 14)
        for group, members in GROUPS.items():
            self.assertEqual(run(group).code, 2)
            self.assertIn(", ".join(members), run(group).talk)

    def test_mistyped_names_get_the_nearest(self):
        result = run("embde", "a")
        self.assertEqual(result.code, 2)
        self.assertIn("'embed'", result.talk)
        result = run("eval", "retreival")
        self.assertEqual(result.code, 2)
        self.assertIn("'retrieval'", result.talk)
        result = run("embed", "--feild", "text", "x")
        self.assertEqual(result.code, 2)
        self.assertIn("'--field'", result.talk)

    def test_bash_completions(self):
        script = run("completions", "bash").text
        for words, expected in ((["firth", "sim"], "similarity"), (["firth", "embed", "--dt"], "--dtype"),
                                (["firth", "embed", "--dtype", "bi"], "binary"),
                                (["firth", "eval", "r"], "retrieval"), (["firth", "eval", "sts", "--lang"], "--language"),
                                (["firth", "completions", "f"], "fish")):
            quoted = " ".join(f"'{word}'" for word in words)
            done = subprocess.run(
                ["bash", "-c", f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
                               "_firth; echo \"${COMPREPLY[@]}\""], capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            self.assertIn(expected, done.stdout.split())


class Similarity(program.WithModel):
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


class Doctor(unittest.TestCase):
    def test_self_test_passes(self):
        result = run("doctor", "--json")
        self.assertEqual(result.code, 0, result)
        self.assertTrue(json.loads(result.text)["passed"])

    def test_level_can_be_lowered(self):
        self.assertEqual(json.loads(run("doctor", "--json", FIRTH_CPU="scalar").text)["level"],
                         "scalar")
        self.assertEqual(run("doctor", FIRTH_CPU="sse9").code, 2)

    def test_level_that_the_machine_lacks_is_told_of(self):
        machine = json.loads(run("doctor", "--json").text)["machine_level"]
        said = "FIRTH_CPU asks for amx, which the machine lacks"
        self.assertEqual(said in run("doctor", FIRTH_CPU="amx").text, machine != "amx")

    def test_compiler_has_a_name(self):
        self.assertRegex(json.loads(run("doctor", "--json").text)["compiler"], "(?i)gcc|clang")


if __name__ == "__main__":
    unittest.main()
