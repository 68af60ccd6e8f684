"""One peer as an engine of bench/search.py: search.py ENGINE ROWS.npy QUERIES.npy THREADS.

faiss-flat and numpy score every row in f32; faiss-sq8 scans 8-bit codes without scoring again;
faiss-binary compares signs. Each answers the ten nearest rows of every query by inner product.
"""

import os
import sys
import time

ENGINE, ROWS, QUERIES, THREADS = *sys.argv[1:4], int(sys.argv[4])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)

import numpy as np  # noqa: E402  (after the thread settings)
from protocol import serve  # noqa: E402

HITS = 10


def signs(rows):
    return np.packbits(rows > 0, axis=1)


def open_faiss(kind, rows):
    import faiss

    faiss.omp_set_num_threads(THREADS)
    if kind == "binary":
        index = faiss.IndexBinaryFlat(rows.shape[1])
        index.add(signs(rows))
        return faiss.__version__, lambda queries: index.search(signs(queries), HITS)[1]
    index = faiss.IndexFlatIP(rows.shape[1])
    if kind == "sq8":
        eight_bits = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexScalarQuantizer(rows.shape[1], eight_bits, faiss.METRIC_INNER_PRODUCT)
        index.train(rows)
    index.add(rows)
    return faiss.__version__, lambda queries: index.search(queries, HITS)[1]


def open_numpy(rows):
    def search(queries):
        found = np.empty((len(queries), HITS), dtype=np.int64)
        for begin in range(0, len(queries), 64):  # blocks: all scores at once would not fit a cache
            scores = queries[begin : begin + 64] @ rows.T
            best = np.argpartition(scores, -HITS, axis=1)[:, -HITS:]
            order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
            found[begin : begin + 64] = np.take_along_axis(best, order, axis=1)
        return found

    return np.__version__, search


rows, queries = np.load(ROWS), np.load(QUERIES)
start = time.perf_counter()
version, search = open_numpy(rows) if ENGINE == "numpy" else open_faiss(ENGINE.partition("-")[2], rows)
serve(ENGINE, version, time.perf_counter() - start, search, queries)
