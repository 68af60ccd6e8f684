"""The `firth` command: hands over to the program that lies in the package."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    program = Path(__file__).parent / "bin" / "firth"
    if not program.exists():
        sys.exit(f"firth: {program}: expected the program, found nothing; 'pip install' puts it there")
    sys.stdout.flush()
    os.execv(program, ["firth", *sys.argv[1:]])


if __name__ == "__main__":
    main()
