"""The keys by which a device is known."""

from fastapi import APIRouter

from api.callers import CallerDep
from api.rest.schemas.hostkeys import Fingerprint, HostKey, NewKey, PresentedKey
from hatang.auth import Permission
from inventory.service import enrolling

router = APIRouter(prefix="/devices/{name}/host-keys", tags=["devices"])
# Whoever names a wrong key gets the passwords that are sent to it.
PROVED = Permission.CREDENTIAL_WRITE


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
