"""Loads packs after checking their signature, and proves rules by their own fixtures."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import ValidationError

from baselines import parsing
from baselines.engine import Engine
from baselines.schemas import Question, Rule
from hatang import signing
from hatang.errors import InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTORY: Final = Path(__file__).parent
KEYS: Final = DIRECTORY / "keys"
DEFAULT: Final = "core/2026.2"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
_RULE_FIX: Final = "Correct the rule by its schema, baselines.schemas.Rule."
_QUESTION_FIX: Final = "Correct the question by its schema, baselines.schemas.Question."
_RESTORE: Final = "Take the pack anew from where it was published."


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where packs are looked for, and the public keys that are trusted."""

    packs: Path = DIRECTORY
    keys: Path = KEYS


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as loaded; `sha256` is the hash of its manifest, which names the hash of every file.

    `key` is the fingerprint of the key that signed it. `rules` a machine checks, `questions` a
    person answers; no id stands for both.
    """

    name: str
    sha256: str
    key: str
    rules: tuple[Rule, ...]
    questions: tuple[Question, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """Return the rule called `rule_id`; raises NotFoundError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise NotFoundError(f"pack {self.name} has no rule {rule_id}")

    def question(self, question_id: str) -> Question:
        """Return the question called `question_id`; raises NotFoundError."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise NotFoundError(f"pack {self.name} has no question {question_id}")


def names(shelf: Shelf | None = None) -> tuple[str, ...]:
    """Return the packs on the shelf as `framework/edition`, sorted."""
    root = (shelf or Shelf()).packs
    found = (path.parent.relative_to(root) for path in root.glob(f"*/*/{MANIFEST}"))
    return tuple(sorted(path.as_posix() for path in found))


@cache
def load(name: str = DEFAULT, shelf: Shelf | None = None) -> Pack:
    """Load the pack `framework/edition`.

    Raises:
        NotFoundError: there is no such pack.
        InvalidInputError: it is not signed by a trusted key, its files are not those that were
            signed, or rules are malformed; everything wrong is named.
    """
    where = shelf or Shelf()
    if name not in names(where):
        known = ", ".join(names(where)) or "none"
        raise NotFoundError(f"there is no rule pack {name}", fix=f"There are: {known}.")
    directory = where.packs / name
    manifest, key = _signed(name, directory, where.keys)
    problems = list(_changed(directory, manifest["files"]))
    if problems:
        raise InvalidInputError(problems)
    records = _records(directory, sorted(manifest["files"]))
    digest = hashlib.sha256((directory / MANIFEST).read_bytes()).hexdigest()
    rules = tuple(one for one in records if isinstance(one, Rule))
    questions = tuple(one for one in records if isinstance(one, Question))
    return Pack(name, digest, key, rules, questions)


def rule_of(rule_id: str) -> Rule:
    """Return the rule called `rule_id` of whichever pack has it; raises NotFoundError."""
    try:
        return load().rule(rule_id)
    except NotFoundError:
        for name in names():
            for rule in load(name).rules:
                if rule.id == rule_id:
                    return rule
        raise


def lint(name: str, shelf: Shelf | None = None) -> list[Problem]:
    """Return everything wrong with a pack, what its fixtures disprove included; empty is good."""
    try:
        pack = load.__wrapped__(name, shelf)
    except InvalidInputError as error:
        return list(error.problems)
    return [problem for rule in pack.rules for problem in disproved(rule)]


def disproved(rule: Rule) -> Iterator[Problem]:
    """Yield a problem for each fixture of `rule` that gets another verdict or cites other lines."""
    try:
        engine = Engine([rule])
        for spoken, dialect in rule.dialects.items():
            for number, fixture in enumerate(dialect.fixtures):
                findings, _tree = engine.audit(fixture.text, spoken, fixture.facts)
                found = findings[0]
                where = f"{rule.id}.{spoken}.fixtures.{number}"
                if found.verdict is not fixture.verdict:
                    yield _fixture(where, fixture.verdict, found.verdict)
                elif fixture.lines is not None and found.lines != fixture.lines:
                    yield _fixture(where, f"lines {fixture.lines}", f"lines {found.lines}")
    except (ValueError, NotFoundError, InvalidInputError) as error:
        yield Problem(rule.id, "test", "", str(error), _RULE_FIX)


def _fixture(where: str, wanted: str, found: str) -> Problem:
    text = f"must get {wanted}, gets {found}"
    return Problem(where, "verdict", found, text, "Correct the test or the fixture.")


def _signed(name: str, directory: Path, keys: Path) -> tuple[dict[str, Any], str]:
    content = (directory / MANIFEST).read_bytes()
    try:
        manifest = json.loads(content)
        key, files, claimed = manifest["key"], manifest["files"], manifest["name"]
    except (ValueError, KeyError, TypeError) as error:
        raise _refused(MANIFEST, "manifest", f"is no manifest: {error!r}") from error
    if not isinstance(files, dict) or not isinstance(key, str):
        raise _refused(MANIFEST, "manifest", "is no manifest: files and key are missing")
    if claimed != name:
        raise _refused(MANIFEST, "name", f"says it is {claimed}, but lies at {name}")
    public = _trusted(keys).get(key)
    if public is None:
        text = f"was signed by the key {key[:16]}…, which is not among the trusted ones"
        raise _refused(SIGNATURE, "key", text)
    try:
        signature = (directory / SIGNATURE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise _refused(SIGNATURE, "signature", "is missing") from None
    if not signing.is_signed(public, content, signature):
        raise _refused(SIGNATURE, "signature", "is not that of this manifest")
    return manifest, key


def _refused(where: str, field: str, text: str) -> InvalidInputError:
    return InvalidInputError([Problem(where, field, "", text, _RESTORE)])


def _trusted(keys: Path) -> dict[str, str]:
    found = {}
    for path in sorted(keys.glob("*.pub")):
        public = path.read_text(encoding="ascii").strip()
        try:
            found[signing.fingerprint(public)] = public
        except ValueError:
            continue
    return found


def _changed(directory: Path, files: dict[str, str]) -> Iterator[Problem]:
    there = {path.name: path for path in directory.glob("*.yaml")}
    for name in sorted(set(files) - set(there)):
        yield Problem(name, "file", "", "was signed, but is missing", _RESTORE)
    for name in sorted(set(there) - set(files)):
        yield Problem(name, "file", "", "is not among the signed files", _RESTORE)
    for name in sorted(set(there) & set(files)):
        if hashlib.sha256(there[name].read_bytes()).hexdigest() != files[name]:
            yield Problem(name, "file", "", "is not the file that was signed", _RESTORE)


def _records(directory: Path, files: list[str]) -> tuple[Rule | Question, ...]:
    problems: list[Problem] = []
    records: dict[str, Rule | Question] = {}
    for name in files:
        record = _record(name, (directory / name).read_bytes(), problems)
        if record is not None and record.id in records:
            problems.append(Problem(name, "id", record.id, "stands there twice", _RULE_FIX))
        elif record is not None:
            records[record.id] = record
    if problems:
        raise InvalidInputError(problems)
    return tuple(records.values())


def _record(name: str, content: bytes, problems: list[Problem]) -> Rule | Question | None:
    try:
        given = yaml.load(content, Loader=yaml.CSafeLoader)
        is_manual = isinstance(given, dict) and given.get("kind") == "manual"
        record = (Question if is_manual else Rule).model_validate(given)
    except yaml.YAMLError as error:
        problems.append(Problem(name, "file", "", str(error), "Write valid YAML."))
        return None
    except ValidationError as error:
        problems.extend(
            Problem(
                name,
                ".".join(str(part) for part in fault["loc"]) or "rule",
                str(fault.get("input", ""))[:80],
                fault["msg"],
                _QUESTION_FIX if is_manual else _RULE_FIX,
            )
            for fault in error.errors()
        )
        return None
    if isinstance(record, Question):
        return record
    unknown = sorted((set(record.dialects) | set(record.not_applicable)) - set(parsing.names()))
    problems.extend(
        Problem(name, "dialects", one, "is no dialect", f"Use {', '.join(parsing.names())}.")
        for one in unknown
    )
    return None if unknown else record
