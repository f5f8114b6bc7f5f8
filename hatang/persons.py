"""Names of persons that have grown old: what holds them, and the nightly job that replaces them.

Each package says which columns of its tables name an account. After `retention.persons_days` a
pseudonym stands in the name's place (`hatang.audit.persons`), the same one everywhere for one
person, so that it can still be seen that who asked was not who approved. Rows stay. The audit
chain verifies as before, because its hashes cover the pseudonyms.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
)

from hatang import audit, clock
from hatang.approval.models import Approval
from hatang.audit import AuditEntry, AuditSeal
from hatang.audit.persons import LIKE, REPLACED, SEALED, conceal, conceal_detail, pseudonym
from hatang.auth import Actor
from hatang.auth.models import User, UserRole
from hatang.db.equipment import equipment
from hatang.drivers.models import HostKey
from hatang.jobs import JobContext, Queue, Scalars, job
from hatang.jobs.models import JobRun
from hatang.retention import CHUNK, Due
from hatang.secrets.models import CredentialRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import InstrumentedAttribute

    from hatang.db import AnySession, Database, WriteSession
    from hatang.settings import Settings

NIGHTLY: Final = "0 45 3 * * *"  # 03:45 in the settings' time zone, after `hatang.retention`


@dataclass(frozen=True)
class Holder(ABC):
    """Rows that hold names or telephone numbers of persons; `name` is such as `alerts.tickets`.

    A kind of them says which are old and name somebody, and how one is rewritten.
    """

    name: str
    key: InstrumentedAttribute[Any]

    def old(self, session: AnySession, before: datetime) -> int:
        """Return how many rows older than `before` still name somebody."""
        return session.scalar(select(func.count()).where(self.naming(before))) or 0

    def replace(self, session: WriteSession, before: datetime, limit: int) -> int:
        """Put pseudonyms into `limit` rows at most; returns how many it were."""
        rewrite = self.rewriter(session)
        found = select(self.key.class_).where(self.naming(before)).order_by(self.key).limit(limit)
        rows = session.scalars(found).all()
        for row in rows:
            rewrite(row)
        session.flush()
        return len(rows)

    @abstractmethod
    def naming(self, before: datetime) -> ColumnElement[bool]:
        """Return which rows older than `before` still name somebody."""

    @abstractmethod
    def rewriter(self, session: WriteSession) -> Callable[[Any], None]:
        """Return what puts pseudonyms into a row."""


class OfAccounts(Holder):
    """Rows that name accounts: replaced when they are old, and when the account itself goes.

    Nobody would find a row again whose account became nameless before it: one that has no end
    yet, or a young one. A name that belongs to no account is a process' or was typed by
    somebody, and stays.
    """

    def rewriter(self, session: WriteSession) -> Callable[[Any], None]:
        """Return what hides the accounts of a row."""
        return partial(self.rewrite, hiding(session))

    def forget(self, session: WriteSession, name: str, replacement: str) -> None:
        """Put `replacement` for the account `name` into all rows, however young they are."""
        hide = partial(_replaced, name, replacement)
        for row in session.scalars(select(self.key.class_).where(self.naming_account(name))):
            self.rewrite(hide, row)

    @abstractmethod
    def naming_account(self, name: str) -> ColumnElement[bool]:
        """Return which rows, of whatever age, may name this account."""

    @abstractmethod
    def rewrite(self, hide: Callable[[str], str], row: Any) -> None:
        """Do `hide` to each name of a row."""


def _replaced(name: str, replacement: str, found: str) -> str:
    return replacement if found == name else found


@dataclass(frozen=True)
class Held(OfAccounts):
    """Rows whose `columns` name accounts, as old as `at` says; `detail` may name more of them."""

    at: InstrumentedAttribute[Any]
    columns: tuple[InstrumentedAttribute[Any], ...]
    detail: InstrumentedAttribute[Any] | None = None

    def naming(self, before: datetime) -> ColumnElement[bool]:
        """Return the rows that name an account."""
        named = or_(*(column.in_(accounts()) for column in self.columns))
        return and_(self.at < before, named)

    def naming_account(self, name: str) -> ColumnElement[bool]:
        """Return the rows that name it in a column or somewhere in their detail."""
        named = [column == name for column in self.columns]
        if self.detail is not None:
            named.append(mentions(self.detail, name))
        return or_(*named)

    def rewrite(self, hide: Callable[[str], str], row: Any) -> None:
        """Hide the names in columns and detail."""
        for column in self.columns:
            setattr(row, column.key, hide(getattr(row, column.key)))
        if self.detail is not None:
            name = self.detail.key
            setattr(row, name, conceal_detail(getattr(row, name), hide))


def mentions(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """Return where a column of JSON holds `name` as a whole string."""
    written = json.dumps(name, ensure_ascii=False)
    return cast(column, Text).contains(written, autoescape=True)


class _AuditLog(Holder):
    def naming(self, before: datetime) -> ColumnElement[bool]:
        linked = AuditEntry.sequence.is_not(None)
        return and_(AuditEntry.at < before, AuditEntry.naming == SEALED, linked)

    def rewriter(self, session: WriteSession) -> Callable[[Any], None]:
        key = equipment(session, AuditSeal).key

        def rewrite(row: AuditEntry) -> None:
            shown = conceal(row, key)
            row.actor, row.target, row.detail = shown.actor, shown.target, shown.detail
            row.naming = REPLACED

        return rewrite


class _Accounts(Holder):
    """Accounts that nobody may use and that did nothing, nor had anything done to them, since."""

    def naming(self, before: datetime) -> ColumnElement[bool]:
        since = exists().where(
            AuditEntry.at >= before,
            or_(AuditEntry.actor_id == User.id, AuditEntry.target == "user/" + User.name),
        )
        return and_(
            User.is_active.is_(False),
            func.coalesce(User.last_login_at, User.created_at) < before,
            User.name.not_like(LIKE),
            ~since,
        )

    def rewriter(self, session: WriteSession) -> Callable[[Any], None]:
        key = equipment(session, AuditSeal).key

        def rewrite(row: User) -> None:
            for holder in _HOLDERS.values():
                if isinstance(holder, OfAccounts):
                    holder.forget(session, row.name, pseudonym(key, row.name))
            row.name, row.display_name = _free_pseudonym(session, key, row), ""
            row.password_hash = row.totp_secret = row.totp_confirmed_at = None
            session.execute(delete(UserRole).where(UserRole.user_id == row.id))

        return rewrite


def _free_pseudonym(session: WriteSession, key: bytes, row: User) -> str:
    """Return the account's pseudonym, another one where an earlier account of its name has it."""
    found = pseudonym(key, row.name)
    is_taken = session.scalar(select(exists().where(User.name == found)))
    return pseudonym(key, f"{row.name}#{row.id}") if is_taken else found


