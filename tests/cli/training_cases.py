"""Bad inputs of `firth train tokenizer`, for the table of bad_inputs.py."""

TRAIN = ["train", "tokenizer"]
OUT = ["-o", "out.json"]
ARGUMENTS = {
    "train_tokenizer_without_kind": TRAIN,
    "train_tokenizer_of_no_kind": TRAIN + ["bpx", "texts.txt"] + OUT,
    "train_tokenizer_without_output": TRAIN + ["bpe", "texts.txt"],
    "train_tokenizer_no_such_file": TRAIN + ["bpe", "missing.txt"] + OUT,
    "train_tokenizer_option_of_another_kind": TRAIN + ["word", "texts.txt", "--limit-alphabet", "3"] + OUT,
    "train_tokenizer_negative_size": TRAIN + ["bpe", "texts.txt", "--vocab-size=-1"] + OUT,
    "train_tokenizer_too_small_for_characters": TRAIN + ["unigram", "texts.txt", "--vocab-size", "2"] + OUT,
    "train_tokenizer_too_small_for_specials":
        TRAIN + ["unigram", "letter.txt", "--vocab-size", "1", "--special-tokens", "x,y"] + OUT,
    "train_tokenizer_shrinks_by_nothing": TRAIN + ["unigram", "texts.txt", "--shrinking-factor", "1"] + OUT,
    "train_tokenizer_shrinks_by_nan": TRAIN + ["unigram", "texts.txt", "--shrinking-factor", "nan"] + OUT,
    "train_tokenizer_no_such_preset": TRAIN + ["bpe", "texts.txt", "--preset", "gpt9"] + OUT,
    "train_tokenizer_preset_and_like": TRAIN + ["bpe", "texts.txt", "--preset", "bert", "--like", "old.json"] + OUT,
    "train_tokenizer_no_such_normalizer": TRAIN + ["bpe", "texts.txt", "--normalizer", "nfx"] + OUT,
    "train_tokenizer_normalizer_of_no_type": TRAIN + ["bpe", "texts.txt", "--normalizer", '{"type":"Foo"}'] + OUT,
    "train_tokenizer_pre_tokenizer_cut": TRAIN + ["bpe", "texts.txt", "--pre-tokenizer", '{"type":'] + OUT,
    "train_tokenizer_pre_tokenizer_bad_regex":
        TRAIN + ["bpe", "texts.txt", "--pre-tokenizer",
                 '{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated","invert":false}'] + OUT,
    "train_tokenizer_like_no_file": TRAIN + ["bpe", "texts.txt", "--like", "missing.json"] + OUT,
    "train_tokenizer_like_text": TRAIN + ["bpe", "texts.txt", "--like", "texts.txt"] + OUT,
    "train_tokenizer_like_without_model": TRAIN + ["bpe", "texts.txt", "--like", "part.json"] + OUT,
    "train_tokenizer_like_lacks_special_tokens":
        TRAIN + ["bpe", "texts.txt", "--like", "old.json", "--special-tokens", "x"] + OUT,
    "train_tokenizer_empty": TRAIN + ["bpe", "empty.txt"] + OUT,
    "train_tokenizer_invalid_utf8": TRAIN + ["bpe", "bytes.txt"] + OUT,
    "train_tokenizer_no_such_field": TRAIN + ["bpe", "lines.jsonl", "--field", "body"] + OUT,
    "train_tokenizer_no_folder": TRAIN + ["bpe", "texts.txt", "-o", "nowhere/out.json"],
    "train_tokenizer_absurd_threads": TRAIN + ["bpe", "texts.txt", "--threads", "1000000000"] + OUT,
    "train_nothing": ["train"],
    "train_something_else": ["train", "tokeniser"],
}  # fmt: skip

OLD = """{"model":{"type":"BPE","vocab":{},"merges":[]},"post_processor":{"type":"BertProcessing","cls":["[CLS]",1],
"sep":["[SEP]",2]},"added_tokens":[]}"""


def training_cases():
    def make(arguments):
        def files(d):
            (d / "old.json").write_text(OLD)
            (d / "part.json").write_text("{}")
            (d / "letter.txt").write_text("a\n")
            (d / "empty.txt").write_text("")
            (d / "bytes.txt").write_bytes(b"a\n\xff\n")
            (d / "lines.jsonl").write_text('{"text":"a"}\n')
            return arguments

        return files

    return [(name, make(arguments)) for name, arguments in ARGUMENTS.items()]
