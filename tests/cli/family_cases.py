"""Bad inputs of the families of encoders: fields of config.json that are of the wrong type, absurd or
not obeyed, tensors that are missing or of another shape, and cross-encoders. Each case copies a
fixture, spoils it and embeds (or ranks) with it."""

import json
import os
import shutil
from pathlib import Path

from program import floats, safetensors_bytes, tensors_of, write_json

MODELS = Path(os.environ["FIRTH_SOURCE_DIR"]) / "tests" / "fixtures" / "models"
GONE = object()
EMBED = ["embed", "texts.txt", "--model", "models/other", "-o", "out.npy"]
RERANK = ["rerank", "a question", "texts.txt", "--model", "models/other"]


def spoilt(family, change, args):
    def make(d):
        folder = d / "models" / "other"
        shutil.copytree(MODELS / family, folder, ignore=shutil.ignore_patterns("expected"))
        change(folder)
        return args
    return make


def config(family, args=None, **fields):
    """Fields of config.json changed, or taken out where GONE."""
    def change(folder):
        content = json.loads((folder / "config.json").read_text())
        for name, value in fields.items():
            if value is GONE:
                del content[name]
            else:
                content[name] = value
        write_json(folder / "config.json", content)
    return spoilt(family, change, args or EMBED)


def tensor(family, name, content=None, args=None):
    """A tensor taken out, or put in its place (dtype, shape, bytes)."""
    def change(folder):
        tensors = tensors_of(folder / "model.safetensors")
        assert name in tensors, sorted(tensors)
        if content is None:
            del tensors[name]
        else:
            tensors[name] = content
        (folder / "model.safetensors").write_bytes(safetensors_bytes(tensors))
    return spoilt(family, change, args or EMBED)


def zeros(*shape):
    size = 1
    for extent in shape:
        size *= extent
    return "F32", list(shape), floats([0.0] * size)


