"""Step into a named network namespace from Python (3.11 has no os.setns)."""

from __future__ import annotations

import ctypes
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NETNS_DIRECTORY = Path("/run/netns")
NETNS_PREFIX = "htlab-"
CLONE_NEWNET = 0x40000000  # linux/sched.h
_LIBC = ctypes.CDLL(None, use_errno=True)


def name_of(node: str) -> str:
    """Return the namespace of a node; the prefix is how `down` finds what is ours."""
    return NETNS_PREFIX + node


def enter(path: Path) -> None:
    """Move the calling thread into the namespace behind this path.

    Raises:
        OSError: there is none, or the right is missing.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _LIBC.setns(descriptor, CLONE_NEWNET) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), str(path))
    finally:
        os.close(descriptor)


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Be in the named namespace for the length of the block (this thread only)."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(NETNS_DIRECTORY / name)
        yield
    finally:
        _LIBC.setns(home, CLONE_NEWNET)
        os.close(home)


def ours() -> list[str]:
    """Return the names of every namespace of the lab that exists now."""
    if not NETNS_DIRECTORY.is_dir():
        return []
    return sorted(p.name for p in NETNS_DIRECTORY.iterdir() if p.name.startswith(NETNS_PREFIX))


@contextmanager
def kept(names: list[str]) -> Iterator[set[int]]:
    """Yield the inodes of these namespaces; inside the block no other namespace can get one.

    A namespace that nobody holds gives its inode away, so who looks for processes by inode while
    he takes namespaces away would find a stranger's.
    """
    with ExitStack() as stack:
        inodes = set()
        for name in names:
            try:
                handle = os.open(NETNS_DIRECTORY / name, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                continue
            stack.callback(os.close, handle)
            inodes.add(os.fstat(handle).st_ino)
        yield inodes


def processes_in(names: list[str]) -> list[int]:
    """Return every process whose main thread lives in one of these namespaces."""
    with kept(names) as inodes:
        return living_in(inodes)


def living_in(inodes: set[int]) -> list[int]:
    """Return every process whose main thread lives in a namespace with one of these inodes."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inode = (entry / "ns/net").stat().st_ino
            except OSError:
                continue
            if inode in inodes:
                found.append(int(entry.name))
    return found
