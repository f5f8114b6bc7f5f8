"""How a bench and its process talk: one byte of kind, eight of length, then the bytes."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

HEADER: Final = struct.Struct(">BQ")


class Kind(IntEnum):
    """What a frame carries."""

    READY = 1
    WORK = 2
    DONE = 3
    RAISED = 4
    NO_MEMORY = 5


def frame(kind: Kind, data: bytes) -> bytes:
    """Return `data` as it goes through the pipe."""
    return HEADER.pack(kind, len(data)) + data


def length_of(header: bytes) -> int:
    """Return how many bytes follow the header."""
    length: int = HEADER.unpack(header)[1]
    return length
