"""Speak to the wire process."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from lab.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path

ANSWER_SECONDS = 5.0


class StreamStatus(TypedDict):
    """What one RTP stream sent into a wire: frames that were passed on, and dropped ones."""

    forwarded: int
    dropped: int


class DirectionStatus(TypedDict):
    """Counters of one direction; `streams` only of a wire that is watched, by `ADDRESS SSRC`."""

    forwarded: int
    forwarded_bytes: int
    dropped: dict[str, int]
    streams: NotRequired[dict[str, StreamStatus]]


class WireStatus(TypedDict):
    """What one wire does and did."""

    quality: dict[str, float]
    a_to_z: DirectionStatus
    z_to_a: DirectionStatus


def partial_of(control: Path) -> Path:
    """Return where the socket stands until every wire does."""
    return control.with_name(control.name + ".partial")


def ask(control: Path, **request: object) -> dict[str, WireStatus]:
    """Send one request and return the state of every wire.

    Raises:
        LabError: nobody listens, or the process refused.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(str(control))
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
        except (OSError, ValueError) as error:
            raise LabError(f"The wire process does not answer ({error}); is the lab up?") from None
    if "error" in answer:
        raise LabError(f"The wire process refused: {answer['error']}")
    return cast("dict[str, WireStatus]", answer)
