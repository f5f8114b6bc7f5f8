"""The keys by which a device is known."""

from collections.abc import Iterable

from fastapi import APIRouter

from api.callers import Caller, CallerDep
from api.rest.schemas.hostkeys import Fingerprint, HostKey, NewKey, PresentedKey
from hatang.auth import Permission
from hatang.db import AnySession
from inventory.inbox import service as inbox
from inventory.inbox.choices import DeviationKind
from inventory.planning import ImportPlan
from inventory.service import enrolling

router = APIRouter(prefix="/devices/{name}/host-keys", tags=["devices"])
# Whoever names a wrong key gets the passwords that are sent to it.
PROVED = Permission.CREDENTIAL_WRITE


def prove_plan(caller: Caller, plan: ImportPlan) -> None:
    """Raise DeniedError when an import would enrol a key and the password alone was given."""
    rows = (*plan.created, *plan.changed)
    if any("host_keys" in row.fields and row.fields["host_keys"].after for row in rows):
        caller.prove(PROVED)


def prove_accepting(caller: Caller, session: AnySession, ids: Iterable[int]) -> None:
    """Raise DeniedError when a key would be accepted and the password alone was given."""
    if caller.identity.has_second_factor:
        return
    rows = (inbox.get_deviation(session, caller.actor, one) for one in ids)
    if any(row.kind == DeviationKind.HOST_KEY for row in rows):
        caller.prove(PROVED)


@router.get("")
def list_host_keys(caller: CallerDep, name: str) -> list[HostKey]:
    """Return a device's keys: those that count, then those that did."""
    with caller.read() as session:
        found = enrolling.list_host_keys(session, caller.actor, name)
    return [HostKey.model_validate(each) for each in found]


@router.post("/scan")
def scan_host_keys(caller: CallerDep, name: str) -> list[PresentedKey]:
    """Ask the device for its keys; nobody logs in and nothing is enrolled."""
    found = enrolling.scan_host_keys(caller.context.db, caller.actor, name)
    return [PresentedKey.model_validate(each) for each in found]


@router.post("")
def replace_host_key(caller: CallerDep, name: str, body: NewKey) -> list[HostKey]:
    """Let a key count instead of the enrolled one of its kind, which stays as history."""
    caller.prove(PROVED)
    with caller.write() as session:
        enrolling.replace_host_key(session, caller.actor, name, body.line)
        found = enrolling.list_host_keys(session, caller.actor, name)
    return [HostKey.model_validate(each) for each in found]


@router.post("/withdraw")
def withdraw_host_key(caller: CallerDep, name: str, body: Fingerprint) -> list[HostKey]:
    """Let a key count no more; nothing logs in by it."""
    caller.prove(PROVED)
    with caller.write() as session:
        enrolling.withdraw_host_key(session, caller.actor, name, body.fingerprint)
        found = enrolling.list_host_keys(session, caller.actor, name)
    return [HostKey.model_validate(each) for each in found]
