#!/usr/bin/env python3
"""No source is compiled for more than plain x86-64: levels above it are function attributes inside
kernels/, chosen at run time. A -mavx2 on a file would let the compiler use AVX2 in its static
initialisers and inline functions too, and the program would die where it is missing. -ffast-math
would break the promise of equal bits. Usage: baseline_test.py compile_commands.json
"""
import json
import re
import sys

BAD = re.compile(r"\s(-m(?:arch|cpu|tune|avx|sse[34]|ssse3|fma|f16c|bmi|amx)\S*|-ffast-math|-Ofast)")
wrong = [f"{entry['file']}: {flag}" for entry in json.load(open(sys.argv[1]))
         for flag in BAD.findall(entry["command"])]
sys.exit("\n".join(wrong) or 0)
