"""Credentials as they come in, and the little of them that leaves."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from api.rest.paging import Schema
from inventory.service.credentials import HeldCredential

Secret = Annotated[str, Field(max_length=20_000)]
Fields = Annotated[
    dict[Annotated[str, Field(max_length=50)], Secret],
    Field(
        max_length=10,
        description="By kind: docs/inventory.md#credentials. They come in and never leave.",
        examples=[{"username": "ops", "password": "…"}],
    ),
]


class Credential(Schema):
    """A credential without its secrets: which fields it has, what weak algorithms it uses."""

    name: str
    kind: str
    username: str
    fields: list[str]
    weak: list[str]
    used_by: int
    updated_at: datetime
    updated_by: str

    @classmethod
    def of(cls, held: HeldCredential) -> Self:
        """Return what leaves of a credential."""
        shown = held.summary
        return cls(
            name=shown.name,
            kind=shown.kind,
            username=shown.username,
            fields=list(shown.fields),
            weak=list(shown.weak),
            used_by=held.used_by,
            updated_at=shown.updated_at,
            updated_by=shown.updated_by,
        )


class NewCredential(Schema):
    """A credential to keep."""

    name: str = Field(max_length=100, examples=["ops"])
    kind: str = Field(max_length=16, examples=["ssh"])
    fields: Fields


class NewSecrets(Schema):
    """What a credential gets anew; what is left out stays, an empty text takes a field away."""

    fields: Fields
