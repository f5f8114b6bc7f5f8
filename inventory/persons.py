"""Who imported and decided what, and whose telephone numbers old imports hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_

from hatang.audit import AuditSeal
from hatang.audit.persons import number_pseudonym, pseudonym
from hatang.db.equipment import equipment
from hatang.persons import Held, Holder, hold
from inventory.choices import ElementKind
from inventory.discovery.models import DiscoveryRun
from inventory.inbox.models import Deviation
from inventory.models import Import
from inventory.reorganisation.models import Reorganisation
from inventory.undoing import opened, packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hatang.db import WriteSession

_NUMBERS: Final = frozenset({"phone", "mobile", "contact_phone", "mail"})


class _Imports(Holder):
    """What imports did, kept to take them back: contacts, and the numbers of places and rooms.

    An import that had any can no longer be taken back where it changed them.
    """

    def naming(self, before: datetime) -> ColumnElement[bool]:
        return and_(Import.applied_at < before, Import.is_nameless.is_(False))

    def rewriter(self, session: WriteSession) -> Callable[[Any], None]:
        key = equipment(session, AuditSeal).key

        def rewrite(row: Import) -> None:
            row.inverse, row.is_nameless = nameless(row.inverse, key), True

        return rewrite


def nameless(kept: bytes, key: bytes) -> bytes:
    """Return what `undoing.pack` kept with pseudonyms for persons and their numbers."""
    groups = opened(kept)
    for group in groups:
        for kind, _key, fields in group:
            for name, both in fields.items():
                if name in _NUMBERS:
                    both[:] = map(partial(_hidden, partial(number_pseudonym, key)), both)
                elif name == "name" and kind == ElementKind.CONTACT:
                    both[:] = map(partial(_hidden, partial(pseudonym, key)), both)
    return packed(groups)


def _hidden(hide: Any, value: Any) -> Any:
    return hide(value) if isinstance(value, str) and value else value


hold(_Imports("inventory.imported", Import.id))
hold(Held("inventory.imports", Import.id, Import.applied_at, (Import.applied_by,)))
hold(
    Held(
        "inventory.discoveries", DiscoveryRun.id, DiscoveryRun.started_at, (DiscoveryRun.requester,)
    )
)
hold(Held("inventory.deviations", Deviation.id, Deviation.decided_at, (Deviation.decided_by,)))
hold(
    Held(
        "inventory.reorganisations",
        Reorganisation.id,
        Reorganisation.applied_at,
        (Reorganisation.requested_by, Reorganisation.applied_by),
    )
)
