"""`hatang-lab demo`: the province, hatang on it, and the story, in one command."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import state
from lab.address import DEFAULT_PREFIX
from lab.demo_doors import StepError
from lab.demo_scene import HUB, REQUESTER, Scene
from lab.demo_sink import sink
from lab.demo_stage import running, write_settings
from lab.demo_story import opening, story
from lab.down import sweep
from lab.errors import LabError
from lab.netns import ours
from lab.up import Order
from lab.up import up as bring_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab.state import LabState

SEED = 20250701


@dataclass(frozen=True)
class DemoOrder:
    """What the person asked for; `directory` is the lab's state, kept when it was up before."""

    once: bool
    keep: bool
    directory: Path | None
    cache: Path


@dataclass
class Score:
    """Prints a line a step and counts."""

    say: Callable[[str], None]
    passed: int = 0
    failed: int = 0

    def play(self, name: str, step: Callable[[], str]) -> bool:
        """Play one step; its failure is a line, never an end."""
        started = time.monotonic()
        try:
            result, good = step(), True
        except (StepError, LabError) as error:
            result, good = str(error), False
        except Exception as error:  # noqa: BLE001 - one broken step spoils no other
            result, good = f"{type(error).__name__}: {error}", False
        self.passed += good
        self.failed += not good
        mark = "pass" if good else "FAIL"
        self.say(f"{mark}  {name:<48} {result}  ({time.monotonic() - started:.1f} s)")
        return good


def demo(order: DemoOrder, say: Callable[[str], None]) -> int:
    """Play or serve the demo; return how many steps failed.

    Raises:
        LabError: the lab or hatang cannot be started; nothing is left running.
    """
    score = Score(say)
    with ExitStack() as stack:
        _interruptible(stack)
        folder = stack.enter_context(_folder(keep=order.keep, say=say))
        place, held = stack.enter_context(_province(order, score))
        received = stack.enter_context(sink())
        doors = write_settings(folder, held, received, free_ports=order.once)
        started = time.monotonic()
        try:
            up = stack.enter_context(running(doors))
        except StepError as error:
            raise LabError(f"hatang did not come up: {error}") from None
        score.play("hatang up", lambda: f"{doors.api}, ready in {time.monotonic() - started:.1f} s")
        scene = Scene(folder, place, held, received, up)
        for name, step in story(scene) if order.once else opening(scene):
            score.play(name, step)
        if not order.once:
            _serve(scene, say)
    if order.once:
        say(f"{score.passed} passed, {score.failed} failed")
    return score.failed


def _interruptible(stack: ExitStack) -> None:
    """Let SIGTERM end the demo as Ctrl-C does, and Ctrl-C also where a shell ignores it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.signal(number, signal.default_int_handler)
        stack.callback(signal.signal, number, before)


@contextmanager
def _folder(*, keep: bool, say: Callable[[str], None]) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hatang-demo-"))
    try:
        yield folder
    finally:
        if keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _province(order: DemoOrder, score: Score) -> Iterator[tuple[Path, LabState]]:
    """Use the lab that runs, or start one and take it down again afterwards."""
    place = state.locate(order.directory)
    if ours():
        held = state.load(place)
        score.play("the province runs already", lambda: f"{len(held.nodes)} nodes, {held.prefix}")
        yield place, held
        return
    with state.locked():
        wanted = Order(DEFAULT_PREFIX, SEED, "full", place, order.cache)
        started = time.monotonic()
        try:
            held = bring_up(wanted, lambda _line: None)
        except BaseException:
            sweep(place)
            raise
    score.play(
        "the province is up",
        lambda: f"{len(held.nodes)} nodes, {held.prefix}, in {time.monotonic() - started:.1f} s",
    )
    try:
        yield place, held
    finally:
        with state.locked():
            sweep(place)


def _serve(scene: Scene, say: Callable[[str], None]) -> None:
    (password,) = scene.running.passwords[:1] or [""]
    say(f"\nhatang serves on {scene.doors.api}/")
    say(f"log in as admin with {password} (you will choose a new one)")
    say(f"or as {REQUESTER} with {scene.passwords.get(REQUESTER, '')}")
    say(f"break something: hatang-lab break {HUB}; and heal it: hatang-lab heal {HUB}")
    say(f"the command: HATANG_CONFIG={scene.folder / 'hatang.toml'} hatang site list --as admin")
    say("Ctrl-C stops everything and leaves nothing")
    try:
        scene.running.process.wait()
    except KeyboardInterrupt:
        say("stopping …")
