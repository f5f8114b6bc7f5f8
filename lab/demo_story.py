"""The story of a province, step by step, through public doors only.

Each step returns one line about what it saw, or raises StepError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.demo_beginning import Beginning
from lab.demo_changes import Changes
from lab.demo_outage import Outage
from lab.demo_scene import HUB
from lab.demo_work import Work

if TYPE_CHECKING:
    from lab.demo_scene import Scene

Steps = list[tuple[str, Callable[[], str]]]


def opening(scene: Scene) -> Steps:
    """Return the steps up to the first poll, which a served demo plays too."""
    part = Beginning(scene)
    return [
        ("first administrator's password, once", part.password),
        ("people: requester, approver, auditor", part.people),
        ("credentials, from a file only we may read", part.credentials),
        ("import the inventory: plan, then apply", part.inventory),
        ("every device answers ping and SNMPv3", part.polled),
    ]


def story(scene: Scene) -> Steps:
    """Return every step with its name, in order."""
    changes = Changes(scene.doors, scene.folder, scene.place, scene.held)
    outage, work = Outage(scene), Work(scene)
    return [
        *opening(scene),
        ("Prometheus finds and scrapes them", Beginning(scene).prometheus),
        (f"break {HUB}: one incident, one page each way", outage.broken),
        # Its minute passes while the next steps are played.
        ("a change that cuts its own way is sent", changes.send_bad),
        (f"heal {HUB}: one recovery each way", outage.healed),
        ("change on three routers and two switches", changes.good),
        ("playbook on two servers, events live", work.playbook),
        ("bridge, rooms and registrar", work.conference),
        ("is the meeting ready", work.meeting),
        ("the bad change came back by itself", changes.bad_came_back),
        ("one command on all devices, answers grouped", work.command),
        ("the vault collects all configurations", work.vault),
        ("audit by signed rules, evidence", work.audit),
        ("the record of who did what is whole", work.chain),
    ]
