"""`python -m cli` is the hatang command; the supervisor starts its children this way."""

from __future__ import annotations

from cli.entry import main

main()
