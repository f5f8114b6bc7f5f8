"""A worker process for the tests: its jobs write into journals that show what happened when.

Run as `python -m tests.hatang.jobs.workshop DATA_DIR [DATABASE_URL JOBS_URL]`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from hatang.db import Database
from hatang.jobs import JobContext, JobRegistry, Queue, Scalars, job
from hatang.jobs.dbos_engine import DbosWorker
from hatang.settings import Settings, load

REGISTRY = JobRegistry()


def settings_for(data_dir: Path, urls: list[str], executor: str = "") -> Settings:
    environ = {
        "HATANG_DATA_DIR": str(data_dir),
        "HATANG_JOBS__POLL_SECONDS": "0.05",
        "HATANG_JOBS__DRAIN_SECONDS": "5",
        "HATANG_JOBS__HEARTBEAT_SECONDS": "0.5",
        "HATANG_JOBS__DEAD_SECONDS": "2",
        "HATANG_EXECUTOR_ID": executor,
    }
    if urls:
        environ |= {"HATANG_DATABASE__URL": urls[0], "HATANG_JOBS__DATABASE_URL": urls[1]}
    return load(environ=environ)


def note(folder: Path, name: str, line: str) -> None:
    """Append a line durably, as a device's own journal would."""
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{line}\n".encode())
    os.fsync(handle)
    os.close(handle)


def lines(folder: Path, name: str) -> list[str]:
    file = folder / name
    return file.read_text().splitlines() if file.exists() else []


@job("t.batch", registry=REGISTRY)
def batch(ctx: JobContext, args: Scalars) -> Scalars:
    """Change many devices, each in a step that reads the device before it acts."""
    folder, count = Path(str(args["folder"])), int(str(args["count"]))
    for number in range(count):
        ctx.step(f"change-{number}", change, str(folder), number)
        ctx.progress(number + 1, count)
    return {"changed": count}


def change(folder: str, number: int) -> str:
    place = Path(folder)
    note(place, "attempts", str(number))
    if str(number) in lines(place, "device"):
        return "already"
    time.sleep(0.01)
    note(place, "device", str(number))
    time.sleep(0.01)
    return "changed"


@job("t.slow", queue=Queue.DEVICE, registry=REGISTRY)
def slow(ctx: JobContext, args: Scalars) -> None:
    """Hold a device for a moment, and show when."""
    folder = Path(str(args["folder"]))
    ctx.step("hold", hold, str(folder), ctx.key, float(str(args.get("seconds", 0.2))))


def hold(folder: str, key: str, seconds: float) -> None:
    note(Path(folder), "held", f"start {key}")
    time.sleep(seconds)
    note(Path(folder), "held", f"end {key}")


@job("t.secret", registry=REGISTRY)
def secret(ctx: JobContext, args: Scalars) -> None:
    """Fail with a secret in the message."""
    ctx.step("leak", leak)


def tick(ctx: JobContext, args: Scalars) -> None:
    """Show when a schedule ran."""
    note(ctx.settings.data_dir, "ticks", str(args["scheduled_at"]))


if "HATANG_TEST_TICK" in os.environ:
    job("t.tick", cron="* * * * * *", registry=REGISTRY)(tick)


def leak() -> None:
    raise ValueError("password=Canary-7f3a was refused")


def main() -> None:
    data_dir, urls = Path(sys.argv[1]), sys.argv[2:4]
    executor = sys.argv[4] if len(sys.argv) > 4 else ""
    settings = settings_for(data_dir, urls, executor)
    worker = DbosWorker(Database.open(settings.database_url), settings, REGISTRY)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker.launch()
    note(data_dir, "launched", worker.executor)
    stop.wait()
    worker.drain()
    note(data_dir, "drained", worker.executor)


if __name__ == "__main__":
    main()
