from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from hatang.metrics import Snapshot


def shown(*moments: dict[tuple[str, ...], float]) -> list[str]:
    registry = CollectorRegistry()
    snapshot = Snapshot(Gauge("size", "How large.", ["name"], registry=registry))
    for values in moments:
        snapshot.show(values)
    text = generate_latest(registry).decode()
    return sorted(line for line in text.splitlines() if not line.startswith("#"))


def test_all_rows_are_shown() -> None:
    assert shown({("a",): 1, ("b",): 2}) == ['size{name="a"} 1.0', 'size{name="b"} 2.0']


def test_a_row_that_is_gone_is_shown_no_more() -> None:
    assert shown({("a",): 1, ("b",): 2}, {("b",): 3}) == ['size{name="b"} 3.0']
