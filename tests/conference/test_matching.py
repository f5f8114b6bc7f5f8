"""Who is which room: the surest way wins, and nobody is taken for somebody else."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.bridges.status import Participant
from conference.choices import MatchMethod
from conference.matching import ALIKE, Candidate, match, plain

ROOMS = (
    Candidate(
        "room-01",
        "Phòng họp Tân Lập",
        "Trụ sở xã Tân Lập",
        frozenset({"room-01", "codec-01"}),
        frozenset({"sip:xa-01@tinh.test", "sip:02343801100@tinh.test"}),
        frozenset({"10.9.9.9"}),
        ("10.9.1.0/24",),
    ),
    Candidate(
        "room-02",
        "Phòng họp Yên Sơn",
        "Trụ sở xã Yên Sơn",
        frozenset({"room-02"}),
        frozenset({"sip:xa-02@tinh.test"}),
        networks=("10.9.2.0/24",),
    ),
    Candidate("room-03", "Phòng họp Đông Hải", "Trụ sở xã Đông Hải", networks=("10.9.2.0/24",)),
)


@pytest.mark.parametrize(
    ("name", "uri", "ip", "room", "method"),
    [
        ("codec-01", "sip:xa-02@tinh.test", None, "room-01", MatchMethod.EXPLICIT),
        ("?", "SIP:XA-01@tinh.test:5060;transport=tcp", None, "room-01", MatchMethod.SIP_URI),
        ("?", "tel:+84 234 3801 100", None, "room-01", MatchMethod.E164),
        ("?", None, "10.9.1.77", "room-01", MatchMethod.SUBNET),
        ("?", None, "10.9.9.9", "room-01", MatchMethod.SUBNET),
        ("UBND xa Yen Son", None, None, "room-02", MatchMethod.FUZZY),
        ("Xã Đông Hải", None, "10.9.2.5", "room-03", MatchMethod.FUZZY),
        ("Sở Tài chính", None, "192.0.2.1", None, MatchMethod.NONE),
        ("", None, "no address", None, MatchMethod.NONE),
    ],
)
def test_the_surest_way_wins(
    name: str, uri: str | None, ip: str | None, room: str | None, method: MatchMethod
) -> None:
    assert match(Participant("c", "1", name, uri, ip), ROOMS) == (room, method)


def test_two_rooms_that_fit_alike_are_no_match() -> None:
    twins = (Candidate("a", "Phòng họp 1", "Tân Lập"), Candidate("b", "Phòng họp 2", "Tân Lập"))
    assert match(Participant("c", "1", "Tân Lập"), twins) == (None, MatchMethod.NONE)


@given(
    st.lists(
        st.builds(
            Candidate,
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from(["Phòng họp Tân Lập", "Yên Sơn", "Tan Lap 2"]),
            st.sampled_from(["Xã Tân Lập", "Đông Hải"]),
        ),
        max_size=4,
        unique_by=lambda room: room.room,
    ),
    st.sampled_from(["tan lap", "Tân Lập", "Dong Hai", "yen son 1", "?"]),
)
def test_names_that_read_alike_are_those_that_difflib_says(
    rooms: list[Candidate], name: str
) -> None:
    alike = {
        room.room
        for room in rooms
        for own in (room.name, room.site_name)
        if plain(name) and SequenceMatcher(None, plain(name), plain(own)).ratio() >= ALIKE
    }
    found, _ = match(Participant("c", "1", name), rooms)
    assert found == (next(iter(alike)) if len(alike) == 1 else None)
