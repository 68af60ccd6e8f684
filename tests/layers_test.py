#!/usr/bin/env python3
"""A folder of firth/ includes itself and the folders before it in this list, never those after."""
import pathlib
import re
import sys

LAYERS = ("core io kernels text image counts search classify reduce words nn models embed eval serve"
          ).split()
root = pathlib.Path(__file__).parent.parent
wrong = []
for path in sorted(root.glob("firth/*/**/*.[hc]*")):
    own = path.relative_to(root / "firth").parts[0]
    for other in re.findall(r'^#include "(?:firth/)?(\w+)/', path.read_text(), re.MULTILINE):
        if own not in LAYERS or other not in LAYERS[:LAYERS.index(own) + 1]:
            wrong.append(f"{path.relative_to(root)}: {own}/ may not include {other}/")
sys.exit("\n".join(wrong) or 0)
