"""Schemathesis, unmodified, finds no answer of the conference's routes that the document denies.

It asks a running hatang over HTTP what the OpenAPI document says one may ask, and much beside it.
The rooms are the 15 of Hưng Yên; the bridge is *simulated*.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.doors import BIN
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.simulated_bridge import Bridge, speaking
from tests.acceptance.test_points import imported, put, roles, rooms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.slow, pytest.mark.soak]

CONFERENCE = ("/meetings", "/bridges", "/aliases", "/conferences", "/ingest", "/endpoints")
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    "response_schema_conformance",
)
SEED = "20250701"
EXAMPLES = "25"
WAIT_SECONDS = 60.0
LONGEST_SECONDS = 600


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A hatang with a meeting of Hưng Yên's points, answering over HTTP."""
    folder = tmp_path_factory.mktemp("contract")
    bridge = Bridge({}, ports=400)
    with speaking(bridge):
        made = imported("hung-yen", folder, bridge)
        put(made, rooms(made))
        with roles(made, "api"):
            hold(eventually(lambda: _answers(made), WAIT_SECONDS), "the api does not answer")
            yield made


def _answers(made: Installation) -> bool:
    try:
        return made.ask("/api/v1/openapi.json").status == 200
    except OSError:
        return False


def document(made: Installation) -> dict[str, Any]:
    """Return hatang's OpenAPI document with the routes of conferences only."""
    told: dict[str, Any] = made.ask("/api/v1/openapi.json").json()
    kept = {path: each for path, each in told["paths"].items() if _of_conference(path)}
    return {**told, "paths": kept}


def _of_conference(path: str) -> bool:
    return any(word in path for word in CONFERENCE)


def check_contract(
    made: Installation, folder: Path, tell: Callable[[str], None], told: dict[str, Any]
) -> None:
    """Every answer is one that the document names, in its type and form; none is a 500."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    done = subprocess.run(
        [str(BIN / "schemathesis"), "run", str(file), "--url", made.url("api", ""),
         "--header", f"Authorization: Bearer {made.token}", "--checks", ",".join(CHECKS),
         "--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED,
         "--request-timeout", "20"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS,
    )  # fmt: skip
    cases = [line.strip() for line in done.stdout.splitlines() if " generated, " in line]
    hold(bool(cases), f"nothing was asked: {done.stdout[-500:]} {done.stderr[-500:]}")
    tell(f"{len(told['paths'])} paths: {cases[0]}")
    hold(done.returncode == 0, done.stdout[-2_000:])


def test_no_answer_is_one_that_the_document_denies(
    running: Installation, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    check_contract(running, tmp_path, figures, document(running))


def test_sabotage_a_document_that_names_no_refusal(
    running: Installation, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    told = document(running)
    path = "/api/v1/meetings/{uid}"
    answers = told["paths"][path]["get"]["responses"]
    told["paths"] = {path: {"get": {**told["paths"][path]["get"], "responses": {
        status: answer for status, answer in answers.items() if status == "200"
    }}}}  # fmt: skip
    with turns_red():
        check_contract(running, tmp_path, figures, told)
