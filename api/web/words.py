"""States and other closed sets in the words, icons and colours of the pages; one table a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from babel.dates import get_day_names

from api.web.alert_words import ALERTS
from hatang.i18n import _, language


@dataclass(frozen=True, slots=True)
class Badge:
    """How a value of a closed set is shown: a word, an icon and a class, never colour alone."""

    word: str
    icon: str
    tone: str


def state(value: str) -> Badge:
    """Return the badge of one of the five states."""
    known = {
        "good": Badge(_("good"), "circle-check", "good"),
        "degraded": Badge(_("degraded"), "alert-triangle", "degraded"),
        "bad": Badge(_("bad"), "circle-x", "bad"),
        "maintenance": Badge(_("in maintenance"), "tool", "maintenance"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def severity(value: str) -> Badge:
    """Return the badge of an incident's severity."""
    known = {
        "critical": Badge(_("critical"), "circle-x", "bad"),
        "warning": Badge(_("warning"), "alert-triangle", "degraded"),
    }
    return known.get(value, Badge(_("notice"), "info-circle", "unknown"))


def incident_state(value: str) -> Badge:
    """Return the badge of where an incident stands."""
    known = {
        "open": Badge(_("open"), "bell-ringing", "bad"),
        "acknowledged": Badge(_("acknowledged"), "user-check", "degraded"),
        "resolved": Badge(_("recovered"), "circle-check", "good"),
    }
    return known.get(value, Badge(value, "help-circle", "unknown"))


def work_state(is_running: bool) -> Badge:  # noqa: FBT001 RUF100 - a template's own word
    """Return the badge of announced work that runs, or comes."""
    if is_running:
        return Badge(_("running"), "player-play", "maintenance")
    return Badge(_("planned"), "calendar", "unknown")


def work_over() -> Badge:
    """Return the badge of announced work that is over."""
    return Badge(_("over"), "circle-check", "unknown")


def weekdays() -> list[tuple[int, str]]:
    """Return the days of the week, Monday first, as `datetime` counts them."""
    names = get_day_names("abbreviated", locale=language())
    return [(number, names[number]) for number in range(7)]


def hit(value: str | None) -> str:
    """Return what an incident does to a site."""
    known = {"bad": _("cut off"), "degraded": _("redundancy lost, or where the cause is")}
    return known.get(value or "", _("not affected"))


