"""Runs one playbook in a process of its own, perhaps as another user, and tells its events.

Started by `playing` with the order as JSON on standard input; each event leaves as one line of JSON
on standard output, the last line is how the run ended. SIGTERM cancels the run.
"""

from __future__ import annotations

import difflib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final

import ansible_runner

KEPT: Final = frozenset(
    {
        "playbook_on_start",
        "playbook_on_task_start",
        "playbook_on_stats",
        "runner_on_start",
        "runner_on_ok",
        "runner_on_failed",
        "runner_on_skipped",
        "runner_on_unreachable",
    }
)
DETAIL_LIMIT: Final = 2000
RECAP: Final = {"ok": "ok", "changed": "changed", "failures": "failed", "dark": "unreachable"}


def main() -> int:
    """Run the order of standard input; the exit status is 0 whenever a status was told."""
    order = json.load(sys.stdin)
    cancelled: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: cancelled.append(number))
    # Ansible's own processes must not write into the stream of events.
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(event: dict[str, Any]) -> None:
        print(json.dumps(event), file=stream, flush=True)

    def handle(event: dict[str, Any]) -> bool:
        if event.get("event") in KEPT:
            tell(_told(event))
        return True

    folder = Path(order["folder"])
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder),
        inventory=str(folder / "inventory" / "hosts.sh"),
        project_dir=order["project_dir"],
        playbook=order["playbook"],
        cmdline=order["cmdline"],
        timeout=order["timeout_seconds"],
        event_handler=handle,
        cancel_callback=lambda: bool(cancelled),
        quiet=True,
        suppress_env_files=True,
    )
    runner.run()
    tell({"status": runner.status})
    return 0


def _told(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("event_data", {})
    kind = event["event"]
    told = {
        "event": kind,
        "host": str(data.get("host", "")),
        "task": str(data.get("task", "")),
        "detail": _detail(data),
    }
    return told | {"summary": _summary(data)} if kind == "playbook_on_stats" else told


def _detail(data: dict[str, Any]) -> dict[str, Any]:
    result = data.get("res", {})
    if not isinstance(result, dict):
        return {}
    return {
        "changed": bool(result.get("changed")),
        "message": str(result.get("msg", ""))[:DETAIL_LIMIT],
        "diff": _diff(result.get("diff"))[:DETAIL_LIMIT],
        "ignored": bool(data.get("ignore_errors")),
        "duration_seconds": data.get("duration"),
    }


def _diff(told: object) -> str:
    """Return as one text what Ansible says a task changed, or would change."""
    parts = told if isinstance(told, list) else [told]
    return "".join(_part(each) for each in parts if isinstance(each, dict))


def _part(told: dict[str, Any]) -> str:
    if told.get("prepared"):
        return str(told["prepared"])
    sides = [told.get("before", ""), told.get("after", "")]
    before, after = (
        side if isinstance(side, str) else json.dumps(side, indent=1, sort_keys=True)
        for side in sides
    )
    names = (str(told.get("before_header", "before")), str(told.get("after_header", "after")))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _summary(data: dict[str, Any]) -> dict[str, Any]:
    hosts = sorted({host for word in RECAP for host in data.get(word, {})})
    return {
        host: {ours: data.get(theirs, {}).get(host, 0) for theirs, ours in RECAP.items()}
        for host in hosts
    }


if __name__ == "__main__":
    sys.exit(main())
