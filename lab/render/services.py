"""The data centre's services: portal, names, mail, SIP registrar, conference bridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.keys import Secrets
    from lab.topology import Node, Province

ZONE = "tinh.test"
JANUS_HTTP_PORT = 8088
JANUS_ADMIN_PORT = 7088
SIP_PORT = 5060
RPC_PORT = 5080
MEETING_ROOM = 1234


@dataclass(frozen=True)
class File:
    """One file of a node's own layer."""

    path: str
    text: str
    mode: int = 0o644
    owner: str = "root:root"


@dataclass(frozen=True)
class Service:
    """What a server adds to the agents: files, and commands that start it."""

    files: list[File]
    start: list[str]


NGINX_CONF = """\
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 128; }
http {
  access_log off;
  default_type text/html;
  server {
    listen 80;
    return 301 https://$host$request_uri;
  }
  server {
    listen 443 ssl;
    server_name portal.tinh.test;
    ssl_certificate /etc/nginx/portal.pem;
    ssl_certificate_key /etc/nginx/portal.key;
    root /var/www/portal;
  }
}
"""


def portal(node: Node, province: Province, secrets: Secrets) -> Service:
    """Return the e-government portal: nginx with a certificate of the lab's CA."""
    del province
    chain, key = secrets.server_certificate(node.name, [f"portal.{ZONE}"], node.address)
    page = "<!doctype html><meta charset=utf-8><title>Cổng thông tin điện tử</title>Xin chào.\n"
    files = [
        File("etc/nginx/nginx.conf", NGINX_CONF),
        File("etc/nginx/portal.pem", chain),
        File("etc/nginx/portal.key", key, 0o600),
        File("var/www/portal/index.html", page),
    ]
    return Service(files, ["/usr/sbin/nginx"])


def names(node: Node, province: Province, secrets: Secrets) -> Service:
    """Return the zone tinh.test on bind9."""
    del secrets
    options = (
        'options { directory "/var/cache/bind"; recursion no; listen-on { any; };'
        " listen-on-v6 { none; }; dnssec-validation no; };\n"
        "controls { };\n"
        f'zone "{ZONE}" {{ type primary; file "/etc/bind/db.{ZONE}"; }};\n'
    )
    lines = ["$TTL 60", f"@ IN SOA ns.{ZONE}. noc.{ZONE}. ( 1 300 60 3600 60 )", "@ IN NS ns"]
    lines += ["@ IN MX 10 mail", f"_sip._udp IN SRV 0 0 {SIP_PORT} sip", f"ns IN A {node.address}"]
    for server in province.nodes.values():
        if server.name.startswith("srv-"):
            lines.append(f"{server.name.removeprefix('srv-')} IN A {server.address}")
    files = [
        File("etc/bind/named.conf", options),
        File(f"etc/bind/db.{ZONE}", "\n".join(lines) + "\n"),
    ]
    start = ["mkdir -p /run/named; chown bind:bind /run/named", "/usr/sbin/named -4 -n 1 -u bind"]
    return Service(files, start)


def mail(node: Node, province: Province, secrets: Secrets) -> Service:
    """Return postfix with a Maildir for noc@tinh.test."""
    del node, secrets
    main = f"""\
compatibility_level = 3.6
myhostname = mail.{ZONE}
mydomain = {ZONE}
mydestination = {ZONE}, mail.{ZONE}, localhost
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8 {province.addresses.prefix}
home_mailbox = Maildir/
maillog_file = /var/log/postfix.log
alias_maps =
alias_database =
smtpd_peername_lookup = no
disable_dns_lookups = yes
"""
    start = [
        "sed -i 's/^smtp\\( *\\)inet\\(.*\\) y  /smtp\\1inet\\2 n  /' /etc/postfix/master.cf",
        "grep -q ^postlog /etc/postfix/master.cf"
        " || echo 'postlog unix-dgram n - n - 1 postlogd' >> /etc/postfix/master.cf",
        "/usr/sbin/postfix start >/var/log/postfix-start.log 2>&1",
    ]
    return Service([File("etc/postfix/main.cf", main)], start)


