"""The line protocol between bench/run.py and the engines that it times.

An engine is a process. It loads its model, prints one line of JSON ({"engine", "version", "load_seconds"}) and
then answers lines on its standard input:

    run          embeds every text once; prints {"seconds", "cpu_seconds"}
    save PATH    writes the vectors of the last run as an .npy file, rows in input order; prints {}
    quit         prints {"peak_mib"} and ends

So the engines wait side by side and bench/run.py can call them in turn, round after round.
"""

import json
import resource
import sys
import time

import numpy as np


def reply(**fields):
    print(json.dumps(fields), flush=True)


def serve(engine, version, load_seconds, embed, texts):
    """embed(texts) -> float32 array (len(texts), dim), rows in input order."""
    reply(engine=engine, version=version, load_seconds=load_seconds)
    vectors = None
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "run":
            wall, cpu = time.perf_counter(), time.process_time()
            vectors = embed(texts)
            reply(seconds=time.perf_counter() - wall, cpu_seconds=time.process_time() - cpu)
        elif command == "save":
            np.save(argument, np.ascontiguousarray(vectors, dtype=np.float32))
            reply()
        elif command == "quit":
            reply(peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            return
