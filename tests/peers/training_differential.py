#!/usr/bin/env python3
"""Compares `firth train tokenizer` with the trainers of Hugging Face tokenizers on random small corpora.

    tests/peers/training_differential.py build/firth [--rounds 200] [--seed 1] [--kind bpe]

Each round makes texts (few letters, so that counts tie; ordinary words; a wild mixture of characters) and options at
random, trains with both, and compares vocabularies and merges. The reference trains six times: where it agrees with
itself, firth must agree with it; where it does not, firth must share as many tokens with it as it does with itself,
but for a few. The file that firth has written is then opened by the reference, and both must give the same ids.
Needs the Python package tokenizers.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import tokenizers
from random_texts import random_char, random_text
from tokenizers import normalizers, pre_tokenizers, trainers

BYTES = pre_tokenizers.ByteLevel.alphabet()
NORMALIZERS = {"none": None, "nfc": normalizers.NFC(), "nfkc": normalizers.NFKC(), "nfd": normalizers.NFD(),
               "lowercase": normalizers.Lowercase(), "bert": normalizers.BertNormalizer(),
               "nfd,strip-accents,lowercase": normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])}  # fmt: skip
PRE_TOKENIZERS = {
    "none": None, "byte-level": pre_tokenizers.ByteLevel(add_prefix_space=False), "bert": pre_tokenizers.BertPreTokenizer(),
    "byte-level-prefix": pre_tokenizers.ByteLevel(), "metaspace": pre_tokenizers.Metaspace(), "whitespace": pre_tokenizers.Whitespace(),
    "whitespace-split": pre_tokenizers.WhitespaceSplit(),
    "whitespace-split,punctuation,digits": pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(),
                                                                   pre_tokenizers.Digits(individual_digits=True)]),
    "whitespace-split,metaspace": pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
    "punctuation,metaspace": pre_tokenizers.Sequence([pre_tokenizers.Punctuation(), pre_tokenizers.Metaspace()])}  # fmt: skip
TRAINERS = {"bpe": trainers.BpeTrainer, "wordpiece": trainers.WordPieceTrainer, "word": trainers.WordLevelTrainer,
            "unigram": trainers.UnigramTrainer}  # fmt: skip
SPECIALS = ["[UNK]", "<unk>", "<s>", "a", "ab", "▁", "the", "[MASK]", "<|endoftext|>", "é", "##a"]


def random_corpus(rng):
    kind = rng.randrange(5)
    size = rng.choice([0, 1, 2, 5, 30, 100])
    if kind == 0:
        letters = rng.choice(["a", "ab", "abc", "aé日"])
        return [" ".join("".join(rng.choice(letters) for _ in range(rng.randrange(1, 12))) for _ in range(rng.randrange(8))) for _ in range(size)]
    if kind == 1:
        words = ["".join(rng.choice("abcdefghijklmnop") for _ in range(rng.randrange(1, 9))) for _ in range(60)]
        return [" ".join(words[int(60 * rng.random() ** 3)] for _ in range(rng.randrange(20))) for _ in range(size)]
    if kind == 2:
        letters = [random_char(rng) for _ in range(12)]
        return ["".join(rng.choice(letters) for _ in range(rng.randrange(40))) for _ in range(size)]
    if kind == 3:
        return [rng.choice(SPECIALS) + rng.choice(["", " "]) + random_text(rng) for _ in range(size)]
    return [rng.choice(["the cat sat on the mat", "a hat, a bat!", "日本語の文章です。", "👩‍👩‍👧 👍🏽", "", " ", "x  y\tz\n", "abababab", "aaaa aaa"])
            for _ in range(size)]  # fmt: skip


def random_options(rng, kind):
    options = {"vocab_size": rng.choice([0, 1, 5, 20, 50, 100, 300, 2000])}
    if kind == "unigram":
        options["vocab_size"] = rng.choice([50, 100, 300, 2000])
    if kind != "unigram" and rng.random() < 0.6:
        options["min_frequency"] = rng.choice([0, 1, 2, 3, 10])
    options["special_tokens"] = rng.sample(SPECIALS, rng.randrange(4))
    if kind in ("bpe", "wordpiece"):
        if rng.random() < 0.3:
            options["limit_alphabet"] = rng.choice([0, 1, 2, 5, 20])
        if rng.random() < 0.2:
            options["continuing_subword_prefix"] = rng.choice(["##", "a", "@@"])
        if rng.random() < 0.2:
            options["end_of_word_suffix"] = rng.choice(["</w>", "a"])
    if kind == "bpe" and rng.random() < 0.3:
        options["max_token_length"] = rng.choice([0, 1, 2, 3, 4, 8, 16])
    if kind != "word" and rng.random() < 0.3:
        options["initial_alphabet"] = rng.choice([BYTES, list("abcxyz"), ["日", "é"]])
    if kind == "unigram":
        if rng.random() < 0.6:
            options["unk_token"] = rng.choice(["<unk>", "[UNK]"])
        if rng.random() < 0.3:
            options["max_piece_length"] = rng.choice([1, 2, 3, 8, 30])
        if rng.random() < 0.3:
            options["shrinking_factor"] = rng.choice([0.5, 0.9])
        if rng.random() < 0.3:
            options["n_sub_iterations"] = rng.choice([1, 3])
    return options


def blank(kind, unk):
    models = tokenizers.models
    model = {"bpe": lambda: models.BPE(unk_token=unk), "wordpiece": lambda: models.WordPiece(unk_token=unk or "[UNK]"),
             "word": lambda: models.WordLevel(unk_token=unk or "<unk>"), "unigram": models.Unigram}[kind]  # fmt: skip
    return tokenizers.Tokenizer(model())


def unk_of(options):
    return next((token for token in ["[UNK]", "<unk>"] if token in options["special_tokens"]), None)


def train_reference(kind, texts, options, normalizer, pre_tokenizer):
    tokenizer = blank(kind, unk_of(options))
    if NORMALIZERS[normalizer]:
        tokenizer.normalizer = NORMALIZERS[normalizer]
    if PRE_TOKENIZERS[pre_tokenizer]:
        tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre_tokenizer]
    tokenizer.train_from_iterator(texts, TRAINERS[kind](show_progress=False, **options))
    return json.loads(tokenizer.to_str())


def train_firth(program, kind, texts, options, normalizer, pre_tokenizer, folder, threads):
    corpus, output = folder / "corpus.jsonl", folder / "tokenizer.json"
    corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [program, "train", "tokenizer", kind, str(corpus), "-o", str(output), "--normalizer", normalizer,
               "--pre-tokenizer", pre_tokenizer, "--threads", str(threads), "--quiet", "--special-tokens",
               ",".join(options["special_tokens"])]  # fmt: skip
    if kind == "unigram":
        options = {"unk_token": "", **options}
    given = {"initial_alphabet": [], **options} if kind != "word" else options
    for name, value in given.items():
        if name == "initial_alphabet":
            command.append("--initial-alphabet=" + "".join(value))
        elif name != "special_tokens":
            command.append(f"--{name.replace('_', '-')}={value}")
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(result.stderr)
    return json.loads(output.read_text())


def vocabulary(tokenizer):
    vocab = tokenizer["model"]["vocab"]
    return {piece: score for piece, score in vocab} if isinstance(vocab, list) else vocab


def order(tokenizer):
    vocab = tokenizer["model"]["vocab"]
    return [piece for piece, _ in vocab] if isinstance(vocab, list) else vocab


def shared(a, b):
    a, b = vocabulary(a), vocabulary(b)
    return len(a.keys() & b.keys()) / max(len(a), len(b), 1)


def same(a, b):
    if isinstance(order(a), list):  # a Unigram model: scores tie
        return sorted(order(a)) == sorted(order(b))
    return order(a) == order(b) and a["model"].get("merges") == b["model"].get("merges") and a["added_tokens"] == b["added_tokens"]


def scores_differ(a, b):
    a, b = vocabulary(a), vocabulary(b)
    return max((abs(a[piece] - b[piece]) for piece in a.keys() & b.keys() if None not in (a[piece], b[piece])), default=0)


def run_tokenize(program, texts, folder):
    corpus = folder / "texts.jsonl"
    corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [program, "tokenize", "--json", "--model", str(folder / "tokenizer.json"), str(corpus)]
    return subprocess.run(command, capture_output=True, text=True)


def compare_ids(program, ours, texts, folder):
    """The written file in the reference and here."""
    theirs = tokenizers.Tokenizer.from_str(json.dumps(ours))
    expected, refused = {}, []
    for text in texts:
        try:
            expected[text] = theirs.encode(text).ids
        except Exception:  # an unknown token that is not there
            refused.append(text)
    if refused and not run_tokenize(program, refused[:1], folder).returncode:
        return f"firth does not refuse {refused[0]!r}"
    result = run_tokenize(program, list(expected), folder)
    if expected and result.returncode:
        return f"firth refuses a text: {result.stderr.strip()}"
    for text, line in zip(expected, result.stdout.split("\n")):
        if json.loads(line)["ids"] != expected[text]:
            return f"ids of {text!r}: {json.loads(line)['ids']}, expected {expected[text]}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=list(TRAINERS))
    arguments = parser.parse_args()
    failures = exact = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed in range(arguments.seed, arguments.seed + arguments.rounds):
            rng = random.Random(seed)
            kind = arguments.kind or rng.choice(list(TRAINERS))
            texts, options = random_corpus(rng), random_options(rng, kind)
            parts = rng.choice(list(NORMALIZERS)), rng.choice(list(PRE_TOKENIZERS))
            if not texts:
                texts = [""]
            said = f"seed {seed}: {kind} {options} {parts}, {len(texts)} texts"
            try:
                references = [train_reference(kind, texts, options, *parts) for _ in range(6)]
            except BaseException as error:  # noqa: BLE001  (the reference panics)
                if isinstance(error, KeyboardInterrupt):
                    raise
                references = None
                said += f" (the reference: {error})"
            try:
                ours = train_firth(arguments.program, kind, texts, options, *parts, folder, rng.choice([1, 2, 3]))
            except RuntimeError as error:
                if references is not None:
                    failures += 1
                    print(said, "\n  firth:", str(error).strip())
                continue
            problem = None
            if references is None:
                print(said, "\n  firth goes on")
            elif all(same(references[0], other) for other in references[1:]) and options.get("limit_alphabet") is None:
                exact += 1
                if not same(ours, references[0]):
                    problem = f"differs, {shared(ours, references[0]):.3f} shared"
            else:
                own = min(shared(a, b) for a in references for b in references)
                found = max(shared(ours, reference) for reference in references)
                if found < own - 0.3:
                    problem = f"{found:.3f} shared, the reference shares {own:.3f} with itself"
            if references is not None and scores_differ(ours, references[0]) > 0.01 + 1e-4 * len(order(ours)) and kind == "unigram":
                problem = (problem or "") + f" scores differ by {scores_differ(ours, references[0])}"
            probes = texts[:10] + [random_text(rng) for _ in range(5)]
            problem = problem or compare_ids(arguments.program, ours, probes, folder)
            if problem:
                failures += 1
                print(said, "\n  " + problem)
    print(f"{arguments.rounds} rounds, {exact} of them with one result of the reference, {failures} failures")
    sys.exit(failures > 0)


main()