_HOLDERS: Final[dict[str, Holder]] = {}
_ACCOUNTS: Final = _Accounts("accounts", User.id)


def hold(holder: Holder) -> None:
    """Register `holder`; the nightly job looks after it from now on."""
    _HOLDERS[holder.name] = holder


def holders() -> tuple[Holder, ...]:
    """Return all holders of this process by name; accounts last, whose names the others need."""
    return (*(_HOLDERS[name] for name in sorted(_HOLDERS)), _ACCOUNTS)


def due(session: AnySession, settings: Settings) -> list[Due]:
    """Return where the nightly job would put pseudonyms now; nothing is changed."""
    days = settings.retention.persons_days
    before = clock.now() - timedelta(days=days)
    return [
        Due(f"persons.{each.name}", days, before, each.old(session, before), 0)
        for each in holders()
    ]


@job("hatang.persons", queue=Queue.BULK, cron=NIGHTLY)
def forget(context: JobContext, args: Scalars) -> Scalars:
    """Replace the names that are too old; a crash goes on with what is left."""
    days = context.settings.retention.persons_days
    done = {
        each.name: context.step(each.name, partial(replace, context.db, each, days))
        for each in holders()
    }
    context.db.forget_overwritten()  # every night: a reader may have kept the last one from it
    return done


def replace(db: Database, holder: Holder, days: int, chunk: int = CHUNK) -> int:
    """Replace what is older than `days`, `chunk` rows a transaction; returns how many it were."""
    before = clock.now() - timedelta(days=days)
    done = 0
    while True:
        with db.write() as session:
            found = holder.replace(session, before, chunk)
            done += found
            if found < chunk:
                if done:
                    detail = {"rows": done, "older_than": before.isoformat()}
                    by = Actor.system("retention")
                    audit.record(session, by, "retention.pseudonymise", holder.name, detail)
                return done


def accounts() -> Select[str]:
    """Return the query of all names of accounts that are names still."""
    return select(User.name).where(User.name.not_like(LIKE))


def hiding(session: WriteSession) -> Callable[[str], str]:
    """Return what puts a pseudonym in the place of an account's name, and leaves others."""
    key = equipment(session, AuditSeal).key
    known: set[str] = set(session.scalars(accounts()))
    return lambda name: pseudonym(key, name) if name in known else name


for _held in (
    _AuditLog("audit", AuditEntry.id),
    Held(
        "approvals",
        Approval.id,
        Approval.created_at,
        (Approval.requester, Approval.decided_by, Approval.reviewed_by),
    ),
    Held("credentials", CredentialRow.id, CredentialRow.updated_at, (CredentialRow.updated_by,)),
    Held("grants", UserRole.id, UserRole.granted_at, (UserRole.granted_by,)),
    Held("host-keys", HostKey.id, HostKey.enrolled_at, (HostKey.enrolled_by,)),
    Held("jobs", JobRun.key, JobRun.created_at, (JobRun.actor,)),
):
    hold(_held)
