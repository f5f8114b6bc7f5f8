"""What services stand on, as the database says: machines, clusters, redundancy groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from inventory.choices import DeviceStatus
from inventory.models import (
    Circuit,
    Cluster,
    Device,
    RedundancyGroup,
    RedundancyGroupCircuit,
    RedundancyGroupDevice,
    Service,
    ServiceDependency,
    ServiceDevice,
    ServiceMachine,
    VirtualMachine,
)
from inventory.network import ClusterNode, GroupNode, MachineNode, ServiceNode

if TYPE_CHECKING:
    from sqlalchemy import Select

    from hatang.db import AnySession

ACTIVE = DeviceStatus.ACTIVE.value


def services(session: AnySession) -> tuple[ServiceNode, ...]:
    """Return every service; of what it runs on, what is in operation."""
    needed = aliased(Service)
    runs_on = _collected(
        session,
        select(ServiceDevice.service_id, Device.device_key)
        .join(Device, ServiceDevice.device_id == Device.id)
        .where(Device.status == ACTIVE),
    )
    depends_on = _collected(
        session,
        select(ServiceDependency.service_id, needed.code).join(
            needed, ServiceDependency.depends_on_id == needed.id
        ),
    )
    on_machines = _collected(
        session,
        select(ServiceMachine.service_id, VirtualMachine.name)
        .join(VirtualMachine, ServiceMachine.virtual_machine_id == VirtualMachine.id)
        .where(VirtualMachine.status == ACTIVE),
    )
    return tuple(
        ServiceNode(code, runs_on.get(one, ()), depends_on.get(one, ()), on_machines.get(one, ()))
        for one, code in session.execute(select(Service.id, Service.code))
    )


def machines(session: AnySession) -> tuple[MachineNode, ...]:
    """Return the virtual machines in operation and where they run."""
    rows = session.execute(
        select(VirtualMachine.name, Cluster.name, Device.device_key)
        .outerjoin(Cluster, VirtualMachine.cluster_id == Cluster.id)
        .outerjoin(Device, VirtualMachine.device_id == Device.id)
        .where(VirtualMachine.status == ACTIVE)
    )
    return tuple(MachineNode(*row) for row in rows)


def clusters(session: AnySession) -> tuple[ClusterNode, ...]:
    """Return every cluster and those of its hosts that are in operation."""
    hosts = _collected(
        session,
        select(Device.cluster_id, Device.device_key).where(
            Device.cluster_id.is_not(None), Device.status == ACTIVE
        ),
    )
    return tuple(
        ClusterNode(name, hosts.get(one, ()))
        for one, name in session.execute(select(Cluster.id, Cluster.name))
    )


def groups(session: AnySession) -> tuple[GroupNode, ...]:
    """Return every redundancy group and those of its members that are in operation."""
    devices = _collected(
        session,
        select(RedundancyGroupDevice.redundancy_group_id, Device.device_key)
        .join(Device, RedundancyGroupDevice.device_id == Device.id)
        .where(Device.status == ACTIVE),
    )
    circuits = _collected(
        session,
        select(RedundancyGroupCircuit.redundancy_group_id, Circuit.cid)
        .join(Circuit, RedundancyGroupCircuit.circuit_id == Circuit.id)
        .where(Circuit.status == ACTIVE),
    )
    rows = session.execute(
        select(RedundancyGroup.id, RedundancyGroup.code, RedundancyGroup.required)
    )
    return tuple(
        GroupNode(code, required, devices.get(one, ()), circuits.get(one, ()))
        for one, code, required in rows
    )


def _collected(
    session: AnySession, statement: Select[*tuple[Any, ...]]
) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for owner, value in session.execute(statement):
        found.setdefault(owner, []).append(value)
    return {owner: tuple(sorted(values)) for owner, values in found.items()}
