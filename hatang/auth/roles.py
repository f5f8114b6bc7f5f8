"""The one table of who may do what: roles, permissions, and roles one person never joins."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A part a person plays; several may be held, each in its own scope."""

    VIEWER = "viewer"
    SCHEDULER = "scheduler"
    ACKNOWLEDGER = "acknowledger"
    OPERATOR = "operator"
    ENGINEER = "engineer"
    APPROVER = "approver"
    AUDITOR = "auditor"
    RULE_AUTHOR = "rule_author"
    SYSTEM_OWNER = "system_owner"
    ADMIN = "admin"
    COLLECTOR = "collector"


class Permission(StrEnum):
    """One thing that may be done, as `object:verb`."""

    INVENTORY_READ = "inventory:read"
    INVENTORY_WRITE = "inventory:write"
    MONITOR_READ = "monitor:read"
    MONITOR_WRITE = "monitor:write"
    INCIDENT_READ = "incident:read"
    INCIDENT_ACKNOWLEDGE = "incident:acknowledge"
    MAINTENANCE_WRITE = "maintenance:write"
    ALERT_INGEST = "alert:ingest"
    ONCALL_WRITE = "oncall:write"
    CHANGE_READ = "change:read"
    CHANGE_REQUEST = "change:request"
    CHANGE_APPROVE = "change:approve"
    CHANGE_EXECUTE = "change:execute"
    CHANGE_BREAK_GLASS = "change:break-glass"
    VAULT_READ = "vault:read"
    VAULT_READ_SECRET = "vault:read-secret"  # noqa: S105 - a permission, no password
    CREDENTIAL_WRITE = "credential:write"
    BASELINE_READ = "baseline:read"
    BASELINE_WRITE = "baseline:write"
    WAIVER_REQUEST = "waiver:request"
    WAIVER_APPROVE = "waiver:approve"
    CONFERENCE_READ = "conference:read"
    CONFERENCE_OPERATE = "conference:operate"
    CONFERENCE_SCHEDULE = "conference:schedule"
    REPORT_READ = "report:read"
    JOB_READ = "job:read"
    AUDIT_READ = "audit:read"
    USER_ADMIN = "user:admin"
    METRICS_READ = "metrics:read"


_P = Permission
_VIEW: Final = frozenset(
    {
        _P.INVENTORY_READ,
        _P.MONITOR_READ,
        _P.INCIDENT_READ,
        _P.CHANGE_READ,
        _P.BASELINE_READ,
        _P.CONFERENCE_READ,
        _P.REPORT_READ,
        _P.JOB_READ,
    }
)
APPROVING: Final = frozenset({_P.CHANGE_APPROVE, _P.WAIVER_APPROVE})
"""What needs a second person; no process ever holds these."""

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEW,
    Role.SCHEDULER: _VIEW | {_P.CONFERENCE_SCHEDULE},
    Role.ACKNOWLEDGER: _VIEW | {_P.INCIDENT_ACKNOWLEDGE},
    Role.OPERATOR: _VIEW
    | {
        _P.INCIDENT_ACKNOWLEDGE,
        _P.MAINTENANCE_WRITE,
        _P.CONFERENCE_OPERATE,
        _P.CONFERENCE_SCHEDULE,
        _P.CHANGE_REQUEST,
        _P.METRICS_READ,
    },
    Role.ENGINEER: _VIEW
    | {
        _P.INVENTORY_WRITE,
        _P.MONITOR_WRITE,
        _P.INCIDENT_ACKNOWLEDGE,
        _P.MAINTENANCE_WRITE,
        _P.CHANGE_REQUEST,
        _P.CHANGE_EXECUTE,
        _P.CHANGE_BREAK_GLASS,
        _P.VAULT_READ,
        _P.CREDENTIAL_WRITE,
        _P.WAIVER_REQUEST,
        _P.METRICS_READ,
    },
    Role.APPROVER: _VIEW | {_P.VAULT_READ} | APPROVING,
    Role.AUDITOR: _VIEW | {_P.AUDIT_READ, _P.VAULT_READ},
    Role.RULE_AUTHOR: _VIEW | {_P.BASELINE_WRITE, _P.MONITOR_WRITE, _P.METRICS_READ},
    Role.SYSTEM_OWNER: _VIEW | {_P.WAIVER_REQUEST, _P.CHANGE_REQUEST, _P.MAINTENANCE_WRITE},
    Role.ADMIN: frozenset(Permission) - APPROVING,
    # Prometheus: it reads what to scrape and posts what it found, and no person needs that.
    Role.COLLECTOR: frozenset({_P.INVENTORY_READ, _P.METRICS_READ, _P.ALERT_INGEST}),
}

CHANGING: Final = frozenset(
    {
        _P.INVENTORY_WRITE,
        _P.CHANGE_APPROVE,
        _P.CHANGE_EXECUTE,
        _P.CHANGE_BREAK_GLASS,
        _P.VAULT_READ_SECRET,
        _P.CREDENTIAL_WRITE,
        _P.WAIVER_APPROVE,
        _P.USER_ADMIN,
    }
)
"""What a stolen password alone must not open: a browser session needs a second factor for it."""

# Who watches must not be who acts; who hands out roles must not also approve, since such a
# person could create the requester. Requester and approver are kept apart per change, not per
# person: in a small department the engineers approve each other's work.
CONFLICTS: Final[frozenset[frozenset[Role]]] = frozenset(
    {
        frozenset({Role.AUDITOR, Role.ADMIN}),
        frozenset({Role.AUDITOR, Role.ENGINEER}),
        frozenset({Role.AUDITOR, Role.OPERATOR}),
        frozenset({Role.AUDITOR, Role.APPROVER}),
        frozenset({Role.AUDITOR, Role.RULE_AUTHOR}),
        frozenset({Role.AUDITOR, Role.SYSTEM_OWNER}),
        frozenset({Role.ADMIN, Role.APPROVER}),
    }
)


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Return everything `roles` together allow."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def conflicts(roles: frozenset[Role]) -> list[tuple[Role, Role]]:
    """Return the pairs among `roles` that one person may not hold, sorted."""
    found = [sorted(pair) for pair in CONFLICTS if pair <= roles]
    return sorted((first, second) for first, second in found)
