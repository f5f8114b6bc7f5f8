"""The inventory for Ansible."""

from typing import Any

from fastapi import APIRouter

from api.callers import CallerDep
from inventory.exports import ansible

router = APIRouter(prefix="/ansible", tags=["inventory"])


@router.get("/inventory")
def ansible_inventory(caller: CallerDep) -> dict[str, Any]:
    """Return all devices as an Ansible inventory script prints them for `--list`."""
    with caller.read() as session:
        return ansible.ansible_inventory(session, caller.actor)


@router.get("/hosts/{name}")
def ansible_host(caller: CallerDep, name: str) -> dict[str, Any]:
    """Return the variables of one device, as an inventory script prints them for `--host`."""
    with caller.read() as session:
        return ansible.ansible_host(session, caller.actor, name)
