"""Keys by which devices are known, as they leave and come in."""

from datetime import datetime

from pydantic import Field

from api.rest.paging import Schema


class HostKey(Schema):
    """A key of a device; one with `replaced_at` counts no more."""

    kind: str
    fingerprint: str
    port: int
    enrolled_by: str
    enrolled_at: datetime
    replaced_at: datetime | None


class PresentedKey(Schema):
    """A key the device shows now; `line` is what replacing takes."""

    kind: str
    fingerprint: str
    line: str
    is_enrolled: bool


class NewKey(Schema):
    """The public key whose fingerprint was compared on the device's console."""

    line: str = Field(min_length=1, max_length=20_000, examples=["ssh-ed25519 AAAA…"])


class Fingerprint(Schema):
    """A key by its fingerprint."""

    fingerprint: str = Field(min_length=1, max_length=100, examples=["SHA256:…"])