KAMAILIO_CFG = """\
#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias="tinh.test"
listen=udp:{address}:{sip}
listen=tcp:{address}:{rpc}
tcp_accept_no_cl=yes
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
loadmodule "siputils.so"
loadmodule "xhttp.so"
loadmodule "jsonrpcs.so"
loadmodule "kex.so"
loadmodule "corex.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 3600)
modparam("registrar", "min_expires", 5)
modparam("nathelper", "natping_interval", 10)
modparam("nathelper", "ping_nated_only", 0)
modparam("nathelper", "sipping_bflag", 7)
modparam("nathelper", "sipping_from", "sip:ping@tinh.test")
modparam("nathelper", "sipping_method", "OPTIONS")
modparam("jsonrpcs", "transport", 1)
request_route {{
  if (is_method("OPTIONS") && uri == myself && $rU == $null) {{
    sl_send_reply("200", "Keepalive");
    exit;
  }}
  if (is_method("REGISTER")) {{
    setbflag(7);
    if (!save("location")) sl_reply_error();
    exit;
  }}
  if (!lookup("location")) {{
    sl_send_reply("404", "Not registered");
    exit;
  }}
  record_route();
  t_relay();
}}
event_route[xhttp:request] {{
  if ($hu =~ "^/RPC") jsonrpc_dispatch();
  else xhttp_reply("404", "Not found", "text/plain", "no such page");
}}
"""


def registrar(node: Node, province: Province, secrets: Secrets) -> Service:
    """Return kamailio: in-memory registrar, JSON-RPC at /RPC, OPTIONS to each contact."""
    del province, secrets
    text = KAMAILIO_CFG.format(address=node.address, sip=SIP_PORT, rpc=RPC_PORT)
    start = [
        "mkdir -p /run/kamailio; chown kamailio:kamailio /run/kamailio",
        "/usr/sbin/kamailio -f /etc/kamailio/kamailio.cfg -m 32 -M 4 -u kamailio -g kamailio"
        " -P /run/kamailio/kamailio.pid -Y /run/kamailio -E >/var/log/kamailio.log 2>&1",
    ]
    return Service([File("etc/kamailio/kamailio.cfg", text)], start)


_JANUS_LIB = "/usr/lib/x86_64-linux-gnu/janus"
_JANUS_PLUGINS_OFF = (
    "audiobridge",
    "duktape",
    "lua",
    "nosip",
    "recordplay",
    "sip",
    "streaming",
    "textroom",
    "videocall",
    "voicemail",
)
_JANUS_TRANSPORTS_OFF = ("mqtt", "nanomsg", "pfunix", "rabbitmq", "websockets")


def bridge(node: Node, province: Province, secrets: Secrets) -> Service:
    """Return Janus' VideoRoom. It ignores loopback interfaces, so media stand on eth1."""
    del province
    plugins = ",".join(f"libjanus_{name}.so" for name in _JANUS_PLUGINS_OFF)
    transports = ",".join(f"libjanus_{name}.so" for name in _JANUS_TRANSPORTS_OFF)
    main = f"""\
general: {{
  configs_folder = "/etc/janus"
  plugins_folder = "{_JANUS_LIB}/plugins"
  transports_folder = "{_JANUS_LIB}/transports"
  events_folder = "{_JANUS_LIB}/events"
  loggers_folder = "{_JANUS_LIB}/loggers"
  debug_level = 3
  admin_secret = "{secrets.janus_admin}"
  server_name = "{node.name}"
  session_timeout = 60
}}
media: {{ rtp_port_range = "20000-20400"  ipv6 = false }}
nat: {{ full_trickle = false  ice_enforce_list = "eth1"  ignore_mdns = true }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
events: {{ broadcast = true  stats_period = 2 }}
"""
    http = f"""\
general: {{ json = "plain"  base_path = "/janus"  http = true  port = {JANUS_HTTP_PORT}
  ip = "{node.address}"  https = false }}
admin: {{ admin_base_path = "/admin"  admin_http = true  admin_port = {JANUS_ADMIN_PORT}
  admin_ip = "{node.address}"  admin_https = false }}
"""
    room = f"""\
general: {{ }}
room-{MEETING_ROOM}: {{ description = "Họp giao ban Ủy ban nhân dân tỉnh"  is_private = false
  secret = "{secrets.janus_room}"  publishers = 32  bitrate = 1024000
  audiocodec = "opus"  videocodec = "vp8,h264"  record = false }}
"""
    files = [
        File("etc/janus/janus.jcfg", main, 0o600),
        File("etc/janus/janus.transport.http.jcfg", http),
        File("etc/janus/janus.plugin.videoroom.jcfg", room, 0o600),
    ]
    start = ["setsid /usr/bin/janus -o -F /etc/janus </dev/null >/var/log/janus.log 2>&1 &"]
    return Service(files, start)


SERVICES: dict[str, Callable[[Node, Province, Secrets], Service]] = {
    "srv-portal": portal,
    "srv-dns": names,
    "srv-mail": mail,
    "srv-sip": registrar,
    "srv-bridge": bridge,
}