def rule_state(value: str) -> Badge:
    """Return the badge of whether a rule fires."""
    known = {
        "firing": Badge(_("firing"), "bell-ringing", "bad"),
        "quiet": Badge(_("quiet"), "circle-check", "good"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def verdict(value: str) -> Badge:
    """Return the badge of an audit's verdict."""
    known = {
        "pass": Badge(_("pass"), "circle-check", "good"),
        "fail": Badge(_("fail"), "circle-x", "bad"),
        "not_applicable": Badge(_("not applicable"), "minus", "unknown"),
        "error": Badge(_("could not be judged"), "alert-triangle", "degraded"),
        "waived": Badge(_("waived"), "hourglass", "maintenance"),
        "manual": Badge(_("manual check"), "eye", "unknown"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def waiver(value: str) -> str:
    """Return the word for where a waiver stands."""
    known = {
        "pending": _("waits for approval"),
        "approved": _("in force"),
        "rejected": _("rejected"),
        "voided": _("ended early"),
        "withdrawn": _("withdrawn"),
        "expired": _("ran out"),
    }
    return known.get(value, value)


def level(value: str) -> str:
    """Return the word of a rule's severity."""
    known = {
        "critical": _("critical"),
        "high": _("high"),
        "medium": _("medium"),
        "low": _("low"),
    }
    return known.get(value, value)


def unit_kind(value: str) -> str:
    """Return the word of a kind of unit."""
    known = {
        "province": _("province"),
        "department": _("department"),
        "commune": _("commune"),
        "ward": _("ward"),
        "special-zone": _("special zone"),
    }
    return known.get(value, _("unit"))


def site_kind(value: str) -> str:
    """Return the word of what a place is in the network."""
    known = {
        "datacentre": _("data centre"),
        "hub": _("hub"),
        "department": _("department's seat"),
        "commune": _("commune's seat"),
    }
    return known.get(value, _("site"))


def role(value: str) -> str:
    """Return the word of a device's role."""
    known = {
        "core": _("core router"),
        "hub": _("hub router"),
        "commune-router": _("commune router"),
        "router": _("router"),
        "switch": _("switch"),
        "access-point": _("access point"),
        "firewall": _("firewall"),
        "waf": _("web application firewall"),
        "load-balancer": _("load balancer"),
        "server": _("server"),
        "hypervisor": _("hypervisor"),
        "storage": _("storage"),
        "console-server": _("console server"),
        "ups": _("UPS"),
        "pdu": _("power strip"),
        "codec": _("room's codec"),
        "bridge": _("bridge (MCU)"),
        "registrar": _("SIP registrar"),
        "camera": _("camera"),
        "other": _("other device"),
    }
    return known.get(value, value)


def element_kind(value: str) -> str:
    """Return the word of a kind of measured element."""
    known = {
        "device": _("device"),
        "interface": _("interface"),
        "ups": _("UPS"),
        "bgp": _("BGP neighbour"),
        "ospf": _("OSPF neighbour"),
        "service": _("service"),
        "site": _("site"),
        "room": _("room"),
        "link": _("link"),
        "circuit": _("circuit"),
        "provider": _("carrier"),
    }
    return known.get(value, value)


def alert(value: str) -> str:
    """Return what an alert's name says; one we do not know is shown as it is."""
    known = ALERTS.get(value)
    return value if known is None else _(known)


def safety(value: str) -> str:
    """Return by what a device takes a change back by itself."""
    known = {
        "native": _("the device's own confirmed commit"),
        "file_restore": _("restoring the file"),
        "reload": _("a reload, which interrupts"),
        "none": _("nothing"),
    }
    return known.get(value, value)


def field(value: str) -> str:
    """Return what a field of a form is called on its page; one we do not know stays as it is."""
    known = {
        "elements": _("On what"),
        "reason": _("Reason"),
        "note": _("Note"),
        "starts_at": _("From"),
        "ends_at": _("Until"),
        "first": _("First day"),
        "until": _("Last day"),
        "begin": _("At"),
        "minutes": _("For minutes"),
        "monthday": _("Day of the month; -1 is the last"),
        "notice": _("The notice as it was received"),
        "text": _("The notice as it was received"),
        "party": _("Who said it"),
        "ticket": _("Ticket number"),
        "promised_at": _("Promised for"),
        "receiver": _("To whom"),
        "month": _("Month"),
        "bridge": _("Bridge (MCU)"),
        "points": _("Points"),
        "call_kbps": _("Rate of a call, kbit/s"),
        "content_kbps": _("Rate of shared content, kbit/s"),
        "alias": _("Is called"),
        "room": _("Room"),
    }
    return known.get(value, value)


def incident_event(value: str) -> str:
    """Return what a line of an incident's timeline tells."""
    known = {
        "opened": _("opened"),
        "cause_moved": _("cause found further up"),
        "probable_cause": _("probable cause"),
        "acknowledged": _("acknowledged"),
        "note": _("note"),
        "forwarded": _("people were told"),
        "escalated": _("escalated: nobody took it in time"),
        "resolved": _("recovered"),
        "closed": _("closed by hand"),
        "taken_over": _("taken over"),
        "released": _("given back"),
        "handed_over": _("handed over"),
        "ticket": _("ticket"),
    }
    return known.get(value, value)


CURVES: Final = (
    *("received", "sent", "errors", "echo", "used", "temperature", "power"),
    *("charge", "load", "duration", "succeeded", "committed-rate"),
)


def graph(name: str) -> str:
    """Return the title of a graph."""
    known = {
        "traffic": _("Traffic"),
        "errors": _("Errors and discards"),
        "round-trip": _("Echo round trip"),
        "processor": _("Processor"),
        "memory": _("Memory"),
        "temperature": _("Temperature"),
        "optics": _("Optical power"),
        "battery": _("Battery and load"),
        "duration": _("Time until the answer"),
        "availability": _("Answered"),
    }
    return known.get(name, name)


def curve(name: str) -> str:
    """Return what a curve of a graph is called."""
    known = {
        "received": _("received"),
        "sent": _("sent"),
        "errors": _("errors"),
        "echo": _("round trip"),
        "used": _("used"),
        "temperature": _("temperature"),
        "power": _("power"),
        "charge": _("charge"),
        "load": _("load"),
        "duration": _("duration"),
        "succeeded": _("answered"),
        "committed-rate": _("committed rate"),
    }
    return known.get(name, name)


def measured() -> Badge:
    """Return the badge of a hint that a monitor took up."""
    return Badge(_("yes"), "circle-check", "good")


def hint_kind(value: str) -> str:
    """Return what kind of thing a device said."""
    known = {
        "link_down": _("port down"),
        "link_up": _("port up"),
        "neighbour_lost": _("routing neighbour lost"),
        "neighbour_up": _("routing neighbour back"),
        "neighbour_changed": _("routing neighbour changed"),
        "restarted": _("restarted"),
        "auth_failed": _("failed login"),
        "config_changed": _("configuration changed"),
        "on_battery": _("on battery"),
        "on_mains": _("back on mains"),
        "battery_low": _("battery low"),
        "hardware": _("hardware fault"),
        "role_changed": _("role in the cluster changed"),
        "overloaded": _("overloaded"),
    }
    return known.get(value, value)


def grouping(value: str) -> str:
    """Return what times of response are told apart by."""
    known = {"unit": _("Unit"), "circuit": _("Circuit"), "carrier": _("Carrier")}
    return known.get(value, value)


def rule_topic(value: str) -> str:
    """Return what the rules of a file are about."""
    known = {
        "backups": _("Backups and configurations"),
        "capacity": _("Capacity"),
        "certificates": _("Certificates"),
        "circuits": _("Circuits and ways"),
        "conference": _("Conference"),
        "environment": _("Environment and hardware"),
        "hatang": _("hatang itself"),
        "interfaces": _("Interfaces and optics"),
        "notification": _("Notification"),
        "own": _("Your own rules"),
        "reachability": _("Reachability"),
        "routing": _("Routing"),
        "servers": _("Servers"),
        "services": _("Services"),
        "storage": _("Storage"),
        "ups": _("Power (UPS)"),
    }
    return known.get(value, value)
