from __future__ import annotations

from dataclasses import replace

from hatang import clock
from hatang.errors import Reason
from monitors.facts import FactBook
from monitors.samples import PollSample, TableSample


def sample(**columns: dict[str, object]) -> PollSample:
    table = TableSample(
        {"ifName": {"1": b"eth1"}, "ifOperStatus": {"1": 1}, **columns}  # type: ignore[dict-item]
    )
    return PollSample(
        clock.now(), reachable=True, reason=Reason.OK, scalars={"sysName": b"r1"},
        tables={"ifTable": table},
    )  # fmt: skip


def known(one: PollSample) -> FactBook:
    """Return a book that was told of `one`, and has looked at it again since."""
    book = FactBook()
    book.told(book.news({"k": one}, 10))
    assert book.news({"k": one}, 10) == {}
    return book


def test_what_was_told_is_no_news_and_a_state_of_a_port_is_none() -> None:
    one = sample()
    book = known(one)
    assert book.news({"k": replace(one)}, 10) == {}
    assert book.news({"k": sample(ifOperStatus={"1": 2})}, 10) == {}


def test_a_port_that_appears_and_a_new_name_are_news() -> None:
    book = known(sample())
    more = sample(ifName={"1": b"eth1", "2": b"eth2"}, ifOperStatus={"1": 1, "2": 1})
    assert book.news({"k": more}, 10) == {"k": {"interfaces": ["eth1", "eth2"]}}
    assert book.news({"k": replace(sample(), scalars={"sysName": b"r2"})}, 10) == {
        "k": {"name": "r2"}
    }


def test_news_that_could_not_be_told_stay_news() -> None:
    book, one = FactBook(), sample()
    assert book.news({"k": one}, 10) == book.news({"k": one}, 10) != {}
