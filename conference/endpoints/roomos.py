"""Cisco RoomOS, CE and TC: the whole status as XML over HTTPS.

Source: Cisco's xAPI, `GET /status.xml`, as the open AVI-SPL adapter for Cisco codecs reads it:
SIP/Registration, H323/Gatekeeper, SystemUnit, Diagnostics/Message, MediaChannels/Call/Channel with
its Netstat. ChannelRate is bit/s, Jitter milliseconds; loss is reckoned from the last interval's
own counters, and Loss and Packets count from the beginning of the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from conference.bridges import answers
from conference.bridges.status import Stream
from conference.endpoints.status import Diagnostic, EndpointStatus
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from conference.bridges.protocol import OpenClient
    from conference.endpoints.protocol import EndpointAccess

FIELDS: Final = frozenset(
    {
        *("version", "registered", "active_calls", "diagnostics"),
        *("loss_ratio", "packets", "packets_lost", "jitter_seconds", "bitrate_bps"),
    }
)
_GRAVE: Final = frozenset({"critical", "error"})
_HARMLESS: Final = frozenset({"ok", "information", "info"})
_DIRECTIONS: Final = {"outgoing": "rx", "incoming": "tx"}


class RoomOsDriver:
    """Reads a Cisco codec."""

    async def status(self, access: EndpointAccess, open_client: OpenClient) -> EndpointStatus:
        """Return version, registration, calls, what it finds wrong in itself, and its streams."""
        with observe("driver", "roomos"):
            async with open_client(access.url) as client:
                auth = httpx.BasicAuth(access.username, access.secret)
                told = answers.xml(await client.get("/status.xml", auth=auth), "Status")
        registered, why = _registered(told)
        return EndpointStatus(
            version=answers.below(told, "SystemUnit/Software/Version"),
            registered=registered,
            registration_reason=why,
            active_calls=answers.whole(answers.below(told, "SystemUnit/State/NumberOfActiveCalls")),
            diagnostics=_diagnostics(told),
            streams=tuple(_streams(told)),
            fields_supported=FIELDS,
        )


def _registered(told: Element) -> tuple[bool | None, str]:
    """Return whether it is registered anywhere; None when it tells neither of SIP nor of H.323."""
    ways = [*told.findall("SIP/Registration"), *told.findall("H323/Gatekeeper")]
    states = [state for way in ways if (state := answers.below(way, "Status"))]
    if not states:
        return None, ""
    reasons = (reason for way in ways if (reason := answers.below(way, "Reason")))
    return any(state.lower() == "registered" for state in states), next(reasons, "")


def _diagnostics(told: Element) -> tuple[Diagnostic, ...] | None:
    """Return what it finds wrong; a codec without the branch looks for nothing."""
    branch = told.find("Diagnostics")
    if branch is None:
        return None
    found = []
    for message in branch.findall("Message"):
        level = (answers.below(message, "Level") or "").lower()
        if level not in _HARMLESS:
            kind = answers.below(message, "Type") or "unnamed"
            text = answers.below(message, "Description") or kind
            found.append(Diagnostic(level in _GRAVE, kind, text))
    return tuple(found)


def _streams(told: Element) -> Iterator[Stream]:
    for channel in told.findall("MediaChannels/Call/Channel"):
        direction = _DIRECTIONS.get((answers.below(channel, "Direction") or "").lower())
        media = (answers.below(channel, "Type") or "").lower()
        if direction is None or media not in ("audio", "video"):
            continue
        role = (answers.below(channel, "Video/ChannelRole") or "").lower()
        lost = answers.whole(answers.below(channel, "Netstat/LastIntervalLost"))
        received = answers.whole(answers.below(channel, "Netstat/LastIntervalReceived"))
        yield Stream(
            direction=direction,
            media="content" if role == "presentation" else media,
            packets=answers.whole(answers.below(channel, "Netstat/Packets")),
            packets_lost=answers.whole(answers.below(channel, "Netstat/Loss")),
            loss_ratio=_ratio(lost, received),
            jitter_seconds=answers.scaled(answers.below(channel, "Netstat/Jitter"), 0.001),
            bitrate_bps=answers.number(answers.below(channel, "Netstat/ChannelRate")),
        )


def _ratio(lost: int | None, received: int | None) -> float | None:
    if lost is None or received is None or not lost + received:
        return None
    return lost / (lost + received)
