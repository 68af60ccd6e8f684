#!/usr/bin/env python3
"""Compares firth with transformers and sentence-transformers on models made at random.

    tests/peers/model_differential.py build/firth [--rounds 40] [--seed 1] [--family NAME]... [--keep DIR]

Each round makes a model of some family with a random configuration (sizes, heads, activation, norms,
windows, bases, spelling of the config), random weights in f32, f16 or bf16, in one file or shards,
with or without a head and its prefix, and a WordPiece tokenizer. Every hidden state and every
attention weight must equal transformers' (eager, f32); every third round is a cross-encoder, whose
scores must equal sentence-transformers'; vectors by a random pooling must equal its vectors too.
Needs the Python packages torch, transformers and sentence-transformers.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import numpy as np
import tokenizers
import torch
import transformers
from safetensors.numpy import load_file
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

VOCAB_SIZE = 120
SPECIALS = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]  # as RoBERTa numbers them
TOLERANCE = 3e-5  # of a row's length; weights of attention: absolute
ACTIVATIONS = ["gelu", "gelu_new", "relu", "silu", "gelu_pytorch_tanh", "quick_gelu", "tanh", "relu2", "mish"]


def make_tokenizer(folder, rng, with_specials, max_length, type_ids):
    words = [f"w{i}" for i in range(VOCAB_SIZE - len(SPECIALS))]
    vocab = {token: i for i, token in enumerate(SPECIALS + words)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    if with_specials:
        kind = 1 if type_ids else 0
        tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair=f"[CLS] $A [SEP] $B:{kind} [SEP]:{kind}",
            special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])])
    tokenizer.add_special_tokens(SPECIALS)
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if type_ids else [])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=max_length, model_input_names=names)
    fast.save_pretrained(folder)


def heads_and_width(rng, even):
    heads = rng.choice([1, 2, 3, 4, 6])
    width = rng.choice([2, 6, 8, 10, 16, 20, 32, 64] if even else [1, 3, 5, 7, 8, 11, 16, 24, 64])
    return heads, heads * width


def bert_like(rng, type_vocab_size=2):
    heads, hidden = heads_and_width(rng, even=False)
    return dict(vocab_size=VOCAB_SIZE, hidden_size=hidden, num_attention_heads=heads,
                num_hidden_layers=rng.randint(1, 4), intermediate_size=rng.choice([7, 32, 50, 96]),
                max_position_embeddings=rng.choice([64, 160, 300]), type_vocab_size=type_vocab_size,
                hidden_act=rng.choice(ACTIVATIONS), layer_norm_eps=rng.choice([1e-12, 1e-5, 1e-3]), pad_token_id=1)


def rope_field(rng, config, theta):
    """The base as transformers 5 writes it, sometimes with linear scaling."""
    parameters = {"rope_type": "default", "rope_theta": theta}
    if rng.random() < 0.3:
        parameters = {"rope_type": "linear", "factor": rng.choice([2.0, 4.0]), "rope_theta": theta}
    config["rope_parameters"] = parameters
    return config


def decoder(rng, model_type):
    heads, hidden = heads_and_width(rng, even=True)
    kv_heads = rng.choice([k for k in range(1, heads + 1) if heads % k == 0])
    config = dict(vocab_size=VOCAB_SIZE, hidden_size=hidden, num_attention_heads=heads, num_key_value_heads=kv_heads,
                  num_hidden_layers=rng.randint(1, 4), intermediate_size=rng.choice([7, 32, 50]),
                  max_position_embeddings=300, hidden_act=rng.choice(ACTIVATIONS), rms_norm_eps=rng.choice([1e-6, 1e-3]),
                  pad_token_id=1)
    if model_type in ("qwen3", "llama", "mistral"):
        config["head_dim"] = rng.choice([hidden // heads, 8, 16, 34])
    if model_type in ("qwen3", "llama"):
        config["attention_bias"] = rng.random() < 0.5
    if model_type == "llama":
        config["mlp_bias"] = rng.random() < 0.5
    if model_type == "mistral":
        config["sliding_window"] = rng.choice([None, 1, 3, 16, 100])
    if model_type in ("qwen2", "qwen3") and rng.random() < 0.5:
        config.update(use_sliding_window=True, sliding_window=rng.choice([1, 5, 40]), max_window_layers=rng.choice([0, 1, 2]))
    return rope_field(rng, config, rng.choice([100.0, 10000.0, 1000000.0]))


def modernbert(rng):
    heads, hidden = heads_and_width(rng, even=True)
    layers = rng.randint(1, 5)
    config = dict(vocab_size=VOCAB_SIZE, hidden_size=hidden, num_attention_heads=heads, num_hidden_layers=layers,
                  intermediate_size=rng.choice([7, 32, 50]), max_position_embeddings=300,
                  hidden_activation=rng.choice(ACTIVATIONS), norm_eps=rng.choice([1e-5, 1e-3]),
                  norm_bias=rng.random() < 0.3, attention_bias=rng.random() < 0.3, mlp_bias=rng.random() < 0.3,
                  local_attention=rng.choice([2, 8, 17, 64, 128]), classifier_pooling=rng.choice(["cls", "mean"]),
                  classifier_bias=rng.random() < 0.5, classifier_activation=rng.choice(ACTIVATIONS),
                  pad_token_id=1, cls_token_id=0, sep_token_id=2, bos_token_id=0, eos_token_id=2)
    if rng.random() < 0.5:
        config["layer_types"] = [rng.choice(["full_attention", "sliding_attention"]) for _ in range(layers)]
    else:
        config["global_attn_every_n_layers"] = rng.choice([1, 2, 3])
    if rng.random() < 0.5:
        config["rope_parameters"] = {"full_attention": {"rope_type": "default", "rope_theta": 5000.0},
                                     "sliding_attention": {"rope_type": "default", "rope_theta": 100.0}}
    return config


def gemma3(rng):
    config = decoder(rng, "llama")
    layers = config["num_hidden_layers"]
    for name in ("mlp_bias", "rope_parameters", "hidden_act"):
        del config[name]
    config.update(hidden_activation=rng.choice(ACTIVATIONS), query_pre_attn_scalar=rng.choice([16, 24, 256]),
                  sliding_window=rng.choice([2, 7, 16, 100]), use_bidirectional_attention=rng.random() < 0.6)
    if rng.random() < 0.6:
        config["layer_types"] = [rng.choice(["full_attention", "sliding_attention"]) for _ in range(layers)]
    else:
        config["sliding_window_pattern"] = rng.choice([1, 2, 6])
    return config


def gpt2(rng):
    heads, hidden = heads_and_width(rng, even=False)
    return dict(vocab_size=VOCAB_SIZE, n_embd=hidden, n_head=heads, n_layer=rng.randint(1, 4),
                n_inner=rng.choice([None, 7, 32]), n_positions=300, activation_function=rng.choice(ACTIVATIONS),
                layer_norm_epsilon=rng.choice([1e-5, 1e-3]), scale_attn_weights=rng.random() < 0.7,
                scale_attn_by_inverse_layer_idx=rng.random() < 0.3, pad_token_id=1, bos_token_id=0, eos_token_id=2)


def distilbert(rng):
    heads, hidden = heads_and_width(rng, even=False)
    return dict(vocab_size=VOCAB_SIZE, dim=hidden, n_heads=heads, n_layers=rng.randint(1, 4),
                hidden_dim=rng.choice([7, 32, 50]), max_position_embeddings=rng.choice([64, 300]),
                activation=rng.choice(ACTIVATIONS), sinusoidal_pos_embds=False, pad_token_id=1)


def mpnet(rng):
    config = bert_like(rng)
    del config["type_vocab_size"]
    return config | dict(relative_attention_num_buckets=rng.choice([32, 40]))


def nomic_bert(rng):
    heads, hidden = heads_and_width(rng, even=True)
    config = bert_like(rng) | dict(hidden_size=hidden, num_attention_heads=heads, head_dim=rng.choice([hidden // heads, 16]))
    return rope_field(rng, config, 1000.0)


def gte(rng):
    heads, hidden = heads_and_width(rng, even=True)
    config = bert_like(rng, rng.choice([0, 1, 2])) | dict(hidden_size=hidden, num_attention_heads=heads)
    return rope_field(rng, config, 160000.0)


FAMILIES = {
    "bert": bert_like,
    "electra": lambda rng: bert_like(rng) | dict(embedding_size=rng.choice([8, 20])),
    "roberta": lambda rng: bert_like(rng, 1),
    "camembert": lambda rng: bert_like(rng, 1),
    "xlm-roberta": lambda rng: bert_like(rng, 1),
    "data2vec-text": lambda rng: bert_like(rng, 1),
    "distilbert": distilbert,
    "mpnet": mpnet,
    "modernbert": modernbert,
    "nomic_bert": nomic_bert,
    "gte": gte,
    "gemma3_text": gemma3,
    "gpt2": gpt2,
    "llama": lambda rng: decoder(rng, "llama"),
    "mistral": lambda rng: decoder(rng, "mistral"),
    "qwen2": lambda rng: decoder(rng, "qwen2"),
    "qwen3": lambda rng: decoder(rng, "qwen3"),
}
CLASSIFIERS = {"bert", "electra", "roberta", "camembert", "xlm-roberta", "data2vec-text", "distilbert", "mpnet",
               "modernbert", "llama", "qwen3", "mistral", "gemma3_text", "gpt2"}
DECODERS = {"gemma3_text", "gpt2", "llama", "mistral", "qwen2", "qwen3"}


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = torch.randn(parameter.shape, generator=generator)
            if "norm" in name.lower() or "ln_" in name:
                values = (1.0 if name.endswith("weight") else 0.0) + 0.3 * values
            elif parameter.dim() > 1 and "embed" not in name and "wte" not in name and "wpe" not in name:
                values = values * 1.2 / parameter.shape[-1] ** 0.5
            else:
                values = values * 0.5
            parameter.copy_(values)


def make_model(rng, family, folder, as_classifier):
    config = transformers.AutoConfig.for_model(family, **FAMILIES[family](rng))
    config.architectures = None
    kinds = [transformers.AutoModel]
    if as_classifier:
        config.num_labels = rng.choice([1, 1, 1, 3])
        kinds = [transformers.AutoModelForSequenceClassification]
    elif family in DECODERS:
        kinds.append(transformers.AutoModelForCausalLM)
    elif family not in ("gte",):
        kinds.append(transformers.AutoModelForMaskedLM)
    model = rng.choice(kinds).from_config(config)
    randomise(model, rng.randrange(1 << 30))
    dtype = rng.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16])
    model.to(dtype).save_pretrained(folder, max_shard_size=rng.choice(["5GB", "5GB", "20KB"]))
    make_tokenizer(folder, rng, family not in DECODERS, rng.choice([40, 150]),
                   family in ("bert", "electra", "nomic_bert", "gte") and getattr(config, "type_vocab_size", 0) > 1)
    if family == "modernbert" and rng.random() < 0.5:
        old_spelling(folder / "config.json")
    return f"{type(model).__name__}, {str(dtype)[6:]}"


def old_spelling(path):
    """ModernBERT's config as releases before 5 wrote it, where that can be said."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters", None)
    if rope:
        config["global_rope_theta"] = rope["full_attention"]["rope_theta"]
        config["local_rope_theta"] = rope["sliding_attention"]["rope_theta"]
    path.write_text(json.dumps(config))


