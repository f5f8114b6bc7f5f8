"""The whitelist a configuration line must pass, mode by mode.

Rules are written as a vendor writes them, one a line, in `ios_grammar` and `eos_grammar`:
words are literal and may be abbreviated; `a|b` one of them; `<1-4094>` a number in range; `IP`,
`MASK`, `PREFIX`, `NAME` (one word), `IFNAME`, `LINE` (the rest); `[LINE]` an optional rest. Leading
`=` says a new value replaces the old one, `~` that `no LINE` is itself kept as a line; a trailing
`!` on a value makes it part of what identifies the setting; `-> mode` opens a section.
"""

import ipaddress
import re
from dataclasses import dataclass

_RANGE = re.compile(r"<(\d+)-(\d+)>")
_IFNAME = re.compile(r"([A-Za-z-]+)\s*(\d[\d/.:]*)")
_INTERFACE_TYPES = (
    "GigabitEthernet", "TenGigabitEthernet", "FastEthernet", "Ethernet", "Management", "Loopback",
    "Port-channel", "Port-Channel", "Tunnel", "Vlan",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One accepted form of a line."""

    tokens: tuple[str, ...]
    single: bool
    sticky: bool
    opens: str

    @property
    def least(self) -> int:
        """How many words `no` needs: up to the first identifying value, else up to the values."""
        for index, token in enumerate(self.tokens):
            if token.endswith("!"):
                return index + 1
        literals = sum(1 for token in self.tokens if _is_literal(token))
        return literals if self.single else len(self.tokens) - (self.tokens[-1] == "[LINE]")


@dataclass(frozen=True)
class Match:
    """A line that passed: its canonical words and the rule that let it through."""

    rule: Rule
    words: tuple[str, ...]
    abbreviated: int = 0

    @property
    def line(self) -> str:
        """The canonical line."""
        return " ".join(self.words)

    @property
    def slot(self) -> tuple[object, ...]:
        """What the setting is, whatever its value."""
        fixed = (
            word
            for token, word in zip(self.rule.tokens, self.words, strict=False)
            if _is_literal(token) or token.endswith("!")
        )
        return (self.rule.tokens, *fixed)


@dataclass(frozen=True)
class Fault:
    """Why a line is refused: `invalid`, `incomplete` or `ambiguous`, at which word and column."""

    kind: str
    word: int
    column: int
    text: str


@dataclass(frozen=True)
class Mode:
    """A configuration mode: the words in its prompt and what may stand in it."""

    prompt: str
    rules: tuple[Rule, ...]


Grammar = dict[str, Mode]


def compile_grammar(modes: dict[str, tuple[str, str]]) -> Grammar:
    """Read modes written as (prompt words, rules text)."""
    return {
        name: Mode(prompt, tuple(_rule(line) for line in text.splitlines() if line.strip()))
        for name, (prompt, text) in modes.items()
    }


def _rule(line: str) -> Rule:
    body, _, opens = line.strip().partition("->")
    flag = body[0] if body[0] in "=~" else ""
    tokens = tuple(body.removeprefix(flag).split())
    return Rule(tokens, single=flag == "=", sticky=flag == "~", opens=opens.strip())


def _is_literal(token: str) -> bool:
    return token[0].islower() and "|" not in token


def canonical_interface(word: str) -> str | None:
    """`gi1/0/1` as `GigabitEthernet1/0/1`; None when it names no interface."""
    found = _IFNAME.fullmatch(word)
    if not found:
        return None
    kinds = [kind for kind in _INTERFACE_TYPES if kind.lower().startswith(found[1].lower())]
    exact = [kind for kind in kinds if kind == found[1]]
    return (exact or kinds)[0] + found[2] if kinds else None


def _value(form: str, word: str) -> str | None:
    """The canonical value of `word` as a `form`, or None when it is none."""
    kind = form.removesuffix("!")
    if "|" in kind:
        options = [option for option in kind.split("|") if option.startswith(word.lower())]
        return word if word in options else options[0] if len(options) == 1 else None
    if bounds := _RANGE.fullmatch(kind):
        inside = word.isdigit() and int(bounds[1]) <= int(word) <= int(bounds[2])
        return word if inside else None
    if kind == "IFNAME":
        return canonical_interface(word)
    if kind in ("IP", "MASK", "PREFIX"):
        return word if _is_address(kind, word) else None
    return word


def _is_address(kind: str, word: str) -> bool:
    try:
        if kind == "PREFIX":
            return "/" in word and bool(ipaddress.ip_interface(word))
        return bool(ipaddress.ip_address(word))
    except ValueError:
        return False


def _try(rule: Rule, words: list[str]) -> Match | int:
    """A match (possibly of fewer words than the rule has), or the index of the word at fault."""
    out: list[str] = []
    abbreviated = 0
    for index, token in enumerate(rule.tokens):
        if token in ("LINE", "[LINE]") or index >= len(words):
            out += words[index:]
            return Match(rule, tuple(out), abbreviated)
        word = words[index]
        if _is_literal(token):
            if not token.startswith(word.lower()):
                return index
            abbreviated += token != word
            out.append(token)
            continue
        value = _value(token, word)
        if value is None:
            return index
        out.append(value)
    return Match(rule, tuple(out), abbreviated) if len(words) == len(out) else len(out)


def _needed(rule: Rule, *, negated: bool) -> int:
    return rule.least if negated else len(rule.tokens) - (rule.tokens[-1] == "[LINE]")


def split_words(line: str) -> list[str]:
    """Words of a line; `interface Vlan 10` and `int gi 1/0/1` count as one name."""
    words = line.split()
    if len(words) == 3 and "interface".startswith(words[0].lower()) and words[2][0].isdigit():
        return [words[0], words[1] + words[2]]
    return words


def _without_overruled(rules: tuple[Rule, ...], words: list[str]) -> list[Rule]:
    """Drop rules that a word only abbreviates where another rule has exactly that word.

    Without this `ip address 300.1.1.1` would be read as `ipv6 address ...`.
    """
    dropped: set[Rule] = set()
    alive = list(rules)
    for index, word in enumerate(words):
        here = [rule for rule in alive if index < len(rule.tokens)]
        if any(rule.tokens[index] == word for rule in here):
            dropped.update(
                rule
                for rule in here
                if _is_literal(rule.tokens[index]) and rule.tokens[index] != word
            )
        alive = [
            rule for rule in here if rule not in dropped and _accepts(rule.tokens[index], word)
        ]
    return [rule for rule in rules if rule not in dropped]


def _accepts(token: str, word: str) -> bool:
    if _is_literal(token):
        return token.startswith(word.lower())
    return _value(token, word) is not None


def match(mode: Mode, line: str, *, negated: bool = False) -> Match | Fault:
    """Find the rule of `mode` that accepts `line`, else the fault nearest to acceptance."""
    words = split_words(line)
    accepted: list[Match] = []
    deepest, incomplete = 0, False
    for rule in _without_overruled(mode.rules, words):
        result = _try(rule, words)
        if isinstance(result, int):
            deepest = max(deepest, result)
        elif len(result.words) >= _needed(rule, negated=negated):
            accepted.append(result)
        else:
            incomplete = True
    if not accepted:
        if incomplete:
            return Fault("incomplete", len(words), len(line), line)
        return Fault("invalid", deepest, _column(line, deepest), line)
    fewest = min(found.abbreviated for found in accepted)
    best = [found for found in accepted if found.abbreviated == fewest]
    if fewest and len({found.line for found in best}) > 1:
        return Fault("ambiguous", 0, 0, line)
    return _with_spacing(best[0], line)


def _with_spacing(found: Match, line: str) -> Match:
    """Keep the blanks inside free text as they were typed."""
    if found.rule.tokens[-1] not in ("LINE", "[LINE]"):
        return found
    head = len(found.rule.tokens) - 1
    if len(found.words) <= head:
        return found
    rest = line.split(None, head)[head] if head else line
    return Match(found.rule, (*found.words[:head], rest.rstrip()), found.abbreviated)


def _column(line: str, word: int) -> int:
    starts = [found.start() for found in re.finditer(r"\S+", line)]
    return starts[word] if word < len(starts) else len(line)
