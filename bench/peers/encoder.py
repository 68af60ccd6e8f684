"""One peer as an engine of bench/run.py: encoder.py ENGINE MODEL_DIR TEXTS.json THREADS CONVERTED_DIR.

ENGINE `convert` writes what ONNX Runtime, OpenVINO and CTranslate2 read into CONVERTED_DIR and ends: the
conversion counts neither as loading time nor as memory of the engine.

Every peer is used as its documentation says is fast on a CPU: its own thread setting, texts sorted by
length, and the batch size that is fastest in a warm-up over a sample of the same texts. Tokenization is
part of the time, as it is for firth.
"""

import json
import os
import sys
import time

ENGINE, MODEL, TEXTS, THREADS, CONVERTED = *sys.argv[1:4], int(sys.argv[4]), sys.argv[5]
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "true" if THREADS > 1 else "false"
os.environ["RAYON_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402  (after the thread settings)
from protocol import serve  # noqa: E402

MAX_LENGTH = 256  # sentence_bert_config.json of the model
BATCH_SIZES = (1, 2, 4, 8, 16, 32)
ONNX_FILE = os.path.join(CONVERTED, "model.onnx")
ONNX_INT8_FILE = os.path.join(CONVERTED, "model-int8.onnx")
CT2_FOLDER = os.path.join(CONVERTED, "ctranslate2")


def mean_pool(hidden, mask):
    """Mean over the real tokens, unit length: what the model's 1_Pooling and 2_Normalize say."""
    weights = mask[:, :, None].astype(np.float32)
    sums = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


class Batched:
    """Sorts by length, tokenizes batch by batch, pads to the longest of a batch."""

    def __init__(self, forward):
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(os.path.join(MODEL, "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_LENGTH)
        self.tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
        self.forward = forward
        self.batch_size = 16

    def __call__(self, texts):
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        out = None
        for begin in range(0, len(order), self.batch_size):
            rows = order[begin : begin + self.batch_size]
            encodings = self.tokenizer.encode_batch([texts[i] for i in rows])
            ids = np.array([e.ids for e in encodings], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
            vectors = mean_pool(self.forward(ids, mask), mask)
            if out is None:
                out = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            out[rows] = vectors
        return out


def convert():
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import AutoModel

    class LastHidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(MODEL).eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state

    os.makedirs(CONVERTED, exist_ok=True)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        LastHidden(), (ids, ids, ids * 0), ONNX_FILE, input_names=names, output_names=["last_hidden_state"],
        dynamic_axes=axes, dynamo=False, opset_version=17,
    )  # fmt: skip
    TransformersConverter(MODEL).convert(CT2_FOLDER, force=True)
    convert_int8()


def convert_int8():
    """ONNX Runtime's dynamic quantization, a scale for each output channel."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(ONNX_FILE, ONNX_INT8_FILE, per_channel=True, weight_type=QuantType.QInt8)


def sentence_transformers(dtype="float32"):
    import sentence_transformers
    import torch

    torch.set_num_threads(THREADS)
    model = sentence_transformers.SentenceTransformer(MODEL, device="cpu").to(getattr(torch, dtype))

    class Encode:
        batch_size = 32

        def __call__(self, texts):
            return model.encode(texts, batch_size=self.batch_size, show_progress_bar=False)

    return Encode(), f"{sentence_transformers.__version__}, torch {torch.__version__}"


def onnxruntime(path=ONNX_FILE):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def forward(ids, mask):
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return session.run(None, feed)[0]

    return Batched(forward), onnxruntime.__version__


def openvino(hint="f32"):
    import openvino

    core = openvino.Core()
    settings = {
        "INFERENCE_NUM_THREADS": THREADS, "INFERENCE_PRECISION_HINT": hint,
        "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
    }  # fmt: skip
    model = core.compile_model(core.read_model(ONNX_FILE), "CPU", settings)
    request = model.create_infer_request()

    def forward(ids, mask):
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return next(iter(request.infer(feed).values()))

    return Batched(forward), openvino.__version__.split("-")[0]


def ctranslate2(compute_type="float32"):
    import ctranslate2

    encoder = ctranslate2.Encoder(
        CT2_FOLDER, device="cpu", inter_threads=1, intra_threads=THREADS, compute_type=compute_type
    )

    def forward(ids, mask):
        lengths = mask.sum(axis=1).astype(np.int32)
        ids_view = ctranslate2.StorageView.from_array(ids.astype(np.int32))
        lengths_view = ctranslate2.StorageView.from_array(lengths)
        return np.array(encoder.forward_batch(ids_view, lengths_view).last_hidden_state)

    return Batched(forward), ctranslate2.__version__


ENGINES = {
    "sentence-transformers": sentence_transformers,
    "sentence-transformers-bf16": lambda: sentence_transformers("bfloat16"),
    "onnxruntime": onnxruntime,
    "onnxruntime-int8": lambda: onnxruntime(ONNX_INT8_FILE),
    "openvino": openvino,
    "openvino-bf16": lambda: openvino("bf16"),
    "ctranslate2": ctranslate2,
    "ctranslate2-int8": lambda: ctranslate2("int8"),
}


def choose_batch_size(embed, texts):
    """The fastest of BATCH_SIZES on every eighth text."""
    sample = texts[::8]
    embed(sample)  # warm-up: shapes, code caches
    seconds = {}
    for batch_size in BATCH_SIZES:
        embed.batch_size = batch_size
        start = time.perf_counter()
        embed(sample)
        seconds[batch_size] = time.perf_counter() - start
    embed.batch_size = min(seconds, key=seconds.get)


def main():
    if ENGINE == "convert":
        return convert()
    with open(TEXTS, encoding="utf-8") as file:
        texts = json.load(file)
    start = time.perf_counter()
    embed, version = ENGINES[ENGINE]()
    load_seconds = time.perf_counter() - start
    choose_batch_size(embed, texts)
    serve(ENGINE, f"{version}, batches of {embed.batch_size}", load_seconds, embed, texts)


main()
