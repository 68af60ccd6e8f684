"""A table of bad inputs. Each must give exactly one line on stderr that starts with "firth: " and
says where, what was expected and what was found, exit code 1 or 2, nothing on stdout, and no output
file; and nothing may crash."""

import base64
import gzip
import json
import os
import resource
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import program
from family_cases import family_cases
from program import floats, npy_bytes, raw_safetensors, safetensors_bytes, write_json
from training_cases import training_cases

CASES = family_cases() + training_cases()


def case(function):
    """A case makes its files in the folder `d` and returns the arguments; the model lies in
    d/models/tiny, texts in d/texts.txt."""
    CASES.append((function.__name__, function))
    return function


def table(**rows):
    """Cases whose arguments need no files of their own."""
    for name, args in rows.items():
        CASES.append((name, lambda d, args=args: args))


EMBED = ["embed", "texts.txt", "-o", "out.npy"]

# The command line.
table(
    no_such_verb=["embd", "a"],
    no_such_global_option=["--verbos"],
    no_such_option=["embed", "--modle", "x", "a"],
    option_without_value=["embed", "a", "--model"],
    option_as_value=["embed", "--model", "--quiet", "a"],
    short_option_as_value=["embed", "texts.txt", "--ids", "-o", "out.npy"],
    dtype_that_the_form_lacks=["embed", "texts.txt", "--dtype", "f16", "-o", "out.jsonl"],
    prompt_invalid_utf8=EMBED + ["--prompt", "\udcff"],
    query_invalid_utf8=["search", "\udcff", "texts.txt"],
    similarity_invalid_utf8=["similarity", "\udcff", "cat"],
    option_given_twice=["embed", "a", "--dim", "3", "--dim", "4"],
    number_expected=["embed", "a", "--dim", "three"],
    negative_number=["embed", "a", "--threads=-1"],
    number_too_large=["embed", "a", "--dim", "99999999999999999999999"],
    absurd_threads=["embed", "a", "--threads", "1000000000"],
    not_a_choice=["embed", "a", "--dtype", "float16"],
    not_a_precision=["embed", "a", "--precision", "fp4"],
    not_a_format=["embed", "a", "-o", "out.npy", "--format", "nyp"],
    not_an_output_ending=["embed", "a", "-o", "out.xyz"],
    no_such_pooling=EMBED + ["--pooling", "median"],
    dim_too_large=EMBED + ["--dim", "9"],
    max_length_too_large=EMBED + ["--max-length", "33"],
    no_such_prompt=EMBED + ["--prompt-name", "passage"],
    two_prompts=EMBED + ["--prompt", "x", "--prompt-name", "question"],
    shard_not_a_pair=EMBED + ["--shard", "2"],
    shard_of_nothing=EMBED + ["--shard", "0/0"],
    shard_beyond=EMBED + ["--shard", "3/2"],
    shard_not_numbers=EMBED + ["--shard", "a/b"],
    resume_without_output=["embed", "texts.txt", "--resume"],
    tokens_and_dim=["embed", "a", "--tokens", "--dim", "3"],
    tokens_and_no_normalize=["embed", "a", "--tokens", "--no-normalize"],
    tokens_and_windows=["embed", "a", "--tokens", "--long", "chunk"],
    tokens_to_npy=["embed", "a", "--tokens", "-o", "out.npy"],
    layers_and_pooling=["embed", "a", "--layers", "all", "--pooling", "cls", "-o", "out.safetensors"],
    attention_and_dtype=["embed", "a", "--attention", "0", "--dtype", "f16", "-o",
                         "out.safetensors"],
    layers_without_output=["embed", "texts.txt", "--layers", "all"],
    layers_to_npy=["embed", "texts.txt", "--layers", "all", "-o", "out.npy"],
    no_such_layer=["embed", "texts.txt", "--layers", "3", "-o", "out.safetensors"],
    layer_not_a_number=["embed", "texts.txt", "--layers", "first", "-o", "out.safetensors"],
    no_such_attention=["embed", "texts.txt", "--attention", "2", "-o", "out.safetensors"],
    no_such_layer_in_mix=EMBED + ["--layer-mix", "0,7"],
    text_too_long=["embed", "the cat " * 20, "--long", "error", "-o", "out.npy"],
    similarity_of_one=["similarity", "a"],
    similarity_of_three=["similarity", "1,2", "3,4", "5,6"],
    lengths_differ=["similarity", "1,2", "1,2,3"],
    component_missing=["similarity", "1,,2", "1,2,3"],
    component_nan=["similarity", "1,nan", "1,2"],
    component_infinite=["similarity", "1,1e999", "1,2"],
    vector_and_text=["similarity", "1,2", "cat"],
    completions_of_no_shell=["completions", "tcsh"],
    completions_of_nothing=["completions"],
    help_of_no_verb=["help", "embeddings-please"],
    near_shell_with_words=["near", "missing.vec", "cat", "--shell"],
    odd_of_two=["near", "missing.vec", "cat", "dog", "--odd"],
    eval_words_of_nothing=["eval", "words", "missing.vec"],
    eval_words_no_such_vectors=["eval", "words", "missing.vec", "--similarity", "texts.txt"],
    eval_words_without_vectors=["eval", "words"],
    eval_of_nothing=["eval"],
    eval_of_no_task=["eval", "ranking", "x"],
    eval_without_data=["eval", "sts"],
    eval_no_such_data=["eval", "sts", "missing.csv"],
    eval_no_such_folder=["eval", "retrieval", "missing"],
    search_without_query=["search"],
    search_without_a_place=["search", "a question"],
    search_of_a_path_alone=["search", "texts.txt"],
    text_like_options=["embed", "-hello"],
    search_no_such_folder=["search", "a question", "missing"],
    near_no_such_file=["near", "missing.vec", "cat"],
    inspect_nothing_there=["inspect", "missing"],
    tokenize_no_such_file=["tokenize", "--json", "--field", "text", "missing.jsonl"],
)

