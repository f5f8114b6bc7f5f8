"""Janus (meetecho): its HTTP API and admin API.

Source: Janus' documentation of the REST transport and of the VideoRoom plug-in. Janus has no port
licences: what it may carry is the inventory's `capacity_ports`, and each media session takes one.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from conference.bridges import answers
from conference.bridges.handles import Handles
from conference.bridges.status import BridgeStatus, Conference, Participant, Stream
from conference.choices import BridgeState
from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import httpx

    from conference.bridges.protocol import BridgeAccess, OpenClient

VIDEOROOM: Final = "janus.plugin.videoroom"
FIELDS: Final = frozenset(
    {
        *("version", "participants", "ports_used", "ports_total", "conferences"),
        *("api_latency_seconds", "rx.packets", "rx.packets_lost", "rx.jitter_seconds"),
        *("tx.packets", "tx.packets_lost", "tx.jitter_seconds", "tx.rtt_seconds"),
    }
)
_ADMIN_ONLY: Final = frozenset(
    name for name in FIELDS if name == "ports_used" or name.startswith(("rx.", "tx."))
)


class JanusDriver:
    """Reads a Janus gateway with the VideoRoom plug-in."""

    def __init__(self) -> None:
        self._remembered: dict[str, Handles] = defaultdict(Handles)

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return version, rooms with their participants, and the ports in use."""
        with observe("driver", "janus"):
            async with open_client(access.url) as client:
                started = clock.monotonic()
                info = _parsed(await client.get("/janus/info"))
                latency = clock.monotonic() - started
                rooms = await _rooms(client)
            used = await _ports_used(access, open_client)
        return BridgeStatus(
            state=BridgeState.UP,
            api_latency_seconds=latency,
            version=_text(info, "version_string"),
            participants=_total(rooms),
            ports_used=used,
            ports_total=access.capacity_ports,
            conferences=rooms,
            fields_supported=FIELDS if access.admin_url else FIELDS - _ADMIN_ONLY,
        )

    async def participants(
        self, access: BridgeAccess, open_client: OpenClient
    ) -> tuple[Participant, ...]:
        """Return who publishes in a room, with what RTCP says of both ways.

        A user sends on one handle and receives on others of the same session: `lost` is what Janus
        missed from the room, `lost-by-remote` what the room missed.

        Raises:
            DriverError: NOT_SUPPORTED without an admin address: only its admin API tells.
        """
        if access.admin_url is None:
            raise DriverError(
                "the bridge does not tell who is in",
                Reason.NOT_SUPPORTED,
                fix="Give the bridge its admin_url in the inventory.",
            )
        with observe("driver", "janus"):
            async with open_client(access.admin_url) as client:
                remembered = self._remembered[access.admin_url]
                infos = await _handles(client, access.secret, remembered)
        heard: dict[Any, list[Stream]] = defaultdict(list)
        for info in infos:
            if _part(info, "plugin_specific").get("type") == "subscriber":
                heard[info.get("session_id")] += _streams_of(info)
        found = []
        for info in infos:
            plugin = _part(info, "plugin_specific")
            if _publishes(info) and "id" in plugin:
                # Popped: of two publishers in one session the first has what it receives.
                others = heard.pop(info.get("session_id"), [])
                found.append(_participant(plugin, (*_streams_of(info), *others)))
        return tuple(found)


async def _handles(
    client: httpx.AsyncClient, secret: str, remembered: Handles
) -> list[dict[str, Any]]:
    """Return what Janus tells of each handle; one that ends meanwhile is left out."""
    own = {"admin_secret": secret}
    listed = await _post(client, "/admin", {"janus": "list_sessions", **own})
    sessions = listed.get("sessions")
    if not isinstance(sessions, list) or not all(isinstance(one, int) for one in sessions):
        raise DriverError("the bridge lists no sessions", Reason.PROTOCOL_ERROR)
    still, held = remembered.still(sessions), {}

    async def told(number: int, handles: Iterable[int]) -> dict[int, dict[str, Any]]:
        found = {}
        for handle in handles:
            asked = {"janus": "handle_info", **own}
            answer = await _post(client, f"/admin/{number}/{handle}", asked, gone_is_ok=True)
            if info := _part(answer, "info"):
                found[handle] = info
        return found

    async def session(number: int) -> list[dict[str, Any]]:
        known = still.get(number, ())
        found = await told(number, known)
        if not known or len(found) < len(known):
            asked = {"janus": "list_handles", **own}
            answer = await _post(client, f"/admin/{number}", asked, gone_is_ok=True)
            handles = answer.get("handles")
            whole = (
                [one for one in handles if isinstance(one, int)]
                if isinstance(handles, list)
                else []
            )
            found |= await told(number, (one for one in whole if one not in found))
        held[number] = tuple(found) if any(map(_publishes, found.values())) else ()
        return list(found.values())

    infos = await answers.each(sessions, session)
    remembered.keep(held)
    return [info for own_infos in infos for info in own_infos]


def _publishes(info: dict[str, Any]) -> bool:
    return _part(info, "plugin_specific").get("type") == "publisher"


def _media(info: dict[str, Any]) -> list[dict[str, Any]]:
    media = _part(_part(info, "webrtc"), "media")
    return [one for one in media.values() if isinstance(one, dict)]


def _rtcp(media: dict[str, Any]) -> dict[str, Any]:
    return _part(_part(media, "rtcp"), "main")


def _participant(plugin: dict[str, Any], streams: tuple[Stream, ...]) -> Participant:
    return Participant(
        conference=str(plugin.get("room", "")),
        remote_id=str(plugin["id"]),
        display_name=answers.text(plugin.get("display")) or "",
        streams=streams,
    )


