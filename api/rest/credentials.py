"""Logins for devices and servers: secrets come in, and never leave."""

from fastapi import APIRouter

from api.callers import Caller, CallerDep
from api.rest.schemas.credentials import Credential, NewCredential, NewSecrets
from hatang.auth import Permission
from inventory.service import credentials

router = APIRouter(prefix="/credentials", tags=["credentials"])


@router.get("")
def list_credentials(caller: CallerDep) -> list[Credential]:
    """Return all credentials by name, with their fields' names and never a secret."""
    with caller.read() as session:
        found = credentials.list_credentials(session, caller.actor)
        return [Credential.of(one) for one in found]


@router.post("", status_code=201)
def add_credential(caller: CallerDep, body: NewCredential) -> Credential:
    """Keep a new credential; one that is there already is rotated, not added."""
    caller.prove(Permission.CREDENTIAL_WRITE)
    with caller.write() as session:
        credentials.add_credential(session, caller.actor, body.name, body.kind, body.fields)
    return _one(caller, body.name)


@router.post("/{name}/rotate")
def rotate_credential(caller: CallerDep, name: str, body: NewSecrets) -> Credential:
    """Give a credential new secrets; who logs in by it does so with them from then on."""
    caller.prove(Permission.CREDENTIAL_WRITE)
    with caller.write() as session:
        credentials.rotate_credential(session, caller.actor, name, body.fields)
    return _one(caller, name)


@router.delete("/{name}", status_code=204)
def remove_credential(caller: CallerDep, name: str) -> None:
    """Forget a credential that nothing in the inventory names."""
    caller.prove(Permission.CREDENTIAL_WRITE)
    with caller.write() as session:
        credentials.remove_credential(session, caller.actor, name)


def _one(caller: Caller, name: str) -> Credential:
    with caller.read() as session:
        found = credentials.list_credentials(session, caller.actor)
    return next(Credential.of(one) for one in found if one.summary.name == name)
