"""Conference's routes: examples in the documentation are what they answer; nothing breaks them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.docs.pages import page

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.api.conftest import People

EXAMPLES = page("conference.md").blocks("http")
UID = "giao-ban-2026-11-23"
MEETING = {
    "title": "Giao ban trực tuyến",
    "starts_at": "2030-11-23T01:00:00Z",
    "ends_at": "2030-11-23T03:00:00Z",
    "bridge": "mcu-1",
    "points": [{"room": "room-01", "role": "chair", "required": True}, {"room": "room-02"}],
}


def shape(value: Any) -> Any:
    """Return the keys of an answer, at every depth; of a list those of its first."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(one) for one in value[:1]] if isinstance(value, list) else None


def test_the_three_examples_are_there() -> None:
    asked = [text.splitlines()[0] for text in EXAMPLES]
    assert asked == [
        "GET /api/v1/bridges",
        "GET /api/v1/bridges/mcu-1/status",
        f"GET /api/v1/meetings/{UID}/readiness",
    ]


def check_example(client: TestClient, people: People, text: str) -> None:
    headers = people.operator.headers
    client.put(f"/api/v1/meetings/{UID}", json=MEETING, headers=headers).raise_for_status()
    line, _, body = text.partition("\n")
    answer = client.get(line.removeprefix("GET "), headers=headers)
    assert answer.status_code == 200
    assert shape(answer.json()) == shape(json.loads(body))


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_what_is_answered(client: TestClient, people: People, text: str) -> None:
    check_example(client, people, text)


@pytest.mark.parametrize("text", EXAMPLES)
def test_sabotage_an_example_that_is_out_of_date(
    client: TestClient, people: People, text: str
) -> None:
    with pytest.raises(AssertionError):
        check_example(client, people, text.replace('{"', '{"former_', 1))


WORDS = st.sampled_from(
    ["mcu-1", "room-01", UID, "2030-01-01T00:00:00Z", "x" * 300, "", "🙂", "\t"]
)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
BODIES = ANYTHING | st.fixed_dictionaries(
    {},
    optional={key: st.just(good) | ANYTHING for key, good in MEETING.items()}
    | {"call_kbps": NUMBERS, "content_kbps": NUMBERS, "alias": WORDS, "room": WORDS}
    | {"reason": WORDS, "expires_at": WORDS},
)


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.data())
def test_whatever_is_sent_is_answered_as_declared(
    client: TestClient, people: People, drawn: st.DataObject
) -> None:
    declared = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    doors = [
        (path, verb, door)
        for path, verbs in sorted(declared.items())
        for verb, door in sorted(verbs.items())
        if "conference" in door.get("tags", ())
    ]
    assert len(doors) > 20
    path, verb, door = drawn.draw(st.sampled_from(doors))
    words = WORDS | st.text(st.characters(codec="utf-8"), max_size=8)
    queries = {}
    for one in door.get("parameters", ()):
        value = drawn.draw(words)
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(value, safe=""))
        elif one["in"] == "query":
            queries[one["name"]] = value
    sent: dict[str, Any] = {"json": drawn.draw(BODIES)} if "requestBody" in door else {}
    answer = client.request(
        verb.upper(), path, params=queries, headers=people.operator.headers, **sent
    )
    told = f"{verb} {path} {queries} {sent}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, told
    if answer.is_success and not _is_another(path):
        assert str(answer.status_code) in door["responses"], told


def _is_another(path: str) -> bool:
    """Whether an empty name led to another route."""
    return "//" in path or path.endswith("/")
