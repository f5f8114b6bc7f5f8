"""What a bridge answers over HTTP, checked before it is believed: XML or JSON, or a reason why not.

An element or key that is not there is None; text where a number should be is None too.
"""

from __future__ import annotations

import asyncio
import codecs
import math
from typing import TYPE_CHECKING, Any, Final, TypeVar
from xml.etree import ElementTree

from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from xml.etree.ElementTree import Element

    import httpx

AT_ONCE: Final = 8
"""Questions to one bridge at a time: they are no web servers."""
UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MOST_PAGES: Final = 200

Item = TypeVar("Item")
Found = TypeVar("Found")


def checked(response: httpx.Response) -> httpx.Response:
    """Return an answer that is one; raises DriverError saying what it is otherwise."""
    code = response.status_code
    if code in (401, 403):
        raise DriverError(
            f"the bridge refuses the credential (HTTP {code})",
            Reason.AUTH_FAILED,
            fix="Mend the credential; it is not tried again for a while, lest it be locked out.",
        )
    if code == 429 or code == 503:  # noqa: PLR1714 - RFC 6585 and RFC 9110, each on its own
        raise DriverError(
            f"the bridge asks for patience (HTTP {code})",
            Reason.BUSY,
            fix=f"Ask again after {response.headers.get('Retry-After', 'some')} seconds.",
        )
    if not response.is_success:
        raise DriverError(f"the bridge answers HTTP {code}", Reason.PROTOCOL_ERROR)
    return response


def xml(response: httpx.Response, root: str) -> Element:
    """Return the document's root element, which must be `root`; raises DriverError."""
    body = checked(response).content
    if declares(body):
        raise DriverError("the bridge's XML declares entities", Reason.PROTOCOL_ERROR)
    try:
        found = ElementTree.fromstring(body)  # noqa: S314 - without entities
    except ElementTree.ParseError as error:
        raise DriverError("the bridge does not speak XML", Reason.PROTOCOL_ERROR) from error
    if found.tag != root:
        raise DriverError(f"the bridge answers no <{root}>", Reason.PROTOCOL_ERROR)
    return found


def declares(body: bytes) -> bool:
    """Whether XML may declare entities; in UTF-16 or UTF-32, which hide it, that counts as such."""
    return b"\0" in body or body.startswith(UTF16) or b"<!DOCTYPE" in body or b"<!ENTITY" in body


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Return the answer's JSON object; raises DriverError."""
    try:
        found = checked(response).json()
    except ValueError as error:
        raise DriverError("the bridge does not speak JSON", Reason.PROTOCOL_ERROR) from error
    if not isinstance(found, dict):
        raise DriverError("the bridge answers no JSON object", Reason.PROTOCOL_ERROR)
    return found


def number(value: object) -> float | None:
    """Return a finite number that is not negative, written or not; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def whole(value: object) -> int | None:
    """Return a number without a fraction; None for anything else."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() else None


def scaled(value: object, factor: float) -> float | None:
    """Return a number in another unit; None stays None."""
    found = number(value)
    return None if found is None else found * factor


def text(value: object, longest: int = 255) -> str | None:
    """Return a text that says something; None for anything else."""
    return value.strip()[:longest] or None if isinstance(value, str) else None


def below(element: Element, path: str) -> str | None:
    """Return the text of the element at `path`; None when it is not there or empty."""
    return text(element.findtext(path))


async def each(items: Iterable[Item], ask: Callable[[Item], Awaitable[Found]]) -> list[Found]:
    """Return what `ask` makes of each item, a few at a time."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> Found:
        async with limit:
            return await ask(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
