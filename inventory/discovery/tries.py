"""How often a credential was refused where; in the database, so that a restart forgets none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete

from hatang import clock
from inventory.discovery.models import CredentialTry

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession


@dataclass(frozen=True, slots=True)
class StoredTries:
    """Fills Tries: at most `limit` refusals of a credential at an address, until it works."""

    db: Database
    limit: int

    def begin(self, address: str, credential: str) -> bool:
        """Count one more try before anything is sent; return False when there were enough."""
        with self.db.write() as session:
            row = session.get(CredentialTry, (address, credential))
            if row is None:
                row = CredentialTry(address=address, credential=credential, count=0)
                session.add(row)
            if row.count >= self.limit:
                return False
            row.count, row.last_at = row.count + 1, clock.now()
        return True

    def end(self, address: str, credential: str, *, accepted: bool | None) -> None:
        """Forget all tries when it was accepted, this one when nobody answered (None)."""
        if accepted is False:
            return
        with self.db.write() as session:
            row = session.get(CredentialTry, (address, credential))
            if row is not None and (accepted or row.count <= 1):
                session.delete(row)
            elif row is not None:
                row.count -= 1


def forget(session: WriteSession, address: str) -> int:
    """Let every credential be tried again at `address`; return how many were held back."""
    found = session.execute(
        delete(CredentialTry).where(CredentialTry.address == address).returning(CredentialTry.count)
    )
    return len(found.all())
