"""What a contract promises and what is owed when the promise is not kept."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from hatang.settings.fields import Section

Percent = Annotated[float, Field(gt=0, le=100)]
Clock = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Weekday = Annotated[int, Field(ge=1, le=7)]
ALL_WEEK: Final = (1, 2, 3, 4, 5, 6, 7)


class CreditTier(Section):
    """An availability under `below` percent owes `credit` percent of the month's fee."""

    below: Percent
    credit: Percent


class Contract(Section):
    """The service level of one contract (`number`), or of all of a carrier that have no own.

    `availability` is promised per month within the hours `begin` to `end` (local time) of `days`,
    1 for Monday to 7 for Sunday. Without `tiers` no formula is known. `fees` are a month's fees
    by circuit, in VND.
    """

    carrier: str = Field(min_length=1, max_length=100)
    number: str = Field(default="", max_length=100)
    availability: Percent
    begin: Clock = "00:00"
    end: Clock = "24:00"
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ALL_WEEK
    tiers: tuple[CreditTier, ...] = ()
    fees: dict[str, Annotated[int, Field(ge=0)]] = Field(default={})

    @model_validator(mode="after")
    def _hours_and_tiers_are_in_order(self) -> Self:
        if self.begin >= self.end:
            raise ValueError("end must be later than begin; 24:00 is the end of a day")
        for upper, lower in pairwise(self.tiers):
            if lower.below >= upper.below or lower.credit <= upper.credit:
                raise ValueError("tiers must go down in `below` and up in `credit`")
        if self.tiers and self.tiers[0].below > self.availability:
            raise ValueError("the first tier's `below` must not exceed the promised availability")
        return self