def random_texts(rng, n):
    words = [f"w{i}" for i in range(VOCAB_SIZE - len(SPECIALS))]
    texts = []
    for _ in range(n):
        length = rng.choice([1, 2, 3, 7, 16, 31, 60, 140])
        texts.append(" ".join(rng.choice(words + ["[PAD]", "zzz"] if rng.random() < 0.05 else words) for _ in range(length)))
    return texts


def run(binary, *args):
    done = subprocess.run([binary, *map(str, args)], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, args))}: {done.stderr.decode()}")
    return done.stdout.decode()


def row_error(found, expected):
    scale = np.linalg.norm(expected, axis=-1) + 1e-3 * np.sqrt(expected.shape[-1])
    return float((np.linalg.norm(found - expected, axis=-1) / scale).max())


def compare_states(binary, folder, texts, work):
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    limit = min(tokenizer.model_max_length, room(model.config))
    (work / "texts.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    layers = model.config.num_hidden_layers
    run(binary, "embed", work / "texts.jsonl", "-m", folder, "--max-length", limit, "--layers", "all",
        "--attention", ",".join(map(str, range(layers))), "-o", work / "states.safetensors")
    found = load_file(work / "states.safetensors")
    worst = 0.0
    for i, text in enumerate(texts):
        inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=limit)
        with torch.no_grad():
            out = model(**inputs, output_hidden_states=True, output_attentions=True)
        for layer, state in enumerate(out.hidden_states):
            worst = max(worst, row_error(found[f"{i}.{layer}"], state[0].numpy()))
        for layer, weights in enumerate(out.attentions):
            worst = max(worst, float(np.abs(found[f"{i}.attention.{layer}"] - weights[0].numpy()).max()))
    return worst