def _streams_of(info: dict[str, Any]) -> list[Stream]:
    return [stream for media in _media(info) for stream in _streams(media)]


def _streams(media: dict[str, Any]) -> tuple[Stream, ...]:
    rtcp, stats, directed = _rtcp(media), _part(media, "stats"), _part(media, "direction")
    kind = str(media.get("type"))[:8]
    found = []
    # What Janus received is counted in packets that came; lost ones are apart.
    into, out = _part(stats, "in"), _part(stats, "out")
    if directed.get("recv"):
        came, lost = answers.whole(into.get("packets")), answers.whole(rtcp.get("lost"))
        found.append(
            Stream(
                "rx",
                kind,
                packets=None if came is None or lost is None else came + lost,
                packets_lost=lost,
                jitter_seconds=answers.scaled(rtcp.get("jitter-local"), 0.001),
                bitrate_bps=answers.scaled(into.get("bytes_lastsec"), 8),
            )
        )
    if directed.get("send"):
        found.append(
            Stream(
                "tx",
                kind,
                packets=answers.whole(out.get("packets")),
                packets_lost=answers.whole(rtcp.get("lost-by-remote")),
                jitter_seconds=answers.scaled(rtcp.get("jitter-remote"), 0.001),
                # 0 is what one says that never measured it.
                rtt_seconds=answers.scaled(rtcp.get("rtt"), 0.001) or None,
                bitrate_bps=answers.scaled(out.get("bytes_lastsec"), 8),
            )
        )
    return tuple(found)


async def _rooms(client: httpx.AsyncClient) -> tuple[Conference, ...]:
    async with _session(client) as session:
        attached = await _post(client, session, {"janus": "attach", "plugin": VIDEOROOM})
        handle = f"{session}/{_identifier(attached)}"
        answer = await _post(client, handle, {"janus": "message", "body": {"request": "list"}})
    listed = _part(_part(answer, "plugindata"), "data").get("list")
    if not isinstance(listed, list) or not all(isinstance(room, dict) for room in listed):
        raise DriverError("the bridge lists no rooms", Reason.PROTOCOL_ERROR)
    return tuple(_conference(room) for room in listed)


async def _ports_used(access: BridgeAccess, open_client: OpenClient) -> int | None:
    if access.admin_url is None:
        return None
    secret = {"admin_secret": access.secret}
    count = 0
    async with open_client(access.admin_url) as client:
        listed = await _post(client, "/admin", {"janus": "list_sessions", **secret})
        sessions = listed.get("sessions")
        if not isinstance(sessions, list):
            return None  # what the bridge does not tell is unknown, not none
        for session in sessions:
            asked = {"janus": "list_handles", **secret}
            answer = await _post(client, f"/admin/{session}", asked, gone_is_ok=True)
            handles = answer.get("handles") if answer else []
            if not isinstance(handles, list):
                return None
            count += len(handles)
    return count


@asynccontextmanager
async def _session(client: httpx.AsyncClient) -> AsyncIterator[str]:
    created = await _post(client, "/janus", {"janus": "create"})
    session = f"/janus/{_identifier(created)}"
    try:
        yield session
    finally:
        await _post(client, session, {"janus": "destroy"}, gone_is_ok=True)


async def _post(
    client: httpx.AsyncClient, url: str, body: dict[str, Any], *, gone_is_ok: bool = False
) -> dict[str, Any]:
    body = {"transaction": secrets.token_hex(8), **body}
    answer = _parsed(await client.post(url, json=body))
    if answer.get("janus") == "error":
        return _refusal(answer, gone_is_ok=gone_is_ok)
    return answer


_SESSION_GONE: Final = (458, 459)  # JANUS_ERROR_SESSION_NOT_FOUND, JANUS_ERROR_HANDLE_NOT_FOUND
_FORBIDDEN: Final = 403  # JANUS_ERROR_UNAUTHORIZED


def _refusal(answer: dict[str, Any], *, gone_is_ok: bool) -> dict[str, Any]:
    error = _part(answer, "error")
    code = error.get("code")
    if gone_is_ok and code in _SESSION_GONE:
        return {}
    reason = Reason.AUTH_FAILED if code == _FORBIDDEN else Reason.REJECTED
    raise DriverError(f"the bridge refuses with code {code}", reason)


def _parsed(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        raise DriverError(f"the bridge answers HTTP {response.status_code}", Reason.PROTOCOL_ERROR)
    try:
        answer = response.json()
    except ValueError as error:
        raise DriverError("the bridge does not speak JSON", Reason.PROTOCOL_ERROR) from error
    if not isinstance(answer, dict):
        raise DriverError("the bridge answers no JSON object", Reason.PROTOCOL_ERROR)
    return answer


def _part(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object `name` of an answer, empty when it is absent or something else."""
    part = answer.get(name)
    return part if isinstance(part, dict) else {}


def _identifier(answer: dict[str, Any]) -> int:
    identifier = _part(answer, "data").get("id")
    if not isinstance(identifier, int):
        raise DriverError("the bridge gives no session", Reason.PROTOCOL_ERROR)
    return identifier


def _text(answer: dict[str, Any], field: str) -> str | None:
    value = answer.get(field)
    return value if isinstance(value, str) else None


def _conference(room: dict[str, Any]) -> Conference:
    count = room.get("num_participants")
    return Conference(
        remote_id=str(room.get("room", "")),
        name=str(room.get("description", "")),
        participant_count=count if isinstance(count, int) else None,
    )


def _total(rooms: tuple[Conference, ...]) -> int | None:
    counts = [room.participant_count for room in rooms]
    return None if None in counts else sum(count for count in counts if count is not None)
