"""Sentences in which a schedule says why it stopped, and what became of its times."""

from __future__ import annotations

from typing import Final

from hatang.i18n import N_

TEXTS: Final = (
    # why it stopped or ended
    N_("the text of its playbook or of a role has changed"),
    N_("its parameters have changed"),
    N_("its targets have changed, or a device it names is gone or another one"),
    N_("its timing has changed"),
    N_("it is no longer what was approved"),
    N_("the account of who asked is disabled"),
    N_("who asked may no longer run playbooks"),
    N_("who asked may no longer run playbooks on %(device)s"),
    N_("%(device)s matches now and lies beyond what was approved"),
    N_("its approval is no longer in force"),
    N_("it was rejected"),
    N_("its last day is over"),
    # what became of a time
    N_("hatang was not there while its window was open"),
    N_("its window was over before the run could begin or go on"),
    N_("the schedule was paused or ended before the run could begin or go on"),
    N_("run %(number)s of the time before was not over"),
    N_("%(element)s is booked from %(start)s to %(end)s UTC for %(title)s"),
    # what is wrong with asking for one
    N_("matches devices you may not change too"),
    N_("Name the unit or the site as well."),
    N_("is no time zone"),
    N_("Give a name such as Asia/Ho_Chi_Minh."),
    N_("is past"),
    N_("End it within a year from today."),
    N_("Say why."),
    N_("schedule %(number)s is %(state)s, nobody asked for approval"),
    N_("schedule %(number)s is %(state)s, not standing"),
    N_("schedule %(number)s is %(state)s"),
    N_("schedule %(number)s has ended"),
    N_("there is no schedule %(number)s"),
    N_("Have it rejected and asked for anew."),
    N_("Propose another one."),
)