# Texts.
table(
    no_such_file=["embed", "missing.txt", "-o", "out.npy"],
    no_such_file_with_field=["embed", "--field", "text", "missing", "-o", "out.npy"],
    text_among_files=["embed", "texts.txt", "a text", "-o", "out.npy"],
)


def with_file(name, content, *args):
    def make(d):
        (d / name).write_bytes(content)
        return list(args) if args else ["embed", name, "-o", "out.npy"]
    return make


def files(**rows):
    for name, make in rows.items():
        CASES.append((name, make))


GOOD_LINES = b'{"text": "a cat"}\n' * 16
files(
    jsonl_line_17=with_file("in.jsonl", GOOD_LINES + b'{"text": "a\n' + GOOD_LINES),
    jsonl_not_an_object=with_file("in.jsonl", b'{"text": "a"}\n[1, 2]\n'),
    jsonl_no_field=with_file("in.jsonl", b'{"body": "a", "stars": 3}\n', "embed", "in.jsonl",
                             "--field", "text", "-o", "out.npy"),
    jsonl_field_not_text=with_file("in.jsonl", b'{"text": {"a": 1}}\n'),
    jsonl_field_null=with_file("in.jsonl", b'{"text": null}\n'),
    jsonl_no_id=with_file("in.jsonl", b'{"text": "a"}\n', "embed", "in.jsonl", "--ids", "id", "-o",
                          "out.npy"),
    jsonl_invalid_utf8=with_file("in.jsonl", b'{"text": "a\xff"}\n'),
    jsonl_lone_surrogate=with_file("in.jsonl", b'{"text": "a\\ud800"}\n'),
    jsonl_deep=with_file("in.jsonl", b'{"text": ' + b"[" * 100000 + b"\n"),
    text_invalid_utf8=with_file("in.txt", b"good\nbad \xc3\x28\n"),
    text_in_latin1=with_file("in.txt", "naïve\n".encode("latin-1")),
    csv_open_quote=with_file("in.csv", b'text,stars\n"a cat,3\n'),
    csv_no_column=with_file("in.csv", b"body,stars\na,3\n", "embed", "in.csv", "--field", "text",
                            "-o", "out.npy"),
    csv_short_row=with_file("in.csv", b"stars,text\n3\n", "embed", "in.csv", "--field", "text",
                            "-o", "out.npy"),
    csv_empty=with_file("in.csv", b"", "embed", "in.csv", "--field", "text", "-o", "out.npy"),
    gzip_cut=with_file("in.txt.gz", gzip.compress(b"a cat\n" * 1000)[:-12]),
    gzip_damaged=with_file("in.txt.gz", gzip.compress(b"a cat\n" * 9)[:12] + b"\xff" * 40),
    zstd_damaged=with_file("in.txt.zst", b"\x28\xb5\x2f\xfd" + b"\xff" * 40),
    sts_score_not_a_number=with_file("pairs.csv", b"a cat,a dog,high\n", "eval", "sts", "pairs.csv"),
)


@case
def empty_file(d):
    (d / "empty.txt").write_bytes(b"")
    return ["embed", "empty.txt", "-o", "out.npy"]


@case
def empty_jsonl_to_stdout(d):
    (d / "empty.jsonl").write_bytes(b"")
    return ["tokenize", "--json", "empty.jsonl"]


@case
def nothing_on_standard_input(d):
    return ["embed", "-o", "out.npy"]


@case
def folder_without_texts(d):
    (d / "empty").mkdir()
    return ["embed", "empty", "-o", "out.npy"]


@case
def standard_input_invalid_utf8(d):
    return {"args": ["embed", "-o", "out.npy"], "stdin": b"\xff\xfe\n"}


@case
def unknown_tokens_refused(d):
    (d / "chinese.txt").write_text("从此以后没有人再提起这件事\n他们都知道\n")
    return ["embed", "chinese.txt", "--unknown", "error", "-o", "out.npy"]


