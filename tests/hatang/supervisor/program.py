"""A supervisor to kill: `python -m tests.hatang.supervisor.program DATA_DIR SPECS_JSON`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hatang.errors import HatangError
from hatang.log import configure
from hatang.supervisor import ChildSpec, FileReady, Supervisor

# A child that shows it is ready, says when it is asked to stop, and may be stubborn or have a
# child of its own that left its session, as a daemon does.
CHILD = """
import os, signal, subprocess, sys, time
name, folder, mood = sys.argv[1:4]
def note(text):
    with open(f"{folder}/journal", "a") as stream:
        stream.write(f"{text} {name}\\n")
def stop(*_):
    note("stop")
    if mood != "stubborn":
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGHUP, lambda *_: note("hangup"))
note("start")
print(f"{name} says password=hunter2", flush=True)
if mood == "broken":
    print("cannot read my file", flush=True)
    sys.exit(3)
if mood == "daemon":
    sleeper = "import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", sleeper, folder], start_new_session=True)
if mood != "never":
    open(f"{folder}/run/{name}.ready", "w").close()
while True:
    time.sleep(600)
"""


def main() -> int:
    configure()
    folder, moods = Path(sys.argv[1]), json.loads(sys.argv[2])
    specs = [
        ChildSpec(
            name=name,
            argv=(sys.executable, "-c", CHILD, name, str(folder), mood),
            ready=FileReady(folder / "run" / f"{name}.ready"),
            ready_seconds=2 if mood == "never" else 20,
            stop_seconds=1,
            after=tuple(moods)[:index],
            first_pause=0.1,
        )
        for index, (name, mood) in enumerate(moods.items())
    ]
    try:
        Supervisor(folder, specs, on_ready=(folder / "up").touch).run()
    except HatangError as error:
        sys.stderr.write(f"{error}\n{error.fix}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
