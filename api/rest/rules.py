"""Rules that alerts are raised by."""

from fastapi import APIRouter

from alerts.rulebook import service
from api.callers import CallerDep
from api.rest.schemas.rules import RuleBook

router = APIRouter(prefix="/rules", tags=["incidents"])


@router.get("")
def list_rules(caller: CallerDep) -> RuleBook:
    """Return all rules by topic with threshold and state, and users' files that do not load."""
    with caller.read() as session:
        found = service.book(session, caller.actor, caller.context.settings)
    return RuleBook.model_validate(found)
