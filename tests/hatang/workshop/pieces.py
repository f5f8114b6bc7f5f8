"""Pieces of work for the tests of the bench, good and bad."""

from __future__ import annotations

import os
import resource
import time


def do(given: bytes) -> bytes:
    """Do what the bytes say."""
    word, _, rest = given.decode().partition(" ")
    answer: bytes = globals()[f"_{word}"](rest)
    return answer


def _echo(rest: str) -> bytes:
    os.write(1, b"what is printed is no answer")
    return rest.encode()


def _pid(_rest: str) -> bytes:
    return str(os.getpid()).encode()


def _environment(_rest: str) -> bytes:
    return repr(dict(os.environ)).encode()


def _nice(_rest: str) -> bytes:
    return str(os.nice(0)).encode()


def _burn(seconds: str) -> bytes:
    until = time.process_time() + float(seconds)
    while time.process_time() < until:
        pass
    return b"burnt"


def _sleep(seconds: str) -> bytes:
    time.sleep(float(seconds))
    return b"slept"


def _eat(megabytes: str) -> bytes:
    return str(len(bytearray(int(megabytes) * 1024 * 1024))).encode()


def _swell(megabytes: str) -> bytes:
    return bytes(int(megabytes) * 1024 * 1024)


def _die(status: str) -> bytes:
    os._exit(int(status))


def _fail(text: str) -> bytes:
    raise ValueError(text)


def _cores(_rest: str) -> bytes:
    return repr(resource.getrlimit(resource.RLIMIT_CORE)).encode()