def room(config):
    """Positions that a text may take."""
    positions = getattr(config, "max_position_embeddings", 512)
    if config.model_type in ("roberta", "camembert", "xlm-roberta", "data2vec-text", "mpnet"):
        return positions - 2
    return positions


def compare_vectors(rng, binary, folder, texts, work):
    """Through sentence-transformers: its folder, a random pooling, a prompt."""
    out = work / "chain"
    shutil.rmtree(out, ignore_errors=True)
    transformer = Transformer(str(folder), model_kwargs={"dtype": torch.float32})
    mode = rng.choice(["mean", "cls", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens"])
    transformer.max_seq_length = min(transformer.max_seq_length, room(transformer.auto_model.config))
    modules = [transformer, Pooling(transformer.get_embedding_dimension(), mode)]
    if rng.random() < 0.5:
        modules.append(Normalize())
    model = SentenceTransformer(modules=modules, device="cpu", prompts={"query": "w1 w2 "})
    model.save(str(out), create_model_card=False)
    (work / "texts.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    run(binary, "embed", work / "texts.jsonl", "-m", out, "--prompt-name", "query", "-o", work / "vectors.npy")
    with torch.no_grad():
        expected = np.stack([model.encode(text, prompt_name="query") for text in texts])
    return row_error(np.load(work / "vectors.npy"), expected)


def compare_scores(binary, folder, texts, rng, work):
    config = transformers.AutoConfig.from_pretrained(folder)
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    limit = min(tokenizer.model_max_length, room(config))
    model = CrossEncoder(str(folder), device="cpu", max_length=limit, model_kwargs={"dtype": torch.float32})
    query = rng.choice(texts)
    logits = rng.random() < 0.7
    activation = {"activation_fn": torch.nn.Identity()} if logits else {}
    expected = np.stack([np.atleast_1d(model.predict([query, text], **activation)) for text in texts])
    label = ["--label", "LABEL_1"] if config.num_labels > 1 else []
    (work / "texts.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    reply = json.loads(run(binary, "rerank", query, work / "texts.jsonl", "-m", folder, "--max-length", limit, "--json", *label,
                           *(["--logits"] if logits else [])))
    worst = 0.0
    for hit in reply["hits"]:
        found = list(hit["scores"].values()) if "scores" in hit else [hit["score"]]
        worst = max(worst, float(np.abs(np.array(found) - expected[hit["index"]]).max()))
    ranked = [hit["score"] for hit in reply["hits"]]
    if ranked != sorted(ranked, reverse=True) or len(ranked) != len(texts):
        raise RuntimeError("the hits are not ranked")
    return worst / max(1.0, float(np.abs(expected).max()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", action="append", choices=sorted(FAMILIES))
    parser.add_argument("--keep", help="keep models that differ in this folder")
    args = parser.parse_args()
    torch.set_num_threads(1)
    failures = 0
    for i in range(args.rounds):
        seed = args.seed * 100000 + i
        rng = random.Random(seed)
        family = (args.family or sorted(FAMILIES))[i % len(args.family or FAMILIES)]
        as_classifier = family in CLASSIFIERS and rng.random() < 0.35
        with tempfile.TemporaryDirectory() as name:
            work = pathlib.Path(name)
            folder = work / "model"
            what = ""
            try:
                what = make_model(rng, family, folder, as_classifier)
                texts = random_texts(rng, 6)
                if as_classifier:
                    worst = compare_scores(args.binary, folder, texts, rng, work)
                else:
                    worst = compare_states(args.binary, folder, texts, work)
                    if family != "qwen2":  # for which the library makes another tokenizer of its own
                        worst = max(worst, compare_vectors(rng, args.binary, folder, texts, work))
                problem = "" if worst <= TOLERANCE else "DIFFERS"
                print(f"{i} {family} ({what}): {worst:.1e} {problem}", flush=True)
            except Exception as error:  # the round is told of, and the next one runs
                problem = "FAILED"
                print(f"{i} {family} ({what}): FAILED {type(error).__name__}: {str(error)[:600]}", flush=True)
            if problem and args.keep:
                shutil.copytree(folder, pathlib.Path(args.keep) / f"{seed}-{family}", dirs_exist_ok=True)
            failures += bool(problem)
    print(f"{failures} of {args.rounds} rounds differ")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
