"""Threads, forks, signals and the end of the interpreter."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

TEXTS = ["a cat sat on the mat", "the bank is closed", "日本 😀", "x"] * 50


def run_script(script, *args, timeout=60, flags=()):
    """A Python of its own, with this test's package."""
    import firth

    path = os.path.dirname(os.path.dirname(firth.__file__))
    return subprocess.run(
        [sys.executable, *flags, "-c", textwrap.dedent(script), *args],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=timeout)  # fmt: skip


def test_threads_side_by_side(model):
    expected = model.encode(TEXTS)
    wrong = []

    def work():
        for _ in range(20):
            if not np.array_equal(model.encode(TEXTS), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_gil_is_released(model):
    counted = 0
    done = threading.Event()

    def work():
        for _ in range(5):
            model.encode(TEXTS * 20)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.wait(0.001):
        counted += 1
    thread.join()
    assert counted >= 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_goes_on_with_the_model(model):
    expected = model.encode(TEXTS)
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            model.encode(TEXTS)

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for _ in range(10):
            child = os.fork()
            if child == 0:
                signal.alarm(30)
                same = np.array_equal(model.encode(TEXTS), expected)
                same &= np.array_equal(model.encode(TEXTS, progress=lambda *_: None), expected)
                os._exit(0 if same else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        thread.join()


MULTIPROCESSING = """
    import multiprocessing, sys
    import firth, numpy as np
    model = firth.load(sys.argv[1])
    texts = ["a cat", "a dog", "a river"] * 10
    expected = model.encode(texts)

    def encode(chunk):
        return model.encode(chunk)

    def send(model, chunk, queue):
        queue.put(model.encode(chunk))

    if __name__ == "__main__":
        with multiprocessing.get_context("fork").Pool(2) as pool:
            parts = pool.map(encode, [texts[:10], texts[10:20], texts[20:]])
        assert np.array_equal(np.concatenate(parts), expected)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert np.array_equal(pool.map(model.encode, [texts])[0], expected)
        print("same")
"""


def test_multiprocessing(model_path):
    done = run_script(MULTIPROCESSING, model_path)
    assert done.stdout == "same\n", done.stderr
    assert done.stderr == ""


# Waits until the computation is under way, then interrupts itself as Ctrl-C does.
INTERRUPT = """
    import os, signal, sys, threading, time
    import firth
    model = firth.load(sys.argv[1])
    texts = {texts}
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.5, interrupt).start()
    try:
        {call}
        print("not stopped")
    except KeyboardInterrupt:
        print("stopped", time.perf_counter() - sent[0])
    assert model.encode("a cat").ndim == 1
"""


@pytest.mark.parametrize(
    ("texts", "call"),
    [
        ('["a cat sat on the mat and slept"] * 3_000_000', "model.encode(texts)"),
        ('["a cat sat on the mat and slept"] * 3_000_000', "model.tokenizer.encode_ragged(texts)"),
        ('"a cat " * 40_000_000', "model.encode(texts)"),  # one batch, where nothing can stop
        ('"a cat " * 40_000_000', "model.tokenizer.encode(texts)"),
    ],
    ids=["texts", "tokens", "one text", "one text's tokens"],
)
def test_ctrl_c_stops_within_a_second(model_path, texts, call):
    begin = time.perf_counter()
    done = run_script(INTERRUPT.format(texts=texts, call=call), model_path, timeout=120)
    assert done.returncode == 0, done.stderr
    word, seconds = done.stdout.split()
    assert word == "stopped" and float(seconds) < 1.5, done.stdout  # half a second for a busy machine
    assert time.perf_counter() - begin < 30  # the end does not wait for what was left alone
    assert done.stderr == ""


EXIT = """
    import sys, threading, time
    import firth
    model = firth.load(sys.argv[1])
    texts = ["a cat sat on the mat and slept"] * 200_000

    def work():
        while True:
            model.encode(texts{progress})

    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.5)
    {leave}
"""


@pytest.mark.parametrize("leave", ["pass", "sys.exit(0)", "raise SystemExit"])
@pytest.mark.parametrize("progress", ["", ", progress=lambda *_: None"])
def test_the_interpreter_ends_during_a_computation(model_path, leave, progress):
    begin = time.perf_counter()
    done = run_script(EXIT.format(leave=leave, progress=progress), model_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert time.perf_counter() - begin < 20


def test_nothing_leaks_at_the_end(model_path):
    script = "import sys, firth; m = firth.load(sys.argv[1]); v = m.encode(['a']); t = m.tokenizer"
    done = run_script(script, model_path, flags=["-X", "dev"])  # with nanobind's leak warnings
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif("FIRTH_SANITIZED" in os.environ, reason="the sanitizer keeps freed memory")
def test_memory_is_given_back(model_path):
    resource = pytest.importorskip("resource")
    import firth

    model = firth.load(model_path)

    def grow(rounds):
        for _ in range(rounds):
            model.encode(TEXTS)
            model.encode(TEXTS, output="tokens")
            model.tokenizer.encode_batch(TEXTS)
            with pytest.raises(TypeError):
                model.encode([*TEXTS, None])
            firth.load(model_path).close()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = grow(15)
    assert grow(30) - before < 20_000  # kB


def test_importing_is_cheap():
    script = "import sys, firth; print(sorted({'numpy', 'torch', 'sklearn'} & set(sys.modules)))"
    assert run_script(script).stdout == "[]\n"


def test_the_command(tmp_path):
    import firth

    program = os.path.join(os.path.dirname(firth.__file__), "bin", "firth")
    done = run_script("import runpy; runpy.run_module('firth', run_name='__main__')")
    if os.path.exists(program):
        assert "obtain" in done.stdout.lower() or "usage" in done.stdout.lower(), done.stderr
    else:  # not installed: the package lies in a build folder
        assert done.returncode == 1 and "expected the program" in done.stderr