# Models.
def with_model(change, args=None):
    def make(d):
        folder = program.make_sentence_transformer(d / "models" / "tiny")
        change(folder)
        return args or EMBED
    return make


def config_with(**fields):
    def change(folder):
        config = program.bert_config()
        for name, value in fields.items():
            if value is KeyError:
                del config[name]
            else:
                config[name] = value
        write_json(folder / "config.json", config)
    return with_model(change)


def file_with(name, content):
    return with_model(lambda folder: (folder / name).write_bytes(
        content if isinstance(content, bytes) else content.encode()))


def weights_with(**tensors):
    """Tensors added or, where None, taken out; dots in names are written __."""
    def change(folder):
        content = program.bert_tensors()
        for name, tensor in tensors.items():
            if tensor is None:
                del content[name.replace("__", ".")]
            else:
                content[name.replace("__", ".")] = tensor
        (folder / "model.safetensors").write_bytes(safetensors_bytes(content))
    return with_model(change)


files(
    config_missing=with_model(lambda folder: (folder / "config.json").unlink()),
    config_empty=file_with("config.json", ""),
    config_cut=file_with("config.json", json.dumps(program.bert_config())[:-20]),
    config_not_an_object=file_with("config.json", "[1]"),
    config_invalid_utf8=file_with("config.json", b'{"model_type": "\xff"}'),
    config_deep=file_with("config.json", b"[" * 200000),
    config_is_a_folder=with_model(lambda folder: ((folder / "config.json").unlink(),
                                                  (folder / "config.json").mkdir())),
    config_no_hidden_size=config_with(hidden_size=KeyError),
    config_no_heads=config_with(num_attention_heads=KeyError),
    config_zero_heads=config_with(num_attention_heads=0),
    config_heads_do_not_divide=config_with(num_attention_heads=3),
    config_negative_layers=config_with(num_hidden_layers=-1),
    config_huge_layers=config_with(num_hidden_layers=10**12),
    config_more_layers_than_weights=config_with(num_hidden_layers=5),
    config_hidden_size_text=config_with(hidden_size="8"),
    config_hidden_size_fraction=config_with(hidden_size=8.5),
    config_hidden_size_absurd=config_with(hidden_size=2**62),
    config_vocab_absurd=config_with(vocab_size=2**40),
    config_vocab_smaller_than_weights=config_with(vocab_size=5),
    config_no_such_activation=config_with(hidden_act="sine"),
    config_no_such_family=config_with(model_type="unheard-of"),
    config_relative_positions=config_with(position_embedding_type="relative_key"),
    config_negative_epsilon=config_with(layer_norm_eps=-1.0),
    weights_missing=with_model(lambda folder: (folder / "model.safetensors").unlink()),
    weights_empty=file_with("model.safetensors", b""),
    weights_seven_bytes=file_with("model.safetensors", b"\x01" * 7),
    weights_header_beyond_file=file_with("model.safetensors", struct.pack("<Q", 1000) + b"{}"),
    weights_header_huge=file_with("model.safetensors", struct.pack("<Q", 2**63) + b"{}"),
    weights_header_not_json=file_with("model.safetensors", raw_safetensors("nonsense")),
    weights_header_a_list=file_with("model.safetensors", raw_safetensors("[]")),
    weights_header_cut=with_model(lambda folder: (folder / "model.safetensors").write_bytes(
        (folder / "model.safetensors").read_bytes()[:100])),
    weights_data_cut=with_model(lambda folder: (folder / "model.safetensors").write_bytes(
        (folder / "model.safetensors").read_bytes()[:-1])),
    weights_data_too_long=with_model(lambda folder: (folder / "model.safetensors").write_bytes(
        (folder / "model.safetensors").read_bytes() + b"\0")),
    weights_offsets_overlap=file_with("model.safetensors", raw_safetensors(json.dumps({
        "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}), b"\0" * 12)),
    weights_offsets_with_a_hole=file_with("model.safetensors", raw_safetensors(json.dumps({
        "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [12, 20]}}), b"\0" * 20)),
    weights_offsets_backwards=file_with("model.safetensors", raw_safetensors(json.dumps({
        "a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}), b"\0" * 8)),
    weights_offsets_negative=file_with("model.safetensors", raw_safetensors(
        '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}', b"\0" * 8)),
    weights_offsets_overflow=file_with("model.safetensors", raw_safetensors(
        '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [18446744073709551608, 0]}}')),
    weights_shape_overflow=file_with("model.safetensors", raw_safetensors(
        '{"a": {"dtype": "F32", "shape": [4294967296, 4294967296, 4], "data_offsets": [0, 0]}}')),
    weights_shape_lies=file_with("model.safetensors", raw_safetensors(
        '{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}', b"\0" * 8)),
    weights_no_such_dtype=file_with("model.safetensors", raw_safetensors(
        '{"a": {"dtype": "F33", "shape": [2], "data_offsets": [0, 8]}}', b"\0" * 8)),
    weights_name_twice=file_with("model.safetensors", raw_safetensors(
        '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},'
        ' "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', b"\0" * 8)),
    weights_tensor_missing=weights_with(encoder__layer__1__output__dense__weight=None),
    weights_wrong_shape=weights_with(encoder__layer__0__attention__self__query__weight=(
        "F32", [4, 16], floats([0.0] * 64))),
    weights_wrong_rank=weights_with(embeddings__word_embeddings__weight=(
        "F32", [24 * 8], floats([0.0] * 192))),
    weights_in_f64=weights_with(encoder__layer__0__output__dense__bias=("F64", [8], b"\0" * 64)),
    weights_in_a_pickle=with_model(lambda folder: (folder / "model.safetensors").rename(
        folder / "pytorch_model.bin")),
    index_not_json=with_model(lambda folder: (
        (folder / "model.safetensors").unlink(),
        (folder / "model.safetensors.index.json").write_text("{"))),
    index_climbs_out=with_model(lambda folder: (
        (folder / "model.safetensors").rename(folder.parent / "outside.safetensors"),
        write_json(folder / "model.safetensors.index.json",
                   {"weight_map": {name: "../outside.safetensors"
                                   for name in program.bert_shapes()}}))),
    index_shard_missing=with_model(lambda folder: (
        (folder / "model.safetensors").unlink(),
        write_json(folder / "model.safetensors.index.json",
                   {"weight_map": {"a": "model-00001-of-00002.safetensors"}}))),
    weights_link_leads_out=with_model(lambda folder: (
        (folder / "model.safetensors").rename(folder.parent / "outside.safetensors"),
        (folder / "model.safetensors").symlink_to("../outside.safetensors"))),
    weights_link_leads_nowhere=with_model(lambda folder: (
        (folder / "model.safetensors").unlink(),
        (folder / "model.safetensors").symlink_to("gone"))),
    modules_not_a_list=file_with("modules.json", "{}"),
    modules_empty=file_with("modules.json", "[]"),
    modules_unknown=file_with("modules.json", json.dumps([
        {"idx": 0, "name": "0", "path": "", "type": "some_package.Evil"}])),
    modules_path_climbs_out=file_with("modules.json", json.dumps([
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "../../etc",
         "type": "sentence_transformers.models.Pooling"}])),
    pooling_of_another_width=file_with("1_Pooling/config.json", json.dumps(
        {"word_embedding_dimension": 9, "pooling_mode_mean_tokens": True})),
    pooling_config_missing=with_model(lambda folder: (folder / "1_Pooling/config.json").unlink()),
    max_seq_length_absurd=file_with("sentence_bert_config.json",
                                    '{"max_seq_length": 1, "do_lower_case": false}'),
    tokenizer_missing=with_model(lambda folder: (folder / "vocab.txt").unlink()),
    tokenizer_empty=file_with("tokenizer.json", ""),
    tokenizer_cut=file_with("tokenizer.json", '{"version": "1.0", "model": {"type": "WordPiece", '),
    tokenizer_without_model=file_with("tokenizer.json", '{"version": "1.0"}'),
    tokenizer_of_another_kind=file_with("tokenizer.json",
                                        '{"version": "1.0", "model": {"type": "Magic"}}'),
    vocabulary_larger_than_weights=with_model(lambda folder: (folder / "vocab.txt").write_text(
        "\n".join(program.VOCABULARY + ["extra", "words"]) + "\n"),
                                               ["embed", "extra words", "-o", "out.npy"]),
    vocabulary_empty=file_with("vocab.txt", ""),
    vocabulary_without_unk=file_with("vocab.txt", "a\nb\n"),
)


@case
def model_not_there(d):
    return EMBED + ["--model", "models/tyni"]


@case
def model_name_not_there(d):
    return EMBED + ["--model", "tinny"]


@case
def model_is_an_empty_folder(d):
    (d / "empty").mkdir()
    return EMBED + ["--model", "empty"]


@case
def model_is_a_text_file(d):
    return EMBED + ["--model", "texts.txt"]


@case
def no_model_at_all(d):
    shutil.rmtree(d / "models")
    return EMBED


@case
def several_models(d):
    program.make_bert(d / "models" / "other")
    return EMBED


def tiktoken(name, content):
    return with_file(name, content, "tokenize", "--model", name, "a")


files(
    tiktoken_of_no_known_name=tiktoken("mine.tiktoken", b"YQ== 0\n"),
    tiktoken_not_base64=tiktoken("cl100k.tiktoken", b"Y!== 0\n"),
    tiktoken_no_rank=tiktoken("cl100k.tiktoken", b"YQ==\n"),
    tiktoken_rank_is_text=tiktoken("cl100k.tiktoken", b"YQ== one\n"),
    tiktoken_rank_negative=tiktoken("cl100k.tiktoken", b"YQ== -1\n"),
    tiktoken_rank_twice=tiktoken("cl100k.tiktoken", b"YQ== 0\nYg== 0\n"),
    tiktoken_token_twice=tiktoken("cl100k.tiktoken", b"YQ== 0\nYQ== 1\n"),
    tiktoken_bytes_missing=tiktoken("cl100k.tiktoken", b"YQ== 0\n"),
    tiktoken_token_too_long=tiktoken("cl100k.tiktoken", b"QUFB" * 1000 + b" 0\n"),
    tiktoken_empty=tiktoken("cl100k.tiktoken", b""),
)


def old_bpe(merges, vocabulary='{"a": 0, "b": 1}', config="{}"):
    def make(d):
        (d / "old").mkdir()
        (d / "old/vocab.json").write_text(vocabulary)
        (d / "old/merges.txt").write_text(merges)
        (d / "old/tokenizer_config.json").write_text(config)
        return ["tokenize", "--model", "old", "a"]
    return make


files(
    merges_txt_of_unknown=old_bpe("#version: 0.2\na c\n"),
    merges_txt_of_one=old_bpe("a\n"),
    merges_txt_empty_line=old_bpe("\n\n"),
    vocab_json_is_a_list=old_bpe("", "[1]"),
    vocab_json_id_negative=old_bpe("", '{"a": -1}'),
    vocab_json_class_unknown=old_bpe("", config='{"tokenizer_class": "ElvishTokenizer"}'),
    vocab_json_roberta_without_specials=old_bpe("", config='{"tokenizer_class": "RobertaTokenizer"}'),
)

table(
    decode_of_words=["tokenize", "--decode", "one two"],
    decode_of_negative=["tokenize", "--decode", "[-1]"],
    decode_of_pairs=["tokenize", "--decode", "--pair-field", "b", "1"],
)


@case
def tokenizer_file_is_no_tokenizer(d):
    (d / "tokenizer.json").write_text("[]")
    return ["tokenize", "--model", "tokenizer.json", "a"]


# Parts of tokenizer.json that are not what they should be, and SentencePiece files.
def unigram(vocab=(("<unk>", 0.0), ("a", -1.0)), **fields):
    return {"model": {"type": "Unigram", "unk_id": 0, "vocab": list(map(list, vocab)), **fields}}


def tokenizer(parts, text="a"):
    """A tokenizer.json of these parts, beside a WordLevel model unless they name another."""
    def make(d):
        model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
        write_json(d / "tokenizer.json", {"version": "1.0", "model": model, **parts})
        return ["tokenize", "--model", "tokenizer.json", text]
    return make


def normalizer(**spec):
    return tokenizer({"normalizer": spec})


def pre_tokenizer(**spec):
    return tokenizer({"pre_tokenizer": spec})


def decoder(**spec):
    return tokenizer({"decoder": spec})


def charsmap(trie_size, trie, replacements=b""):
    content = struct.pack("<I", trie_size) + trie + replacements
    return normalizer(type="Precompiled", precompiled_charsmap=base64.b64encode(content).decode())


def sentencepiece(content, text="a"):
    def make(d):
        (d / "x.model").write_bytes(content)
        return ["tokenize", "--model", "x.model", text]
    return make


def message(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


def piece(text, kind=1):
    return message(1, message(1, text) + b"\x15" + struct.pack("<f", -1.0) + bytes([0x18, kind]))


UNK = piece(b"<unk>", 2)

for name, make in {
    "bpe_without_merges": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}}}),
    "bpe_merges_is_text": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": "a a"}}),
    "bpe_merge_of_unknown": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}),
    "bpe_merge_into_unknown": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]}}),
    "bpe_merge_of_itself": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a"]]}}),
    "bpe_merge_of_three": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]}}),
    "bpe_merge_pair_of_one": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}}),
    "bpe_merge_of_numbers": tokenizer({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [[1, 2]]}}),
    "bpe_merge_shorter_than_prefix": tokenizer({"model": {"type": "BPE", "continuing_subword_prefix": "##", "vocab": {"a": 0}, "merges": ["a a"]}}),
    "bpe_dropout_too_large": tokenizer({"model": {"type": "BPE", "dropout": 1.5, "vocab": {"a": 0}, "merges": []}}),
    "bpe_dropout_is_text": tokenizer({"model": {"type": "BPE", "dropout": "no", "vocab": {"a": 0}, "merges": []}}),
    "bpe_flag_is_text": tokenizer({"model": {"type": "BPE", "byte_fallback": "no", "vocab": {"a": 0}, "merges": []}}),
    "bpe_unknown_token_missing": tokenizer({"model": {"type": "BPE", "unk_token": "?", "vocab": {"a": 0}, "merges": []}}, "b"),
    "split_without_pattern": pre_tokenizer(type="Split", behavior="Isolated", invert=False),
    "split_pattern_of_neither": pre_tokenizer(type="Split", pattern={"Glob": "*"}, behavior="Isolated", invert=False),
    "split_regex_open_group": pre_tokenizer(type="Split", pattern={"Regex": "(a"}, behavior="Isolated", invert=False),
    "split_regex_too_long": pre_tokenizer(type="Split", pattern={"Regex": "a" * 20000}, behavior="Isolated", invert=False),
    "split_regex_no_such_property": pre_tokenizer(type="Split", pattern={"Regex": "\\p{Elvish}"}, behavior="Isolated", invert=False),
    "split_regex_explodes": tokenizer({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a+a+)+(?<!a)"}, "behavior": "Isolated", "invert": False}}, "a" * 60),
    "split_behavior_unknown": pre_tokenizer(type="Split", pattern={"String": "a"}, behavior="Shattered", invert=False),
    "split_invert_missing": pre_tokenizer(type="Split", pattern={"String": "a"}, behavior="Isolated"),
    "byte_level_flag_missing": pre_tokenizer(type="ByteLevel", trim_offsets=True),
    "roberta_without_cls": tokenizer({"post_processor": {"type": "RobertaProcessing", "sep": ["a", 0], "trim_offsets": True, "add_prefix_space": True}}),
    "post_processors_with_two_templates": tokenizer({"post_processor": {"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["a", 0], "cls": ["a", 0]}] * 2}}),
    "post_processors_no_list": tokenizer({"post_processor": {"type": "Sequence", "processors": {}}}),
    "unigram_vocab_is_an_object": tokenizer({"model": {"type": "Unigram", "unk_id": 0, "vocab": {"a": 0}}}),
    "unigram_vocab_of_strings": tokenizer({"model": {"type": "Unigram", "unk_id": 0, "vocab": ["a"]}}),
    "unigram_piece_of_three": tokenizer(unigram([("a", 0.0, 1)])),
    "unigram_score_is_text": tokenizer(unigram([("a", "0")])),
    "unigram_piece_is_a_number": tokenizer(unigram([(7, 0.0)])),
    "unigram_unk_id_beyond": tokenizer(unigram(unk_id=2)),
    "unigram_unk_id_negative": tokenizer(unigram(unk_id=-1)),
    "unigram_unk_id_is_text": tokenizer(unigram(unk_id="0")),
    "unigram_vocab_empty": tokenizer(unigram([])),
    "unigram_byte_fallback_is_text": tokenizer(unigram(byte_fallback="yes")),
    "unigram_without_unk_id": tokenizer(unigram(unk_id=None), "b"),
    "unigram_without_vocab": tokenizer({"model": {"type": "Unigram", "unk_id": 0}}),
    "normalizer_unknown": normalizer(type="Denormalize"),
    "normalizer_without_type": normalizer(form="NFC"),
    "normalizer_is_a_list": tokenizer({"normalizer": []}),
    "normalizer_sequence_of_text": normalizer(type="Sequence", normalizers="NFC"),
    "normalizer_deep": normalizer(**json.loads('{"type":"Sequence","normalizers":[' * 150 + '{"type":"NFX"}' + "]}" * 150)),
    "charsmap_not_base64": normalizer(type="Precompiled", precompiled_charsmap="*"),
    "charsmap_empty": normalizer(type="Precompiled", precompiled_charsmap=""),
    "charsmap_null": normalizer(type="Precompiled", precompiled_charsmap=None),
    "charsmap_size_lies": charsmap(1 << 30, bytes(8)),
    "charsmap_without_trie": charsmap(0, b""),
    "charsmap_not_utf8": charsmap(4, bytes(4), b"\xff\x00"),
    "strip_without_sides": normalizer(type="Strip", strip_left=True),
    "prepend_is_a_number": normalizer(type="Prepend", prepend=1),
    "replace_without_pattern": normalizer(type="Replace", content="x"),
    "replace_of_nothing_known": normalizer(type="Replace", pattern={"Glob": "*"}, content="x"),
    "replace_bad_expression": normalizer(type="Replace", pattern={"Regex": "("}, content="x"),
    "pre_tokenizer_unknown": pre_tokenizer(type="Cutter"),
    "metaspace_of_two_characters": pre_tokenizer(type="Metaspace", replacement="__"),
    "metaspace_without_replacement": pre_tokenizer(type="Metaspace"),
    "metaspace_unknown_scheme": pre_tokenizer(type="Metaspace", replacement="_", prepend_scheme="last"),
    "metaspace_contradiction": pre_tokenizer(type="Metaspace", replacement="_", prepend_scheme="always", add_prefix_space=False),
    "fixed_length_of_nothing": pre_tokenizer(type="FixedLength", length=0),
    "fixed_length_negative": pre_tokenizer(type="FixedLength", length=-3),
    "punctuation_unknown_behavior": pre_tokenizer(type="Punctuation", behavior="Keep"),
    "delimiter_empty": pre_tokenizer(type="CharDelimiterSplit", delimiter=""),
    "digits_without_field": pre_tokenizer(type="Digits"),
    "decoder_unknown": decoder(type="Morse"),
    "decoder_strip_of_text": decoder(type="Strip", content="ab", start=1, stop=0),
    "decoder_strip_negative": decoder(type="Strip", content="a", start=-1, stop=0),
    "decoder_ctc_cut": decoder(type="CTC", pad_token="<pad>"),
    "decoder_sequence_null": decoder(type="Sequence", decoders=[None]),
    "sentencepiece_empty": sentencepiece(b""),
    "sentencepiece_is_text": sentencepiece(b"this is no model\n"),
    "sentencepiece_cut": sentencepiece((UNK + piece(b"a"))[:-2]),
    "sentencepiece_length_lies": sentencepiece(UNK + b"\x0a\xff\xff\xff\xff\x0f"),
    "sentencepiece_number_too_long": sentencepiece(UNK + b"\xff" * 12),
    "sentencepiece_group": sentencepiece(UNK + b"\x0b"),
    "sentencepiece_wrong_wire_type": sentencepiece(b"\x08\x01"),
    "sentencepiece_without_unknown": sentencepiece(piece(b"a")),
    "sentencepiece_two_unknown": sentencepiece(UNK + piece(b"<u>", 2)),
    "sentencepiece_piece_twice": sentencepiece(UNK + piece(b"a") * 2),
    "sentencepiece_piece_empty": sentencepiece(UNK + piece(b"")),
    "sentencepiece_piece_not_utf8": sentencepiece(UNK + piece(b"\xff")),
    "sentencepiece_piece_type": sentencepiece(UNK + piece(b"a", 9)),
    "sentencepiece_byte_without_fallback": sentencepiece(UNK + piece(b"<0x41>", 6)),
    "sentencepiece_bytes_missing": sentencepiece(UNK + message(2, b"\x98\x02\x01")),
    "sentencepiece_model_type": sentencepiece(UNK + message(2, b"\x18\x07")),
    "sentencepiece_charsmap_lies": sentencepiece(UNK + message(3, message(2, b"\xff\xff\xff\xff" + bytes(8)))),
}.items():
    CASES.append((name, make))


@case
def sentencepiece_of_an_unknown_class(d):
    (d / "folder").mkdir()
    (d / "folder" / "spiece.model").write_bytes(UNK + piece(b"a"))
    write_json(d / "folder" / "tokenizer_config.json", {"tokenizer_class": "PegasusTokenizer"})
    return ["tokenize", "--model", "folder", "a"]


@case
def sentencepiece_without_its_special_tokens(d):
    (d / "folder").mkdir()
    (d / "folder" / "spiece.model").write_bytes(UNK + piece(b"a"))
    write_json(d / "folder" / "tokenizer_config.json", {"tokenizer_class": "T5Tokenizer"})
    return ["tokenize", "--model", "folder", "a"]


# Vectors.
def vectors(name, content, *args):
    return with_file(name, content, *(args or ("near", name, "cat")))


NPY = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
files(
    npy_empty=vectors("v.npy", b"", "near", "v.npy", "0"),
    npy_cut=vectors("v.npy", npy_bytes(NPY, floats([1, 2, 3, 4, 5])), "near", "v.npy", "0"),
    npy_wrong_magic=vectors("v.npy", b"\x93NUMPZ" + b"\0" * 64, "near", "v.npy", "0"),
    npy_future_version=vectors("v.npy", b"\x93NUMPY\x09\x00" + b"\0" * 64, "near", "v.npy", "0"),
    npy_pickled=vectors("v.npy", npy_bytes(NPY.replace("<f4", "|O"), b"x"), "near", "v.npy", "0"),
    npy_code_for_a_header=vectors("v.npy", npy_bytes("__import__('os').system('true')"), "near",
                                  "v.npy", "0"),
    npy_shape_overflows=vectors("v.npy", npy_bytes(NPY.replace("(2, 3)", "(2**62, 9)"
                                                               .replace("2**62", str(2**62)))),
                                "near", "v.npy", "0"),
    npy_nan=vectors("v.npy", npy_bytes(NPY, floats([1, 2, float("nan"), 4, 5, 6])), "near", "v.npy",
                    "0"),
    word2vec_too_few_rows=vectors("v.vec", b"3 2\ncat 1 2\ndog 3 4\n"),
    word2vec_short_row=vectors("v.vec", b"2 2\ncat 1 2\ndog 3\n"),
    word2vec_not_a_number=vectors("v.vec", b"2 2\ncat 1 2\ndog 3 x\n"),
    word2vec_nan=vectors("v.vec", b"2 2\ncat 1 2\ndog 3 nan\n"),
    word2vec_no_such_word=vectors("v.vec", b"2 2\ncats 1 2\ndog 3 4\n"),
    word2vec_header_lies=vectors("v.vec", b"99999999999 300\ncat 1 2\n"),
    jsonl_vectors_ragged=vectors("v.jsonl", b'{"id": "cat", "embedding": [1, 2]}\n'
                                            b'{"id": "dog", "embedding": [1]}\n'),
    jsonl_vectors_with_text=vectors("v.jsonl", b'{"id": "cat", "embedding": [1, "x"]}\n'),
    query_of_another_length=vectors("v.vec", b"2 2\ncat 1 2\ndog 3 4\n", "search", "--vectors",
                                    "v.vec", "--query-vector", "1,2,3"),
    query_vector_nan=vectors("v.vec", b"2 2\ncat 1 2\ndog 3 4\n", "search", "--vectors", "v.vec",
                             "--query-vector", "1,nan"),
    like_no_such_item=vectors("v.vec", b"2 2\ncat 1 2\ndog 3 4\n", "search", "--vectors", "v.vec",
                              "--like", "cta"),
    similarity_word_missing=vectors("v.vec", b"2 2\ncat 1 2\ndog 3 4\n", "similarity", "--vectors",
                                    "v.vec", "cat", "cow"),
)


# Output.
@case
def output_folder_missing(d):
    return ["embed", "texts.txt", "-o", "missing/out.npy"]


@case
def output_is_a_folder(d):
    (d / "out.npy.d").mkdir()
    return ["embed", "texts.txt", "-o", "out.npy.d"]


@case
def full_disk_on_stdout(d):
    return {"args": ["embed", "texts.txt"], "stdout": "/dev/full"}


@case
def full_disk_on_help(d):
    return {"args": ["--help"], "stdout": "/dev/full"}


@case
def full_disk_on_file(d):
    (d / "many.txt").write_text("the cat sat on the mat\n" * 3000)
    return {"args": ["embed", "many.txt", "-o", "out.npy"], "file_limit": 1 << 14}


@case
def resume_of_other_options(d):
    (d / "out.npy.partial").write_bytes(b"")
    write_json(d / "out.npy.partial.json", {"format_version": 1, "key": "0" * 32})
    return ["embed", "texts.txt", "-o", "out.npy", "--resume"]


@case
def resume_of_a_newer_program(d):
    (d / "out.npy.partial").write_bytes(b"")
    write_json(d / "out.npy.partial.json", {"format_version": 99, "key": "0" * 32})
    return ["embed", "texts.txt", "-o", "out.npy", "--resume"]


class BadInputs(unittest.TestCase):
    maxDiff = None

    def run_case(self, make):
        with tempfile.TemporaryDirectory() as name:
            d = Path(name)
            program.make_sentence_transformer(d / "models" / "tiny")
            (d / "texts.txt").write_text("the cat sat\na dog\n")
            made = make(d)
            options = made if isinstance(made, dict) else {"args": made}
            result = self.run_program(d, options)
            self.check(result, options)
            left = [p.name for p in d.iterdir() if p.name.startswith("out.") and p.is_file()
                    and ".partial" not in p.name]
            self.assertEqual(left, [], "no output file may be left")

    def run_program(self, d, options):
        limit = options.get("file_limit")

        def prepare():
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        settings = {"stdin": options.get("stdin", b""), "cwd": d, "preexec_fn": prepare}
        if "stdout" not in options:
            return program.run(*options["args"], **settings)
        with open(options["stdout"], "wb") as stdout:
            return program.run(*options["args"], stdout=stdout, **settings)

    def check(self, result, options):
        said = [line for line in result.talk.split("\n") if line]
        errors = [line for line in said if not line.startswith("firth: using the model ")]
        self.assertIn(result.code, (1, 2), result)
        self.assertEqual(len(errors), 1, result)
        self.assertTrue(errors[0].startswith("firth: "), result)
        self.assertNotIn("internal error", errors[0])
        self.assertEqual(result.stdout, b"", result)

    def test_there_are_at_least_eighty(self):
        self.assertGreaterEqual(len(CASES), 80)

    def test_closed_pipe(self):
        with tempfile.TemporaryDirectory() as name:
            d = Path(name)
            program.make_sentence_transformer(d / "models" / "tiny")
            (d / "many.txt").write_text("the cat sat on the mat\n" * 20000)
            command = f"'{program.FIRTH}' embed many.txt | head -1; exit ${{PIPESTATUS[0]}}"
            done = subprocess.run(["bash", "-c", command], cwd=d, capture_output=True,
                                  env=program.environment(HOME=name), timeout=60)
            self.check_closed_pipe(done)

    def check_closed_pipe(self, done):
        errors = [line for line in done.stderr.decode().split("\n")
                  if line and "using the model" not in line]
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(len(errors), 1, done)
        self.assertIn("closed pipe", errors[0])
        self.assertEqual(done.stdout.count(b"\n"), 1)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable_files(self):
        with tempfile.TemporaryDirectory() as name:
            d = Path(name)
            program.make_sentence_transformer(d / "models" / "tiny")
            for unreadable in ("texts.txt", "models/tiny/config.json"):
                (d / "texts.txt").write_text("a cat\n")
                (d / unreadable).chmod(0)
                result = program.run("embed", "texts.txt", "-o", "out.npy", cwd=d)
                self.check(result, {})


def add_tests():
    for name, make in CASES:
        test = f"test_{name}"
        assert not hasattr(BadInputs, test), f"two cases are called {name}"
        setattr(BadInputs, test, lambda self, make=make: self.run_case(make))


add_tests()

if __name__ == "__main__":
    unittest.main()
