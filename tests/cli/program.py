"""Running the program and making small models for it, with the standard library only."""

import json
import os
import random
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

FIRTH = os.environ["FIRTH_BIN"]

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "##a", "##b", "cat",
              "dog", "kitten", "river", "the", "sat", "on", "mat", ",", ".", "##s", "bank", "of"]
HIDDEN, HEADS, LAYERS, INTERMEDIATE, POSITIONS = 8, 2, 2, 16, 32


class Result:
    def __init__(self, code, stdout, stderr):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr

    @property
    def text(self):
        return self.stdout.decode()

    @property
    def talk(self):
        return self.stderr.decode(errors="replace")

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.stdout[:500]!r}\nstderr: {self.talk[:2000]}"


def environment(**changes):
    """The caller's, without what would make a test depend on this machine's models."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FIRTH_", "HF_", "HUGGING", "TRANSFORMERS_", "SSL_CERT"))
           and not k.endswith(("_CA_BUNDLE", "_proxy", "_PROXY"))}
    if "FIRTH_CPU" in os.environ:
        env["FIRTH_CPU"] = os.environ["FIRTH_CPU"]
    env.update(changes)
    return env


def run(*args, stdin=b"", cwd=None, timeout=60, preexec_fn=None, stdout=subprocess.PIPE, **env):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    home = str(cwd or "/nonexistent")
    settings = environment(HOME=home, XDG_CACHE_HOME=home + "/.cache")
    settings.update(env)
    done = subprocess.run([FIRTH, *[os.fspath(a) for a in args]], input=stdin, stdout=stdout,
                          stderr=subprocess.PIPE, cwd=cwd, env=settings, timeout=timeout,
                          preexec_fn=preexec_fn)
    return Result(done.returncode, done.stdout or b"", done.stderr)


def safetensors_bytes(tensors, metadata=None):
    """tensors: {name: (dtype, shape, bytes)}."""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    return raw_safetensors(json.dumps(header), data)


def raw_safetensors(header, data=b""):
    encoded = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(encoded)) + encoded + data


def tensors_of(path):
    """{name: (dtype, shape, bytes)} of a safetensors file."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8:8 + size]), content[8 + size:]
    header.pop("__metadata__", None)
    return {name: (info["dtype"], info["shape"], data[slice(*info["data_offsets"])])
            for name, info in header.items()}


def floats(numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


def bert_shapes():
    shapes = {
        "embeddings.word_embeddings.weight": [len(VOCABULARY), HIDDEN],
        "embeddings.position_embeddings.weight": [POSITIONS, HIDDEN],
        "embeddings.token_type_embeddings.weight": [2, HIDDEN],
        "embeddings.LayerNorm.weight": [HIDDEN],
        "embeddings.LayerNorm.bias": [HIDDEN],
    }
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}."
        for name in ("query", "key", "value"):
            shapes[f"{layer}attention.self.{name}.weight"] = [HIDDEN, HIDDEN]
            shapes[f"{layer}attention.self.{name}.bias"] = [HIDDEN]
        shapes[f"{layer}attention.output.dense.weight"] = [HIDDEN, HIDDEN]
        shapes[f"{layer}attention.output.dense.bias"] = [HIDDEN]
        shapes[f"{layer}attention.output.LayerNorm.weight"] = [HIDDEN]
        shapes[f"{layer}attention.output.LayerNorm.bias"] = [HIDDEN]
        shapes[f"{layer}intermediate.dense.weight"] = [INTERMEDIATE, HIDDEN]
        shapes[f"{layer}intermediate.dense.bias"] = [INTERMEDIATE]
        shapes[f"{layer}output.dense.weight"] = [HIDDEN, INTERMEDIATE]
        shapes[f"{layer}output.dense.bias"] = [HIDDEN]
        shapes[f"{layer}output.LayerNorm.weight"] = [HIDDEN]
        shapes[f"{layer}output.LayerNorm.bias"] = [HIDDEN]
    return shapes


def bert_tensors():
    generator = random.Random(7)
    tensors = {}
    for name, shape in bert_shapes().items():
        size = 1
        for extent in shape:
            size *= extent
        around = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        values = [around + generator.gauss(0, 0.3) for _ in range(size)]
        tensors[name] = ("F32", shape, floats(values))
    return tensors


def bert_config():
    return {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": len(VOCABULARY),
            "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
            "intermediate_size": INTERMEDIATE, "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
            "position_embedding_type": "absolute", "pad_token_id": 0}


def write_json(path, content):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(content))


def make_bert(folder):
    """A plain Hugging Face folder: a BERT of random weights that knows a few words."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", bert_config())
    write_json(folder / "tokenizer_config.json",
               {"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    (folder / "model.safetensors").write_bytes(safetensors_bytes(bert_tensors()))
    return folder


def make_sentence_transformer(folder):
    """The same as a sentence-transformers folder: mean pooling, unit length, 16 tokens, prompts."""
    folder = make_bert(folder)
    write_json(folder / "modules.json", [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling",
         "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize",
         "type": "sentence_transformers.models.Normalize"}])
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    write_json(folder / "1_Pooling" / "config.json",
               {"word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": False,
                "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False,
                "pooling_mode_mean_sqrt_len_tokens": False})
    write_json(folder / "config_sentence_transformers.json",
               {"prompts": {"question": "the "}, "default_prompt_name": None,
                "similarity_fn_name": "cosine"})
    return folder


def npy_bytes(header, data=b""):
    padded = header.encode()
    padded += b" " * (-(len(padded) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


def read_npy(path):
    """(shape, rows of floats) of a two-axis <f4 file."""
    content = Path(path).read_bytes()
    length = struct.unpack("<H", content[8:10])[0]
    header = eval(content[10:10 + length], {})  # our own file: a dict of literals
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    rows, cols = header["shape"]
    values = struct.unpack(f"<{rows * cols}f", content[10 + length:])
    return (rows, cols), [values[i * cols:(i + 1) * cols] for i in range(rows)]


def read_safetensors(path):
    content = Path(path).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        data = content[8 + length + begin:8 + length + end]
        assert info["dtype"] == "F32", info
        tensors[name] = (info["shape"], struct.unpack(f"<{len(data) // 4}f", data))
    return tensors


class WithModel(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.d = Path(self.folder.name)
        make_sentence_transformer(self.d / "models" / "tiny")

    def firth(self, *args, **settings):
        result = run(*args, cwd=self.d, **settings)
        self.assertEqual(result.code, 0, result)
        return result

    def rows(self, result):
        return [json.loads(line) for line in result.text.splitlines()]
