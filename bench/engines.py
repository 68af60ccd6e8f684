"""The engines of a benchmark: processes that speak bench/peers/protocol.py, called in turn."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


# What keeps an engine to AVX2, as far as it can be kept. ONNX Runtime's own kernels heed nothing; OpenVINO's build
# of oneDNN may or may not: what they reach at this level flatters them.
LEVEL_ENVIRONMENT = {
    "": {},
    "avx2": {
        "FIRTH_CPU": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2", "CT2_FORCE_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
}  # fmt: skip


class Engine:
    def __init__(self, name, command, threads, level=""):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), **LEVEL_ENVIRONMENT[level])
        cpus = sorted(os.sched_getaffinity(0))[:threads]
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment, preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        )  # fmt: skip
        self.about = self.reply()
        self.seconds = []
        self.cpu_seconds = []

    def reply(self):
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                return json.loads(line)
        raise SystemExit(f"bench: {self.name} ended with status {self.process.wait()} instead of answering")

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.reply()

    def run(self):
        answer = self.ask("run")
        self.seconds.append(answer["seconds"])
        self.cpu_seconds.append(answer["cpu_seconds"])


def rounds(engines, count):
    """Runs every engine once a round, so that a change of the machine's speed meets all of them."""
    for number in range(1, count + 1):
        for engine in engines:
            time.sleep(0.5)  # let the threads of the engine before go to sleep
            engine.run()
        print(f"bench: round {number} of {count}", file=sys.stderr)


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def commit():
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()
