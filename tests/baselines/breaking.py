"""A judge's work that breaks on the texts that say so, as a bug of the engine would."""

from __future__ import annotations

import json
import os
import time

from baselines.judging import judge


def judge_or_break(given: bytes) -> bytes:
    """Judge as ever, unless the text says otherwise."""
    text = json.loads(given)["text"]
    if "hostname dies" in text:
        os._exit(7)
    if "hostname hangs" in text:
        time.sleep(600)
    if "hostname raises" in text:
        raise RecursionError("too deep")
    return judge(given)
