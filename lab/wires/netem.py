"""The kernel's own impairment, tc-netem(8), where the kernel has it.

Unlike our wires netem may let frames overtake each other when there is jitter.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.shell import run
from lab.wires.queue import QUEUE_SECONDS

if TYPE_CHECKING:
    from lab.wires.control import DirectionStatus
    from lab.wires.queue import Quality

FRAME_BYTES = 1500
MOST_FRAMES = 100_000  # as many as wait at 6 Gbit/s and 0.2 s
FEWEST_FRAMES = 10
MICRO = 1e6
PERCENT = 100.0
Scope = list[str]  # what goes before the command: the network namespace of the port


def is_had() -> bool:
    """Whether this kernel knows netem, tried in a namespace that lives as long as the trial."""
    try:
        run(["unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem"])
    except (LabError, OSError):
        return False
    return True


def arguments(quality: Quality) -> list[str]:
    """Return what follows `netem` for this quality; nothing of it is left to netem's defaults."""
    words = ["limit", str(_frames(quality))]
    if quality.delay_seconds or quality.jitter_seconds:
        words += ["delay", _time(quality.delay_seconds)]
        if quality.jitter_seconds:
            words.append(_time(quality.jitter_seconds))
    if quality.loss_ratio:
        words += ["loss", "random", f"{quality.loss_ratio * PERCENT:g}%"]
    if quality.rate_bps:
        words += ["rate", f"{quality.rate_bps:.0f}bit"]
    return words


def _time(seconds: float) -> str:
    return f"{seconds * MICRO:.0f}us"


def _frames(quality: Quality) -> int:
    """Return how many full frames may wait: those on their way and a carrier's buffer."""
    if not quality.rate_bps:
        return MOST_FRAMES
    seconds = quality.delay_seconds + quality.jitter_seconds + QUEUE_SECONDS
    frames = math.ceil(seconds * quality.rate_bps / 8 / FRAME_BYTES)
    return min(max(frames, FEWEST_FRAMES), MOST_FRAMES)


def apply(scope: Scope, port: str, quality: Quality) -> None:
    """Let everything that leaves this port suffer `quality`, whatever it suffered before."""
    run([*scope, "tc", "qdisc", "replace", "dev", port, "root", "netem", *arguments(quality)])


def remove(scope: Scope, port: str) -> None:
    """Let the port send as a cable does; no harm where it does already."""
    run([*scope, "tc", "qdisc", "delete", "dev", port, "root"], check=False)


def counted(scope: Scope, port: str) -> DirectionStatus:
    """Return what left this port and what netem dropped of it."""
    return parse(run([*scope, "tc", "-s", "-j", "qdisc", "show", "dev", port]), port)


def parse(text: str, port: str) -> DirectionStatus:
    """Read the counters out of what `tc -s -j qdisc show` printed.

    Raises:
        LabError: no netem stands on this port.
    """
    for row in json.loads(text or "[]"):
        if row["kind"] == "netem":
            return {
                "forwarded": row["packets"],
                "forwarded_bytes": row["bytes"],
                "dropped": {"netem": row["drops"]},
            }
    raise LabError(f"Port {port} has no netem any more; heal the cable and impair it again.")
