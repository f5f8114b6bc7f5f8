"""Sentences in which somebody is told that he may not do something, and whom to ask."""

from __future__ import annotations

from typing import Final

from hatang.i18n import N_

TEXTS: Final = (
    N_("%(name)s may not %(permission)s"),
    N_("Ask an administrator for a role that carries this permission."),
    N_("%(permission)s needs a second factor"),
    N_("Enrol one, then sign in again."),
    N_("nobody resets his own password"),
    N_("Change it instead."),
    N_("nobody deactivates himself"),
    N_("nobody changes his own roles"),
    N_("nobody resets his own second factor"),
    N_("Ask another administrator."),
    N_("only a person has tokens"),
    N_("%(name)s does not hold %(permission)s"),
    # approval
    N_("%(name)s may not break the glass here"),
    N_("only who asked takes a request back"),
    N_("a process does not decide"),
    N_("who asked does not decide"),
    N_("Ask another person, administrators included."),
    N_("%(name)s may not decide on this in its scope"),
    # the whole province, and every device of something
    N_("%(name)s may not discover the whole province"),
    N_("%(name)s may not do this for the whole province"),
    N_("%(name)s may not import for the whole province"),
    N_("%(name)s may not export the whole province"),
    N_("%(name)s may not see what was imported for the whole province"),
    N_("%(name)s may not silence alerts of the whole province"),
    N_("Announce maintenance for your own elements."),
    N_("%(name)s may not %(permission)s on every device of this change"),
    N_("%(name)s may not %(permission)s on every device of this run"),
    N_("%(name)s may not collect from %(device)s"),
    N_("%(name)s may not read the secrets of %(device)s"),
    N_("%(name)s may not change the meeting %(meeting)s"),
    N_("%(name)s may not change what is said of another unit's room"),
    # meetings, and who is which room
    N_("there is no such bridge"),
    N_("Use the code of a bridge in the inventory."),
    N_("there is no such room"),
    N_("Use the code of a room in the inventory."),
    N_("is not after starts_at"),
    N_("Let it end after it starts."),
    N_("are missing"),
    N_("Name the rooms that take part."),
    N_("is no rate"),
    N_("Give the call rate in kbit/s, such as 2048."),
    N_("Give the rate of shared content in kbit/s, 0 for none."),
    N_("Give 1 to 255 characters."),
    N_("List each room once."),
    N_("List each name once."),
    # requests that are not the person's own
    N_("the request comes from another site"),
    N_("the request lacks the session's CSRF token"),
    N_("Load the page again."),
)
