from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import ConflictError, InvalidInputError, NotFoundError
from hatang.jobs import JobContext, JobRegistry, Scalars, check_scalars, job
from hatang.jobs.registry import MAX_TEXT

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=MAX_TEXT)


def nothing(ctx: JobContext, args: Scalars) -> None:
    """Do nothing."""


def other(ctx: JobContext, args: Scalars) -> None:
    """Do nothing either."""


def test_a_job_is_found_by_name(registry: JobRegistry) -> None:
    job("t.nothing", registry=registry)(nothing)
    assert registry.get("t.nothing").function is nothing
    assert [spec.name for spec in registry.all()] == ["t.nothing"]


def test_two_functions_cannot_share_a_name(registry: JobRegistry) -> None:
    job("t.nothing", registry=registry)(nothing)
    job("t.nothing", registry=registry)(nothing)
    with pytest.raises(ConflictError):
        job("t.nothing", registry=registry)(other)


def test_an_unknown_job_says_so(registry: JobRegistry) -> None:
    with pytest.raises(NotFoundError, match=r"t\.absent"):
        registry.get("t.absent")


@given(st.dictionaries(st.text(min_size=1, max_size=20), scalars, max_size=40))
def test_small_scalars_pass_unchanged(values: dict[str, str | int | bool | None]) -> None:
    assert check_scalars(values, "t") == values


def test_everything_that_may_not_be_kept_is_told_at_once_and_not_shown() -> None:
    secret = "s3cret" * 100
    with pytest.raises(InvalidInputError) as caught:
        check_scalars({"long": secret, "list": [1], "nan": float("nan"), "ok": 1}, "job t")
    assert {problem.field for problem in caught.value.problems} == {"long", "list", "nan"}
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("values", [["list"], "text", None, dict.fromkeys(map(str, range(41)))])
def test_what_is_no_small_mapping_is_refused(values: object) -> None:
    with pytest.raises(InvalidInputError):
        check_scalars(values, "t")
