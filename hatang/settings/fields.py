"""What settings are made of: the strict table, addresses, durations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_DURATION: Final = re.compile(r"([0-9]+(ms|[smhdwy]))+")
_HTTP: Final = re.compile(r"https?://[^\s/]+(/\S*)?")
_DATABASE: Final = re.compile(r"(sqlite:///.+|postgresql\+psycopg://.+)")


def zone(name: str) -> str:
    """Return the name of a time zone of the IANA data base; ValueError for another."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone, write one like Asia/Ho_Chi_Minh") from error
    return name


def duration(text: str) -> str:
    """Return a duration as Prometheus writes it; ValueError for another."""
    if not _DURATION.fullmatch(text):
        raise ValueError("is no Prometheus duration, write one like 15d or 12h")
    return text


def _http_url(text: str) -> str:
    if text and not _HTTP.fullmatch(text):
        raise ValueError("is no http or https address")
    return text.rstrip("/")


def _database_url(text: str) -> str:
    if text and not _DATABASE.fullmatch(text):
        raise ValueError("is neither sqlite:///FILE nor postgresql+psycopg://USER:PASSWORD@HOST/DB")
    return text


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


HttpUrl = Annotated[str, AfterValidator(_http_url)]
# Addresses may carry a password, so none of them ever shows in a repr.
DatabaseUrl = Annotated[str, AfterValidator(_database_url), Field(repr=False)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Section(BaseModel):
    """A table of the settings file: an unknown key is an error, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


class Listen(Section):
    """A TCP or UDP address a process listens on."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65_535)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def reachable(self) -> str:
        """host:port at which what listens here is reached from this machine."""
        return str(Listen(host=_ANYWHERE.get(self.host, self.host), port=self.port))
