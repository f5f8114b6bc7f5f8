"""Reads real configurations line by line, by the rules' criteria alone: what an auditor would grep.

Knows nothing of our parser, engine or packs. A reading is a verdict and, for a failure caused by
lines that stand there, the first of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PASS, FAIL, NONE, UNKNOWN = "pass", "fail", "not_applicable", "unknown"
Reading = tuple[str, int | None]
Line = tuple[int, str]
DEFAULT_NAMES = ("admin", "root", "cisco", "huawei", "manager", "ubnt")
DEFAULT_COMMUNITIES = ("public", "private", "cisco", "admin", "community", "snmp", "manager")


def lines_of(text: str) -> list[Line]:
    """Number the lines, leaving out the inside of banners."""
    found, mark = [], ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip()
        if mark:
            if mark in line:
                mark = ""
            continue
        found.append((number, line))
        if line.startswith("banner ") and len(line.split()) > 2:
            sign = line.split()[2][:2] if "^C" in line else line.split()[2][:1]
            if line.count(sign) == 1:
                mark = sign
        elif line.startswith("banner "):
            mark = "EOF"
    return found


@dataclass
class Text:
    """One configuration as its lines."""

    lines: list[Line]

    def starting(self, *words: str) -> list[Line]:
        """Lines that begin with one of `words`, whatever their indent."""
        return [(n, line.strip()) for n, line in self.lines if line.strip().startswith(words)]

    def blocks(self, word: str) -> Iterator[tuple[int, str, list[Line]]]:
        """Top-level lines beginning with `word`, each with the indented ones below it."""
        for at, (number, line) in enumerate(self.lines):
            if not line.startswith(word):
                continue
            inside = []
            for n, below in self.lines[at + 1 :]:
                if below.strip() in ("", "!"):
                    continue
                if not below.startswith(" "):
                    break
                inside.append((n, below.strip()))
            yield number, line, inside


def has(lines: list[Line], *starts: str) -> bool:
    return any(line.startswith(starts) for _n, line in lines)


def first(bad: list[Line]) -> Reading:
    return (FAIL, bad[0][0]) if bad else (PASS, None)


def need(there: object) -> Reading:
    return (PASS if there else FAIL, None)


# --- IOS and EOS -----------------------------------------------------------------------------


def telnet(text: Text, eos: bool) -> Reading:
    if eos:
        for _n, _l, inside in text.blocks("management telnet"):
            if has(inside, "no shutdown"):
                return FAIL, inside[0][0]
        return PASS, None
    vty = list(text.blocks("line vty"))
    for number, _line, inside in vty:
        wanted = [one for one in inside if one[1].startswith("transport input")]
        if not wanted:
            return FAIL, number
        for n, line in wanted:
            if line not in ("transport input ssh", "transport input none"):
                return FAIL, n
    return need(vty)


def communities(text: Text) -> list[Line]:
    return text.starting("snmp-server community ")


def bound_lists(text: Text) -> Reading:
    names = {
        line.split()[2]: None
        for _n, _l, inside in text.blocks("interface ")
        for _m, line in inside
        if line.startswith("ip access-group ")
    }
    if not names:
        return NONE, None
    for name in names:
        for _n, head, inside in text.blocks("ip access-list "):
            if head.split()[-1] == name:
                for n, line in inside:
                    if "permit ip any any" in line:
                        return FAIL, n
        for n, line in text.starting(f"access-list {name} "):
            if "permit ip any any" in line:
                return FAIL, n
        known = {head.split()[-1] for _n, head, _i in text.blocks("ip access-list ")}
        if name not in known and not text.starting(f"access-list {name} "):
            return FAIL, None
    return PASS, None


def central(text: Text, eos: bool) -> Reading:
    way = [
        one
        for one in text.starting("aaa authentication login ")
        if " group " in one[1] and " local" in one[1]
    ]
    return need(way and (eos or text.starting("aaa new-model")))


def hashes(text: Text, eos: bool) -> Reading:
    users = [
        one
        for one in text.starting("username ")
        if re.search(r" (secret|password|nopassword)\b", one[1])
    ]
    if not users:
        return NONE, None
    good = (" secret sha512 ",) if eos else (" secret 8 ", " secret 9 ")
    return first([one for one in users if not any(sign in one[1] for sign in good)])


def privileged(text: Text, eos: bool) -> Reading:
    if eos:
        return need([1 for _n, line in text.starting("enable ") if " sha512 " in line])
    bad = text.starting("enable password")
    if bad:
        return FAIL, bad[0][0]
    secrets = text.starting("enable secret")
    weak = [one for one in secrets if not re.search(r" [89] ", one[1])]
    return first(weak) if secrets else (FAIL, None)


def default_names(text: Text) -> Reading:
    return first(
        [one for one in text.starting("username ") if one[1].split()[1].lower() in DEFAULT_NAMES]
    )


def algorithms(text: Text, eos: bool) -> Reading:
    if eos:
        ssh = [inside for _n, _l, inside in text.blocks("management ssh")]
        return need(ssh and all(has(ssh[0], word) for word in ("cipher", "mac", "key-exchange")))
    return need(
        all(
            text.starting(f"ip ssh server algorithm {kind}")
            for kind in ("encryption", "mac", "kex")
        )
    )


def sources(text: Text, eos: bool) -> Reading:
    word, wanted = ("management ssh", "ip access-group") if eos else ("line vty", "access-class")
    blocks = list(text.blocks(word))
    for number, _line, inside in blocks:
        if not has(inside, wanted):
            return FAIL, number
    return need(blocks)


def sources6(text: Text, eos: bool) -> Reading:
    if not text.starting("ipv6 address "):
        return NONE, None
    word, wanted = (
        ("management ssh", "ipv6 access-group") if eos else ("line vty", "ipv6 access-class")
    )
    blocks = list(text.blocks(word))
    for number, _line, inside in blocks:
        if not has(inside, wanted):
            return FAIL, number
    return need(blocks)


def web(text: Text, eos: bool) -> Reading:
    if eos:
        for _n, _l, inside in text.blocks("management api http-commands"):
            bad = [one for one in inside if one[1] == "protocol http"]
            if bad:
                return first(bad)
        return PASS, None
    bad = [one for one in text.starting("ip http server") if one[1] == "ip http server"]
    if bad:
        return first(bad)
    secure = text.starting("ip http secure-server")
    if secure and not text.starting("ip http access-class"):
        return FAIL, secure[0][0] if text.starting("no ip http server") else None
    return need(text.starting("no ip http server"))


def vlan1(text: Text) -> Reading:
    for _n, line, inside in text.blocks("interface Vlan1"):
        address = [one for one in inside if one[1].startswith(("ip address", "ipv6 address"))]
        if (
            line == "interface Vlan1"
            and address
            and "shutdown" not in [below for _m, below in inside]
        ):
            return FAIL, address[0][0]
    return PASS, None


def bound_communities(text: Text) -> Reading:
    found = communities(text)
    if not found:
        return NONE, None
    return first([one for one in found if len(one[1].split()) < 5])


def private(text: Text) -> Reading:
    found = [one for one in text.starting("snmp-server group ") if " v3 " in one[1]]
    return first([one for one in found if " v3 priv" not in one[1]]) if found else (NONE, None)


def log_servers(text: Text) -> Reading:
    return need(
        [
            1
            for _n, line in text.starting("logging ")
            if re.search(r"^logging (vrf \S+ )?(host \S|\d+\.\d)", line)
        ]
    )


def clocks(text: Text) -> Reading:
    names = {
        re.sub(r"^ntp server (vrf \S+ )?", "", line).split()[0]
        for _n, line in text.starting("ntp server ")
    }
    return need(len(names) >= 2)


def access_ports(text: Text) -> list[tuple[int, list[Line]]]:
    return [
        (number, inside)
        for number, _line, inside in text.blocks("interface ")
        if ("switchport mode access") in [line for _n, line in inside]
    ]


def guarded(text: Text) -> Reading:
    ports = access_ports(text)
    if not ports:
        return NONE, None
    if [1 for _n, line in text.starting("spanning-tree ") if "bpduguard default" in line]:
        return PASS, None
    for number, inside in ports:
        words = [line for _n, line in inside]
        if "shutdown" not in words and "spanning-tree bpduguard enable" not in words:
            return FAIL, number
    return PASS, None


def snooping(text: Text) -> Reading:
    if not access_ports(text):
        return NONE, None
    there = [line for _n, line in text.starting("ip dhcp snooping")]
    return need("ip dhcp snooping" in there and any(" vlan " in line for line in there))


def asked(text: Text) -> Reading:
    ports = [
        (number, [line for _n, line in inside])
        for number, inside in access_ports(text)
        if "shutdown" not in [line for _n, line in inside]
    ]
    if not ports:
        return NONE, None
    for number, words in ports:
        if not has(
            [(0, word) for word in words],
            "dot1x",
            "authentication port-control",
            "switchport port-security",
        ):
            return FAIL, number
    return PASS, None


def neighbours(text: Text) -> list[tuple[str, Line, str]]:
    """Each BGP neighbour with a remote AS: own AS, its line, its name."""
    found = []
    for _n, line, inside in text.blocks("router bgp"):
        for n, below in inside:
            if re.match(r"neighbor \S+ remote-as ", below):
                found.append((line.split()[2], (n, below), below.split()[1]))
    return found


def says(text: Text, name: str, what: str) -> bool:
    groups = [name] + [
        line.split()[-1]
        for _n, line in text.starting(
            f"neighbor {name} peer-group ", f"neighbor {name} peer group "
        )
    ]
    return any(
        re.match(rf"neighbor {re.escape(one)} {what}", line)
        for one in groups
        for _n, line in text.starting(f"neighbor {one} ")
    )


def authenticated(text: Text) -> Reading:
    peers, ospf = neighbours(text), list(text.blocks("router ospf"))
    if not peers and not ospf:
        return NONE, None
    for _own, line, name in peers:
        if not says(text, name, "password "):
            return FAIL, line[0]
    if ospf and not text.starting("ip ospf authentication"):
        for number, _line, inside in ospf:
            if not [1 for _n, line in inside if re.match(r"area \S+ authentication", line)]:
                return FAIL, number
    return PASS, None


def filtered(text: Text, eos: bool) -> Reading:
    outside = [one for one in neighbours(text) if one[1][1].split()[3] != one[0]]
    if not outside:
        return NONE, None
    bound = "maximum-routes [1-9]" if eos else "maximum-prefix "
    kinds = "(route-map|prefix-list|filter-list|distribute-list)"
    for _own, line, name in outside:
        if not (
            says(text, name, rf"{kinds} \S+ in$")
            and says(text, name, rf"{kinds} \S+ out$")
            and says(text, name, bound)
        ):
            return FAIL, line[0]
    return PASS, None


def cisco_like(content: str, eos: bool) -> dict[str, Reading]:
    text = Text(lines_of(content))
    named = [one for one in communities(text) if one[1].split()[2].lower() in DEFAULT_COMMUNITIES]
    writing = [one for one in communities(text) if " rw" in one[1].lower()]
    vstack = text.starting("vstack")
    return {
        "MGT-01": telnet(text, eos),
        "SNM-01": first(named),
        "SNM-03": first(writing),
        "SVC-02": (NONE, None)
        if eos
        else first(vstack)
        if vstack
        else (PASS, None)
        if text.starting("no vstack")
        else (UNKNOWN, None),
        "FWL-01": bound_lists(text),
        "AAA-01": central(text, eos),
        "AAA-03": hashes(text, eos),
        "AAA-04": privileged(text, eos),
        "AAA-06": default_names(text),
        "MGT-02": (NONE, None) if eos else need(text.starting("ip ssh version 2")),
        "MGT-03": algorithms(text, eos),
        "MGT-05": sources(text, eos),
        "MGT-06": sources6(text, eos),
        "MGT-07": web(text, eos),
        "MGT-13": vlan1(text),
        "SNM-02": first(communities(text)),
        "SNM-04": bound_communities(text),
        "SNM-05": private(text),
        "LOG-01": log_servers(text),
        "TIM-01": clocks(text),
        "L2-05": guarded(text),
        "L2-07": snooping(text),
        "L2-10": asked(text),
        "RTG-01": authenticated(text),
        "RTG-03": filtered(text, eos),
    }


# --- Junos, `set` lines ----------------------------------------------------------------------


def junos(content: str) -> dict[str, Reading]:
    lines = [
        (n, line.strip().removeprefix("set "))
        for n, line in enumerate(content.split("\n"), 1)
        if line.startswith("set ")
    ]

    def grep(pattern: str) -> list[Line]:
        return [one for one in lines if re.search(pattern, one[1])]

    def where(condition: list[Line], there: list[Line]) -> Reading:
        if not condition:
            return NONE, None
        return (PASS, None) if there else (FAIL, None)

    users = grep("^system login user .* authentication (encrypted|plain)")
    roots = grep("^system root-authentication ")
    ssh, access = grep("^system services ssh"), grep("(interface|port)-mode access$")
    lo0 = grep("^interfaces lo0 .* family inet filter input")
    inet6 = grep("^interfaces .* family inet6 address")
    return {
        "MGT-01": first(grep("^system services telnet")),
        "SNM-01": first(grep(r"^snmp community (public|private|cisco|admin|manager|community)\b")),
        "SNM-03": first(grep("^snmp community .* authorization read-write")),
        "SVC-02": (NONE, None),
        "FWL-01": _policies(grep("^security policies .* policy ")),
        "AAA-01": need(
            grep("^system authentication-order (radius|tacplus)")
            and grep("^system authentication-order password")
        ),
        "AAA-03": first([one for one in users if not re.search(r'"?\$[56]\$', one[1])])
        if users
        else (NONE, None),
        "AAA-04": first([one for one in roots if not re.search(r'"?\$[56]\$', one[1])])
        if roots
        else (FAIL, None),
        "AAA-06": first(grep(f"^system login user ({'|'.join(DEFAULT_NAMES)})( |$)")),
        "MGT-02": first(grep("^system services ssh protocol-version v1")) if ssh else (NONE, None),
        "MGT-03": need(
            grep("^system services ssh ciphers")
            and grep("^system services ssh macs")
            and grep("^system services ssh key-exchange")
        ),
        "MGT-05": need(lo0),
        "MGT-06": where(inet6, grep("^interfaces lo0 .* family inet6 filter input")),
        "MGT-07": first(grep("^system services web-management http( |$)")),
        "MGT-13": _vlan1(grep("^vlans ")),
        "SNM-02": first(grep("^snmp community ")),
        "SNM-04": _clients(grep("^snmp community ")),
        "SNM-05": (NONE, None) if not grep("^snmp v3 usm") else (UNKNOWN, None),
        "LOG-01": need(grep("^system syslog host ")),
        "TIM-01": need(len({one[1].split()[3] for one in grep("^system ntp server ")}) >= 2),
        "L2-05": where(access, grep("^protocols .*bpdu-block-on-edge")),
        "L2-07": where(access, grep("^vlans .* dhcp-security")),
        "L2-10": where(access, grep("^protocols dot1x authenticator")),
        "RTG-01": _junos_keys(lines),
        "RTG-03": _junos_filters(lines),
    }


def _policies(lines: list[Line]) -> Reading:
    names = {line.split(" match ")[0].split(" then ")[0] for _n, line in lines}
    if not names:
        return NONE, None
    for name in sorted(names):
        mine = [(n, line) for n, line in lines if line.startswith(name + " ")]
        words = " ".join(line for _n, line in mine)
        if all(
            sign in words
            for sign in (
                "source-address any",
                "destination-address any",
                "application any",
                "then permit",
            )
        ):
            return FAIL, mine[0][0]
    return PASS, None


def _vlan1(lines: list[Line]) -> Reading:
    if not lines:
        return NONE, None
    for name in {line.split()[1] for _n, line in lines}:
        mine = [(n, line) for n, line in lines if line.split()[1] == name]
        number = [n for n, line in mine if line.endswith(" vlan-id 1")]
        if number and any(" l3-interface " in line for _n, line in mine):
            return FAIL, number[0]
    return PASS, None


def _clients(lines: list[Line]) -> Reading:
    if not lines:
        return NONE, None
    for name in dict.fromkeys(line.split()[2] for _n, line in lines):
        mine = [(n, line) for n, line in lines if line.split()[2] == name]
        if not any(" clients " in line or " client-list-name " in line for _n, line in mine):
            return FAIL, mine[0][0]
    return PASS, None


def _groups(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for n, line in lines:
        match = re.match(r"((?:routing-instances \S+ )?protocols bgp group \S+)", line)
        if match:
            found.setdefault(match[1], []).append((n, line))
    return found


def _junos_keys(lines: list[Line]) -> Reading:
    groups = _groups(lines)
    ports: dict[str, list[Line]] = {}
    for n, line in lines:
        match = re.match(
            r"((?:routing-instances \S+ )?protocols ospf3? area \S+ interface (\S+))", line
        )
        if match and not match[2].startswith("lo"):
            ports.setdefault(match[1], []).append((n, line))
    if not groups and not ports:
        return NONE, None
    for mine in groups.values():
        if not any("authentication-key" in line or "ipsec-sa" in line for _n, line in mine):
            return FAIL, mine[0][0]
    for mine in ports.values():
        if not any(re.search(r" (authentication|passive|ipsec-sa)\b", line) for _n, line in mine):
            return FAIL, mine[0][0]
    return PASS, None


def _junos_filters(lines: list[Line]) -> Reading:
    outside = {
        name: mine
        for name, mine in _groups(lines).items()
        if not any(line.endswith(" type internal") for _n, line in mine)
    }
    if not outside:
        return NONE, None
    everywhere = [
        line
        for _n, line in lines
        if re.match(r"(routing-instances \S+ )?protocols bgp (?!group)", line)
    ]
    for sign in (" import ", " export ", "prefix-limit "):
        if any(sign in line for line in everywhere):
            continue
        for mine in outside.values():
            if not any(sign in line for _n, line in mine):
                return FAIL, mine[0][0]
    return PASS, None


READERS: dict[str, Callable[[str], dict[str, Reading]]] = {
    "ios": lambda content: cisco_like(content, eos=False),
    "eos": lambda content: cisco_like(content, eos=True),
    "junos": junos,
}


def dialect_of(path: Path, content: str) -> str:
    """Tell IOS, EOS and Junos `set` files of the laboratory set apart by how they begin."""
    if "display_set" in path.name:
        return "junos"
    if not path.name.startswith("show_running"):
        return ""
    if content.startswith("! Command: show running-config\n! device:"):
        return "eos"
    return "ios" if content.lstrip().startswith("Building configuration") else ""


def cases(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield name, dialect and text of every configuration below `root`."""
    for path in sorted(root.glob("*/configs/*/*")):
        content = path.read_text(encoding="utf-8", errors="replace")
        spoken = dialect_of(path, content)
        if spoken:
            yield "/".join((path.parts[-4], path.parts[-2])), spoken, content
