"""The audit log shows every touch, and two processes writing at once spoil nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.doors import BIN, Answer, run
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.acceptance.installation import Installation

    Tamper = Callable[[sqlite3.Connection], None]

pytestmark = [pytest.mark.acceptance]

WRITERS = 2
PEOPLE_EACH = 3
STEPS_EACH = 2
TAIL = 10
TOUCHED = 1
COLUMNS = "sequence, at, actor_id, actor, action, target, outcome, detail, previous_hash, hash"
INVENTORY = """\
version: 1
province: {{code: "99", name: "Tỉnh Thử"}}
units: [{{code: tinh, name: "Ủy ban", kind: province}}]
sites: [{{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}}]
devices: [{{name: core-1, site: dc, role: core, platform: frr, serial: "{number}"}}]
"""


@pytest.fixture(scope="module")
def written(fresh: Installation) -> Installation:
    """A hatang in which two processes wrote at the same time, now stopped."""

    def create(writer: int) -> None:
        for number in range(PEOPLE_EACH):
            words = ("user", "create", f"person-{writer}-{number}", "--role", "viewer")
            password = fresh.folder / f"password-{writer}"
            password.write_text("một mật khẩu đủ dài 4711\n", encoding="utf-8")
            fresh.hatang(*words, "--password-file", str(password)).good()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(create, range(WRITERS)))
    return fresh


def verify(made: Installation, data_dir: Path) -> Answer:
    command = [str(BIN / "hatang"), "audit-log", "verify", "--as", "admin"]
    environ = {**made.environ, "HATANG_CONFIG": str(made.config), "HATANG_DATA_DIR": str(data_dir)}
    return run(command, environ)


def tampered(made: Installation, folder: Path, tamper: Tamper) -> Path:
    """Return a copy of the data directory whose database somebody had in hand."""
    copy = folder / "data"
    shutil.copytree(made.data_dir, copy)
    with closing(sqlite3.connect(copy / "hatang.sqlite3")) as connection:
        tamper(connection)
        connection.commit()
    return copy


def last(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("SELECT max(sequence) FROM audit_entry").fetchone()[0]
    return found


def alter(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit_entry SET actor = 'nobody' WHERE sequence = 5")


def delete_in_the_middle(connection: sqlite3.Connection) -> None:
    middle = last(connection) // 2
    connection.execute("DELETE FROM audit_entry WHERE sequence = ?", (middle,))


def cut_the_tail(connection: sqlite3.Connection) -> None:
    keep = last(connection) - TAIL
    connection.execute("DELETE FROM audit_entry WHERE sequence > ?", (keep,))


def recompute_with(key: bytes) -> Tamper:
    """Alter a row and link everything after it anew, as who knows the code would."""

    def tamper(connection: sqlite3.Connection) -> None:
        alter(connection)
        rows = connection.execute(
            f"SELECT id, {COLUMNS} FROM audit_entry WHERE sequence >= 5 ORDER BY sequence"
        ).fetchall()
        previous: str | None = None
        connection.execute("UPDATE audit_entry SET hash = NULL, previous_hash = NULL "
                           "WHERE sequence >= 5")  # fmt: skip
        for (
            identity,
            sequence,
            at,
            actor_id,
            actor,
            action,
            target,
            outcome,
            detail,
            old,
            _,
        ) in rows:
            linked = previous or old
            moment = at.replace(" ", "T") + ("" if "+" in at else "+00:00")
            content = [sequence, moment, actor_id, actor, action, target, outcome,
                       json.loads(detail), linked]  # fmt: skip
            text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            previous = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            connection.execute(
                # In the form whose hash covers the names themselves.
                "UPDATE audit_entry SET hash = ?, previous_hash = ?, naming = 0 WHERE id = ?",
                (previous, linked, identity),
            )

    return tamper


def check_found(answer: Answer, kind: str) -> None:
    """The verifier says no, and what kind of touch it saw."""
    hold(answer.status == TOUCHED, f"exit status {answer.status}: {answer.out}{answer.err}")
    kinds = {row["kind"] for row in json.loads(answer.out)}
    hold(kind in kinds, f"{kind} is not among {kinds}")


def check_one_chain(made: Installation, verified: Answer) -> None:
    """Nothing forks: every link has one successor, every person's creation stands in it."""
    hold(verified.status == 0, verified.out + verified.err)
    with closing(sqlite3.connect(made.data_dir / "hatang.sqlite3")) as connection:
        count, links, top = connection.execute(
            "SELECT count(*), count(DISTINCT previous_hash), max(sequence) FROM audit_entry"
        ).fetchone()
        created = connection.execute(
            "SELECT count(*) FROM audit_entry"
            " WHERE action = 'user.create' AND target LIKE '%person-%'"
        ).fetchone()[0]
    hold(count == links == top, f"{count} entries, {links} links, the last is {top}")
    hold(created == WRITERS * PEOPLE_EACH, f"{created} creations in the log")


