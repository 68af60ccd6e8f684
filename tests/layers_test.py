#!/usr/bin/env python3
"""A folder of firth/ includes itself and the folders before it in this list, never those after;
vector instructions are seen in kernels/ alone."""
import pathlib
import re
import sys

LAYERS = ("core io hub kernels text image counts search classify reduce words nn models embed eval serve"
          ).split()
root = pathlib.Path(__file__).parent.parent
wrong = []
for path in sorted(root.glob("firth/*/**/*.[hc]*")):
    own = path.relative_to(root / "firth").parts[0]
    allowed = LAYERS[:LAYERS.index(own) + 1] + (["hwy", "immintrin.h"] if own == "kernels" else [])
    for other in re.findall(r'^#\s*include ["<](?:firth/(\w+)/|(cli|bench|hwy)/|(immintrin\.h))',
                            path.read_text(), re.MULTILINE):
        if "".join(other) not in allowed:
            wrong.append(f"{path.relative_to(root)}: {own}/ may not include {''.join(other)}")
sys.exit("\n".join(wrong) or 0)
