"""A piece of work that goes wrong costs that piece, and the next one is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang.workshop import Bench, Fault, Limits, SpoiltError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TASK = "tests.hatang.workshop.pieces:do"
LIMITS = Limits(seconds=2, cpu_seconds=1, memory_bytes=512 * 1024 * 1024, answer_bytes=1024 * 1024)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench(TASK, LIMITS) as found:
        yield found


def test_pieces_are_done_one_after_the_other_by_one_process(bench: Bench) -> None:
    assert bench.work(b"echo one") == b"one"
    assert bench.work(b"pid") == bench.work(b"pid")


def test_a_piece_larger_than_a_pipe_goes_through(bench: Bench) -> None:
    text = b"x" * 900_000
    assert bench.work(b"echo " + text) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "fault"),
    [
        (b"sleep 60", Fault.OUT_OF_TIME),
        (b"eat 2000", Fault.OUT_OF_MEMORY),
        (b"swell 3", Fault.TOO_LARGE),
        (b"die 3", Fault.DIED),
        (b"fail this is wrong", Fault.RAISED),
    ],
)
def test_a_bad_piece_is_told_and_the_next_is_done(bench: Bench, piece: bytes, fault: Fault) -> None:
    with pytest.raises(SpoiltError) as caught:
        bench.work(piece)
    assert caught.value.fault is fault
    assert bench.work(b"echo next") == b"next"


@pytest.mark.slow
def test_a_busy_piece_runs_out_of_processor_time() -> None:
    limits = Limits(seconds=60, cpu_seconds=1)
    with Bench(TASK, limits) as bench, pytest.raises(SpoiltError, match="processor") as caught:
        bench.work(b"burn 30")
    assert caught.value.fault is Fault.OUT_OF_TIME


@pytest.mark.slow
def test_each_piece_has_its_own_processor_time() -> None:
    with Bench(TASK, Limits(cpu_seconds=2)) as bench:
        assert [bench.work(b"burn 1.5") for _ in range(3)] == [b"burnt"] * 3


def test_what_a_piece_raises_is_told_in_its_words(bench: Bench) -> None:
    with pytest.raises(SpoiltError, match="ValueError: this is wrong"):
        bench.work(b"fail this is wrong")


def test_the_process_is_niced_and_leaves_no_core(bench: Bench) -> None:
    assert int(bench.work(b"nice")) == min(19, os.nice(0) + 10)
    assert bench.work(b"cores") == b"(0, 0)"


def test_the_process_sees_nothing_of_our_environment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATANG_SECRETS_MASTER", "a-secret-of-ours")
    assert b"a-secret-of-ours" not in bench.work(b"environment")


def test_a_task_that_does_not_exist_is_told() -> None:
    with (
        Bench("hatang.clock:no_such_function") as bench,
        pytest.raises(SpoiltError, match="no_such"),
    ):
        bench.work(b"")


def test_after_the_end_no_process_is_left(bench: Bench) -> None:
    pid = bench.work(b"pid").decode()
    bench.close()
    assert not Path("/proc", pid).exists()


OWNER = """
import sys, time
from hatang.workshop import Bench
bench = Bench("tests.hatang.workshop.pieces:do")
print(bench.work(b"pid").decode(), flush=True)
time.sleep(600)
"""


@pytest.mark.slow
def test_the_process_ends_with_its_owner_however_that_dies() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pid = owner.stdout.readline().strip()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 10
    while Path("/proc", pid).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path("/proc", pid).exists()