def test_two_processes_writing_make_one_whole_chain(written: Installation) -> None:
    check_one_chain(written, verify(written, written.data_dir))


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [(alter, "altered"), (delete_in_the_middle, "missing"), (cut_the_tail, "cut"),
     (recompute_with(b"a key of one's own"), "rewritten")],
)  # fmt: skip
def test_every_touch_is_found(
    written: Installation, tmp_path: Path, tamper: Tamper, kind: str
) -> None:
    check_found(verify(written, tampered(written, tmp_path, tamper)), kind)


def test_a_chain_recomputed_with_the_stolen_key_is_found(
    written: Installation, tmp_path: Path
) -> None:
    key = (written.data_dir / "keys" / "audit.key").read_bytes()
    copy = tampered(written, tmp_path, recompute_with(key))
    answer = verify(written, copy)
    check_found(answer, "rewritten")
    kinds = {row["kind"] for row in json.loads(answer.out)}
    hold(kinds == {"rewritten"}, f"the forger's chain is not even whole in itself: {kinds}")


def test_sabotage_the_log_was_not_touched(written: Installation, tmp_path: Path) -> None:
    copy = tampered(written, tmp_path, lambda connection: None)
    with turns_red():
        check_found(verify(written, copy), "altered")


def test_sabotage_the_heads_outside_were_cut_as_well(written: Installation, tmp_path: Path) -> None:
    copy = tampered(written, tmp_path, cut_the_tail)
    (copy / "keys" / "audit.heads").write_text("")
    with turns_red():
        check_found(verify(written, copy), "cut")


class Counter:
    """A number in the inventory (a device's serial), counted up through the command."""

    def __init__(self, made: Installation, folder: Path) -> None:
        self._made = made
        self._folder = folder

    def value(self) -> int:
        return int(self._made.json("device", "show", "core-1")["device"]["serial"])

    def write(self, number: int, *words: str) -> Answer:
        return self._made.hatang("inventory", "import", self._file(number), *words)

    def step(self, seen: int) -> int:
        """Count up by one: read, plan, write exactly that plan; again while others were faster."""
        while True:
            file = self._file(seen + 1)
            plan = self._made.json("inventory", "plan", file)
            fields = plan["rows"][0]["fields"] if plan["rows"] else {"serial": [seen + 1] * 2}
            before = int(fields["serial"][0])
            if before != seen:
                seen = before
                continue
            done = self._made.hatang("inventory", "import", file, "--plan", plan["sha256"])
            if done.status == 0:
                return seen + 1

    def _file(self, number: int) -> str:
        path = self._folder / f"{number}.yaml"
        path.write_text(INVENTORY.format(number=number), encoding="utf-8")
        return str(path)


def check_no_update_lost(value: int, steps: int) -> None:
    """The number stands where all steps together bring it."""
    hold(value == steps, f"{steps} steps were taken, the number is {value}")


def test_two_processes_counting_up_lose_no_step(fresh: Installation, tmp_path: Path) -> None:
    Counter(fresh, tmp_path).write(0).good()

    def count(writer: int) -> None:
        folder = tmp_path / str(writer)
        folder.mkdir()
        counter, seen = Counter(fresh, folder), 0
        for _ in range(STEPS_EACH):
            seen = counter.step(seen)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(count, range(WRITERS)))
    check_no_update_lost(Counter(fresh, tmp_path).value(), WRITERS * STEPS_EACH)


def test_sabotage_writing_without_the_plan_one_has_read(
    fresh: Installation, tmp_path: Path
) -> None:
    counter = Counter(fresh, tmp_path)
    counter.write(0).good()
    for seen in [0] * WRITERS:  # both read before either wrote
        counter.write(seen + 1).good()
    with turns_red():
        check_no_update_lost(counter.value(), WRITERS)
