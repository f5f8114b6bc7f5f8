"""`python -m bench.linting DIRECTORY`."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.linting import run

for line in run(sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_file())):
    print(line)
