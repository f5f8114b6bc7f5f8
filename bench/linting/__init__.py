"""netlint's checks of IOS beside the rules of ours that ask the same, text by text.

`BENCH_NETLINT` names a virtual environment made of bench/linting/requirements.txt, the arguments a
directory of IOS configurations. One process each, one core.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from baselines import engine, packs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOME: Final = "BENCH_NETLINT"
EQUIVALENTS: Final = {
    "MGT-07": ("IOS102",),  # web management
    "AAA-03": ("IOS101", "IOS104"),  # passwords in clear or weakly hashed
    "SNM-01": ("VAR101",),  # communities public and private
}
_PEER: Final = Path(__file__).with_name("netlint_peer.py")


def peers(files: Sequence[Path]) -> dict[str, Any]:
    """Return what netlint says of each file and what it took; raises KeyError without its home.

    Its parser complains on standard output too: the answer is the last line.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as listed:
        json.dump([str(file) for file in files], listed)
        listed.flush()
        words = [str(Path(os.environ[HOME], "bin", "python")), str(_PEER), listed.name]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def run(files: Sequence[Path]) -> Iterator[str]:
    """Yield costs, and for each rule how often both complain, one of them, none; who differs."""
    told = peers(files)
    judge = engine.Engine(packs.load().rules)
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    began = time.process_time()
    ours = [
        {one.rule_id: one.verdict.value for one in judge.audit(text, "ios", {})[0]}
        for text in texts
    ]
    spent = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = sum(text.count("\n") for text in texts)
    yield f"{len(files)} configurations, {lines} lines"
    yield f"hatang: {spent:.2f} s of CPU for 80 rules, {memory:.0f} MiB"
    yield f"netlint: {told['cpu_seconds']:.2f} s of CPU for 7 checks, {told['memory_mib']:.0f} MiB"
    for rule, checks in EQUIVALENTS.items():
        pairs: Counter[tuple[str, str]] = Counter()
        for mine, theirs, file in zip(ours, told["found"], files, strict=True):
            said = [theirs[check] for check in checks]
            other = "fail" if any(said) else "broke" if None in said else "pass"
            pairs[mine.get(rule, "absent"), other] += 1
            if {mine.get(rule), other} == {"pass", "fail"}:
                yield f"  {rule} {mine.get(rule)} / netlint {other}: {file.name}"
        yield f"{rule}: " + ", ".join(f"{a}/{b} {n}" for (a, b), n in sorted(pairs.items()))
