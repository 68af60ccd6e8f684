#!/usr/bin/env python3
"""Runs clang-tidy 14 over the sources named on standard input, a line each, several at once.

What passed once is not read again: a stamp named by the hash of the preprocessed source (comments
kept, for NOLINT counts), of .clang-tidy and of the tool's version lies in the cache folder
($XDG_CACHE_HOME or ~/.cache, firth-lint/). A stamp that nobody asked for in 60 days is removed.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

TIDY, CLANG = "clang-tidy-14", "clang++-14"
DAYS_KEPT = 60


def preprocessor_command(entry):
    """The compile command of a source, turned into one that prints what the compiler reads."""
    words = shlex.split(entry["command"])
    start = next(i for i, word in enumerate(words) if word.startswith("-"))
    flags, skip = [], False
    for word in words[start:]:
        if skip:
            skip = False
        elif word in ("-o", "-MT", "-MF"):
            skip = True
        elif word not in ("-c", "-MD"):
            flags.append(word)
    return [CLANG, "-E", "-P", "-C", "-w", *flags]


def key_of(path, entry, ground):
    done = subprocess.run(preprocessor_command(entry), cwd=entry["directory"], capture_output=True)
    if done.returncode != 0:
        return None  # clang-tidy will say why
    text = done.stdout.replace(os.getcwd().encode(), b".")  # tests know where the sources lie
    return hashlib.sha256(ground + path.encode() + b"\0" + text).hexdigest()


def lint(path, entry, ground, stamps):
    """Returns (passed, was read, output)."""
    key = key_of(path, entry, ground)
    if key and (stamps / key).exists():
        os.utime(stamps / key)
        return True, False, ""
    # clang-tidy counts on stderr what it did not show; only its findings (stdout) are worth reading.
    done = subprocess.run([TIDY, "-p", "build", "--quiet", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    if done.returncode == 0 and key:
        (stamps / key).touch()
    return done.returncode == 0, True, done.stdout


def main():
    root = os.getcwd()
    entries = {os.path.relpath(entry["file"], root): entry
               for entry in json.load(open("build/compile_commands.json"))}
    asked = sorted({line.strip() for line in sys.stdin} & entries.keys())
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    ground = hashlib.sha256(version + pathlib.Path(".clang-tidy").read_bytes()).digest()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    stamps = pathlib.Path(cache, "firth-lint")
    stamps.mkdir(parents=True, exist_ok=True)
    failed, read = [], 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS") or os.cpu_count())) as pool:
        results = {pool.submit(lint, path, entries[path], ground, stamps): path for path in asked}
        for future in concurrent.futures.as_completed(results):
            passed, was_read, output = future.result()
            read += was_read
            if not passed:
                failed.append(results[future])
                print(output, f"lint: findings in {results[future]}", sep="", flush=True)
    for stamp in stamps.iterdir():
        if stamp.stat().st_mtime < time.time() - DAYS_KEPT * 86400:
            stamp.unlink(missing_ok=True)
    print(f"lint: {len(asked)} files, {read} read, {len(asked) - read} had passed as they are, "
          f"findings in {len(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