def family_cases():
    cases = {
        "own_code": config("bert", auto_map={"AutoModel": "modeling_evil.EvilModel"}),
        "own_code_of_another_repository": config(
            "roberta", auto_map={"AutoModel": "some/repository--modeling.Model"}),
        "auto_map_a_list": config("bert", auto_map=["AutoModel"]),
        "quantised_weights": config("bert", quantization_config={"quant_method": "gptq", "bits": 4}),
        "quantised_by_nobody": config("bert", quantization_config={}),
        "architectures_a_number": config("bert", architectures=7),
        "bert_decoder": config("bert", is_decoder=True),
        "bert_cross_attention": config("bert", add_cross_attention=True),
        "bert_relative_key_query": config("bert", position_embedding_type="relative_key_query"),
        "bert_types_beyond_weights": config("bert", type_vocab_size=3),
        "bert_no_types": config("bert", type_vocab_size=0),
        "distilbert_no_dim": config("distilbert", dim=GONE),
        "distilbert_heads_do_not_divide": config("distilbert", n_heads=7),
        "distilbert_hidden_dim_text": config("distilbert", hidden_dim="80"),
        "distilbert_no_such_activation": config("distilbert", activation="prelu"),
        "distilbert_layer_missing": config("distilbert", n_layers=3),
        "distilbert_tensor_missing": tensor(
            "distilbert", "distilbert.transformer.layer.1.ffn.lin2.bias"),
        "roberta_pad_beyond_positions": config("roberta", pad_token_id=66),
        "roberta_pad_negative": config("roberta", pad_token_id=-1),
        "roberta_pad_text": config("roberta", pad_token_id="<pad>"),
        "roberta_positions_beyond_weights": config("roberta", max_position_embeddings=514),
        "roberta_relative_positions": config("roberta", position_embedding_type="relative_key"),
        "roberta_wrong_shape": tensor(
            "roberta", "roberta.encoder.layer.0.attention.self.key.bias", zeros(12)),
        "xlm_roberta_layers_fraction": config("xlm-roberta", num_hidden_layers=1.5),
        "mpnet_too_few_buckets": config("mpnet", relative_attention_num_buckets=16),
        "mpnet_buckets_beyond_weights": config("mpnet", relative_attention_num_buckets=64),
        "mpnet_no_bias_table": tensor("mpnet", "mpnet.encoder.relative_attention_bias.weight"),
        "mpnet_bias_of_other_heads": tensor(
            "mpnet", "mpnet.encoder.relative_attention_bias.weight", zeros(32, 3)),
        "mpnet_positions_absurd": config("mpnet", max_position_embeddings=2**40),
        "mpnet_two_positions": config("mpnet", max_position_embeddings=2),
        "modernbert_window_text": config("modernbert", local_attention="wide"),
        "modernbert_window_zero": config("modernbert", local_attention=0),
        "modernbert_every_zero_layers": config("modernbert", global_attn_every_n_layers=0),
        "modernbert_theta_negative": config("modernbert", global_rope_theta=-1.0),
        "modernbert_theta_text": config("modernbert", local_rope_theta="big"),
        "modernbert_too_few_layer_types": config("modernbert", layer_types=["full_attention"]),
        "modernbert_no_such_layer_type": config(
            "modernbert", layer_types=["full_attention"] * 3 + ["linear_attention"]),
        "modernbert_layer_types_text": config("modernbert", layer_types="full_attention"),
        "modernbert_yarn": config("modernbert", rope_parameters={
            "full_attention": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 10000.0}}),
        "modernbert_scaled_by_the_old_field": config(
            "modernbert", rope_scaling={"type": "dynamic", "factor": 2.0}),
        "modernbert_rope_parameters_a_list": config("modernbert", rope_parameters=[]),
        "modernbert_bias_missing": config("modernbert", mlp_bias=True),
        "modernbert_norm_bias_text": config("modernbert", norm_bias="no"),
        "modernbert_odd_heads": config("modernbert", num_attention_heads=16),
        "modernbert_pools_otherwise": config("modernbert", classifier_pooling="attention"),
        "modernbert_epsilon_zero": config("modernbert", norm_eps=0),
        "modernbert_halves_of_another_size": tensor(
            "modernbert", "model.layers.2.mlp.Wi.weight", zeros(64, 48)),
        "modernbert_no_final_norm": tensor("modernbert", "model.final_norm.weight"),
        "qwen3_kv_heads_do_not_divide": config("qwen3-embedding", num_key_value_heads=3),
        "qwen3_more_kv_heads_than_heads": config("qwen3-embedding", num_key_value_heads=8),
        "qwen3_kv_heads_zero": config("qwen3-embedding", num_key_value_heads=0),
        "qwen3_head_dim_of_another_size": config("qwen3-embedding", head_dim=12),
        "qwen3_head_dim_odd": config("qwen3-embedding", head_dim=15),
        "qwen3_head_dim_absurd": config("qwen3-embedding", head_dim=2**40),
        "qwen3_llama3_scaling": config("qwen3-embedding", rope_scaling={
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64}),
        "qwen3_scaling_by_zero": config(
            "qwen3-embedding", rope_scaling={"rope_type": "linear", "factor": 0}),
        "qwen3_scaling_a_number": config("qwen3-embedding", rope_scaling=2),
        "qwen3_part_of_the_head_turns": config(
            "qwen3-embedding", rope_parameters={"rope_type": "default", "partial_rotary_factor": 0.5}),
        "qwen3_theta_zero": config("qwen3-embedding", rope_theta=0),
        "qwen3_window_negative": config(
            "qwen3-embedding", use_sliding_window=True, sliding_window=-4, max_window_layers=0),
        "qwen3_sliding_without_window": config(
            "qwen3-embedding", layer_types=["full_attention", "sliding_attention", "full_attention"]),
        "qwen3_not_causal": config("qwen3-embedding", is_causal=False),
        "qwen3_no_head_norm": tensor("qwen3-embedding", "layers.1.self_attn.q_norm.weight"),
        "qwen3_biases_missing": config("qwen3-embedding", attention_bias=True),
        "qwen3_no_rms_epsilon_but_text": config("qwen3-embedding", rms_norm_eps="small"),
        "llama_with_tensors_of_qwen": config("qwen3-embedding", model_type="llama", attention_bias=True),
        "gpt2_inner_zero": config("gpt2", n_inner=0),
        "gpt2_no_positions": config("gpt2", n_positions=GONE),
        "gpt2_cross_attention": config("gpt2", add_cross_attention=True),
        "gpt2_scale_text": config("gpt2", scale_attn_weights="yes"),
        "gpt2_not_transposed": tensor("gpt2", "h.0.mlp.c_fc.weight", zeros(192, 48)),
        "gpt2_beyond_its_positions": spoilt("gpt2", lambda folder: None, EMBED + ["--max-length", "65"]),
        "gpt2_as_bert": config("gpt2", model_type="bert"),
        "embedded_with_a_cross_encoder": config("cross-encoder"),
        "ranked_with_an_encoder": spoilt("bert", lambda folder: None, RERANK),
        "ranked_without_a_query": spoilt("cross-encoder", lambda folder: None, ["rerank"]),
        "ranked_by_no_such_label": spoilt(
            "cross-encoder", lambda folder: None, RERANK + ["--label", "good"]),
        "ranked_without_a_label_to_choose": config(
            "cross-encoder", RERANK, id2label={"0": "bad", "1": "good"}),
        "ranked_hits_and_a_query": spoilt(
            "cross-encoder", lambda folder: None, RERANK + ["--hits", "texts.txt"]),
        "ranked_hits_that_are_texts": spoilt(
            "cross-encoder", lambda folder: None,
            ["rerank", "--hits", "texts.txt", "--model", "models/other"]),
        "ranked_query_invalid_utf8": spoilt(
            "cross-encoder", lambda folder: None,
            ["rerank", "\udcff", "texts.txt", "--model", "models/other"]),
        "ranked_beyond_the_positions": spoilt(
            "cross-encoder", lambda folder: None, RERANK + ["--max-length", "65"]),
        "ranked_file_missing": spoilt(
            "cross-encoder", lambda folder: None,
            ["rerank", "a question", "gone.txt", "--model", "models/other"]),
        "labels_with_a_hole": config("cross-encoder", RERANK, id2label={"0": "a", "2": "b"}),
        "labels_a_list": config("cross-encoder", RERANK, id2label=["a"]),
        "labels_beyond_weights": config("cross-encoder", RERANK + ["--label", "a"],
                                        id2label={"0": "a", "1": "b"}),
        "head_without_weights": tensor("cross-encoder", "classifier.weight", args=RERANK),
        "head_without_pooler": tensor("cross-encoder", "bert.pooler.dense.bias", args=RERANK),
        "head_of_another_width": tensor("cross-encoder", "classifier.weight", zeros(1, 43), RERANK),
        "score_function_unknown": config(
            "cross-encoder", RERANK, sentence_transformers={"activation_fn": "torch.nn.Threshold"}),
        "score_function_a_number": config(
            "cross-encoder", RERANK, sentence_transformers={"activation_fn": 3}),
        "search_ranks_with_an_encoder": spoilt(
            "bert", lambda folder: None,
            ["search", "cat", "texts.txt", "--model", "models/tiny", "--rerank", "models/other",
             "--no-cache"]),
        "search_ranks_like_an_item": spoilt(
            "cross-encoder", lambda folder: None,
            ["search", "--vectors", "v.npy", "--like", "0", "--rerank", "models/other"]),
    }
    return [("family_" + name, make) for name, make in cases.items()]
