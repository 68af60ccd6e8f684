#!/usr/bin/env python3
"""No header of firth/ or cli/ drags in the world: the heavy ones are for sources only. Seconds to parse
each with GCC 12: CLI11 2.5, nlohmann 2.1, simdjson 2.1, gtest 1.5, regex 0.8, Highway 0.6, ranges 0.4,
immintrin 0.4, iostream 0.4; vector, for comparison, 0.15.
"""
import pathlib
import re
import sys

HEAVY = re.compile(r'^#include [<"](CLI/|nlohmann/|simdjson|gtest/|regex>|hwy/|ranges>|immintrin|iostream>)',
                   re.MULTILINE)
# Bodies that a kernel's own sources share, and helpers of tests: both say so in their names.
ALLOWED = re.compile(r"(-inl\.h$|simd\.h$|(^|_)test)")
root = pathlib.Path(__file__).parent.parent
wrong = [f"{path.relative_to(root)}: includes {match[1]}"
         for folder in ("firth", "cli") for path in sorted((root / folder).rglob("*.h"))
         if not ALLOWED.search(path.name) for match in HEAVY.finditer(path.read_text())]
sys.exit("\n".join(wrong) or 0)
