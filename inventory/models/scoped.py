"""Whose a row is."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import ForeignKey
from sqlalchemy.orm import mapped_column

from hatang.scope.models import Scope

ScopeId = Annotated[int, mapped_column(ForeignKey(Scope.id), index=True)]
