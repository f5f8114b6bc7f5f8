"""Every platform file is whole, recognised by its own words, and hides its own secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError, NotFoundError
from inventory import platforms
from inventory.platforms.schema import REDACTED

CISCO = "1.3.6.1.4.1.9.1.1208"
NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"

SEEN = [
    ("cisco_ios", CISCO, "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), 15.2(7)E8"),
    ("arista_eos", "1.3.6.1.4.1.30065.1.3011", "Arista Networks EOS version 4.28.3M"),
    ("cisco_nxos", "1.3.6.1.4.1.9.12.3.1.3.1812", "Cisco NX-OS(tm) n9000, Version 9.3(5)"),
    ("cisco_xr", "1.3.6.1.4.1.9.1.1029", "Cisco IOS XR Software (ASR9K), Version 6.4.2[Default]"),
    ("frr", NET_SNMP, "FRRouting 8.4.4 on Debian GNU/Linux 12"),
    ("linux", NET_SNMP, "Linux srv 6.1.0-18-amd64 #1 SMP x86_64"),
    ("ups_rfc1628", "1.3.6.1.2.1.33", "a UPS"),
    (
        "huawei_vrp",
        "1.3.6.1.4.1.2011.2.23.291",
        "Huawei Versatile Routing Platform Software",
    ),
    ("hp_comware", "1.3.6.1.4.1.25506.11.1.85", "HP V1910-48G Switch Software Version 5.20"),
    ("mikrotik_routeros", ".1.3.6.1.4.1.14988.1", "RouterOS RB951G"),
    ("fortinet", "1.3.6.1.4.1.12356.101.1.2003", "our firewall"),
    ("cisco_asa", "1.3.6.1.4.1.9.1.745", "Cisco Adaptive Security Appliance Version 9.12(4)67"),
    ("aruba_aoscx", "1.3.6.1.4.1.47196.4.1.1.1.100", "Aruba JL660A FL.10.13.1101"),
    ("aruba_os", "1.3.6.1.4.1.14823.1.1.52", "ArubaOS (MODEL: Aruba7210), Version 8.10.0.7"),
    ("tplink_jetstream", "1.3.6.1.4.1.11863.5.38", "JetStream 24-Port Gigabit L2 Managed Switch"),
    ("ruckus_fastiron", "1.3.6.1.4.1.1991.1.3.62", "Ruckus Wireless, Inc. ICX7150-48-HPOE,"),
    ("mellanox_mlnxos", "1.3.6.1.4.1.33049.1.1.1.2700", "Mellanox MSN2700"),
    ("netgear_prosafe", "1.3.6.1.4.1.4526.100.4.23", "GS752TPP ProSafe"),
    ("ciena_saos", "1.3.6.1.4.1.6141.1.97", "CN 5171 Service Aggregation Switch"),
    ("ruijie_os", "1.3.6.1.4.1.4881.1.1.10.1.1", "Ruijie 10G Routing Switch(S6220)"),
    ("juniper_junos", "1.3.6.1.4.1.2636.1.1.1.4.82.4", "Juniper Networks, kernel JUNOS 14.1X53"),
]

# What the configurations of each platform hold; the word SeCret must be gone from the redacted one.
SECRETS = {
    "cisco_ios": [
        "enable secret 9 SeCret",
        "username a privilege 15 password 7 SeCret",
        "username a privilege 15 algorithm-type scrypt secret 9 SeCret",
        " password 7 SeCret",
        "snmp-server community SeCret RO 10",
        "snmp-server host 10.0.0.1 version 2c SeCret",
        "snmp-server host 10.0.0.1 SeCret",
        "snmp-server user u g v3 auth sha SeCret priv aes 128 SeCret",
        "tacacs-server host 10.0.0.1 key 7 SeCret",
        " key 7 SeCret",
        "  key-string 7 SeCret",
        " neighbor 10.0.0.1 password 7 SeCret",
        " ip ospf message-digest-key 1 md5 7 SeCret",
        " standby 1 authentication md5 key-string 7 SeCret",
        "crypto isakmp key SeCret address 10.0.0.1",
        "ntp authentication-key 1 md5 SeCret 7",
    ],
    "arista_eos": [
        "username admin privilege 15 role network-admin secret sha512 SeCret",
        "enable password sha512 SeCret",
        "snmp-server community SeCret ro",
        "tacacs-server key 7 SeCret",
        "   neighbor 10.0.0.1 password 7 SeCret",
    ],
    "frr": [
        "password 8 SeCret",
        "enable password SeCret",
        " neighbor 10.0.0.1 password SeCret",
        " neighbor 10.0.0.2 password of two words SeCret",
        " key-string two words SeCret",
        " ip ospf message-digest-key 1 md5 SeCret",
        "  key-string SeCret",
        " isis password md5 SeCret",
        " area-password clear SeCret",
    ],
    "cisco_nxos": [
        "username admin password 5 SeCret role network-admin",
        "snmp-server community SeCret group network-operator",
        "snmp-server user u network-admin auth sha 0xabc priv SeCret localizedkey",
        "snmp-server user u network-admin auth md5 SeCret priv 0xabc localizedkey",
        'tacacs-server key 7 "SeCret"',
        'radius-server host 10.0.0.1 key 7 "SeCret" authentication',
        "  ip ospf message-digest-key 1 md5 3 SeCret",
        "    key-string 7 SeCret",
        "    password 3 5eCret5eCret",
        "ntp authentication-key 1 md5 SeCret 7",
    ],
    "cisco_xr": [
        " secret 5 SeCret",
        " password 7 SeCret",
        "snmp-server community SeCret RO",
        "snmp-server user u g v3 auth sha encrypted SeCret priv aes 128 encrypted 00",
        "snmp-server user u g v3 auth sha encrypted 00 priv aes 128 encrypted SeCret",
        "  key-string password SeCret",
        " neighbor 10.0.0.1 password encrypted SeCret",
        " message-digest-key 1 md5 encrypted SeCret",
        "tacacs-server key 7 SeCret",
        " authentication-key 1 md5 encrypted SeCret",
    ],
    "linux": [
        "rocommunity SeCret 10.0.0.0/24",
        "rwcommunity6 SeCret",
        "com2sec ro 10.0.0.0/24 SeCret",
        "trap2sink 10.0.0.1 SeCret",
        "createUser ops SHA SeCret AES x",
        'createUser ops SHA "x y" AES "SeCret with blank"',
        "root:$6$SeCret:0:0:root:/root:/bin/bash",
        "root:!$6$SeCret:0:0:root:/root:/bin/bash",
        "old:SeCretSeCretx:0:0::/home/old:/bin/sh",
        "+nis:SeCret.SeCret:::::",
        "odd:SeCret:7:7:short:/home/odd:/bin/sh",
        'rwcommunity "x SeCret"',
        "ROCommunity 'x SeCret' default",
        "authcommunity log,execute SeCret",
        'com2secunix -Cn "a b" ro default "x SeCret"',
        "trapcommunity SeCret",
        "trapsess -v 2c -c SeCret 10.0.0.1",
        "trapsess -cSeCret -v2c 10.0.0.1",
        'trapsess -v 3 -u ops -l authPriv -A "x SeCret" 10.0.0.1',
        "trapsess -v 3 -u ops -l authPriv -A x -X SeCret 10.0.0.1",
        "trapsess -v 3 -u ops -3m 0xSeCret 10.0.0.1",
        "proxy -Cn ctx -v 1 -c SeCret 10.0.0.1 .1.3",
        "defAuthPassphrase SeCret",
        "[snmp] defprivlocalizedkey 0xSeCret",
        "smuxpeer .1.3.6.1.4 SeCret",
        "createUser ops SHA -m 0xSeCret AES x",
        "createUser ops SHA -m 0x00 AES -l 0xSeCret",
        'action(type="ommysql" server="h" db="d" uid="u" pwd="x, SeCret")',
        '    serverpassword = "x SeCret"',
        'action(type="omkafka" confParam=["sasl.password=x SeCret", "b=c"])',
        'action(type="ompgsql" conninfo="postgresql://u:SeCret@h/d")',
        "*.* :ommysql:h,d,u,SeCret;tpl",
        "*.* >h,d,u,SeCret",
        "$ActionLibdbiPassword SeCret",
        "auth sufficient pam_tacplus.so server=10.0.0.1 secret=SeCret login=pap",
        "auth required pam_radius.so [secret=x, SeCret] debug",
        "auth required pam_yubico.so id=7 key=SeCret=",
        "crypto randfile /dev/urandom pw SeCret",
    ],
    "huawei_vrp": [
        " local-user admin password irreversible-cipher SeCret",
        " super password level 3 cipher SeCret",
        "snmp-agent community read cipher SeCret",
        "snmp-agent usm-user v3 u authentication-mode sha cipher SeCret",
        " peer 10.0.0.1 password cipher SeCret",
        " set authentication password cipher SeCret",
    ],
    "hp_comware": [
        " password hash SeCret",
        " super password role network-admin hash SeCret",
        " snmp-agent community read SeCret",
        " key authentication cipher SeCret",
        " peer 10.0.0.1 password cipher SeCret",
    ],
    "mikrotik_routeros": [
        "/ppp secret add name=a password=SeCret service=l2tp",
        'set [ find ] wpa2-pre-shared-key="SeCret with blank"',
    ],
    "cisco_asa": [
        "enable password $sha512$SeCret pbkdf2",
        "username oxidized password $sha512$SeCret pbkdf2",
        " key SeCretSeCret",
        " ikev1 pre-shared-key SeCret",
        "snmp-server community SeCret",
    ],
    "aruba_aoscx": [
        "user admin group administrators password ciphertext SeCret",
        "snmp-server community SeCret",
        "radius-server host 10.0.0.1 key ciphertext SeCret",
        "snmpv3 user u auth sha auth-pass ciphertext SeCret priv aes priv-pass ciphertext x",
    ],
    "aruba_os": [
        "mgmt-user admin root SeCret",
        'snmp-server community "SeCret"',
        "    wpa-passphrase SeCret",
        "enable secret SeCret",
    ],
    "tplink_jetstream": [
        "user name admin privilege admin secret 5 SeCret",
        'snmp-server community "SeCret" read-write',
    ],
    "ruckus_fastiron": [
        "enable super-user-password 8 SeCret",
        "username admin password 8 SeCret",
        "snmp-server community 2 SeCret ro",
    ],
    "mellanox_mlnxos": [
        "   username admin password 7 SeCret",
        "   snmp-server community SeCret ro",
    ],
    "netgear_prosafe": [
        'username "admin" secret encrypted SeCret',
        'snmp user "admin" "AUTH" auth md5 encrypted SeCret',
    ],
    "ciena_saos": ['snmp-server community "SeCret"', "  password SeCret"],
    "ruijie_os": [
        "enable secret 5 SeCret",
        "username admin password 7 SeCret",
        " password 7 SeCret",
        "snmp-server community 7 SeCret rw",
        "snmp-server host 10.0.0.1 traps version 2c SeCret",
        "radius-server host 10.0.0.1 key 7 SeCret",
        " neighbor 10.0.0.1 password 7 SeCret",
    ],
    "fortinet": ["        set password ENC SeCret", '    set psksecret "SeCret"'],
    "juniper_junos": [
        '            encrypted-password "SeCret"; ## SECRET-DATA',
        "set snmp community SeCret authorization read-only",
        '        authentication-key "$9$SeCret"; ## SECRET-DATA',
    ],
}


@pytest.mark.parametrize("platform", platforms.worked_on(), ids=lambda platform: platform.name)
def test_each_platform_is_recognised_and_proves_its_redaction(
    platform: platforms.Platform,
) -> None:
    assert platform.name in {name for name, _, _ in SEEN}
    assert platforms.get(platform.name) is platform
    assert bool(platform.secrets) == (platform.name in SECRETS)
    assert platform.snmp_modules[0] == "system"


@pytest.mark.parametrize(("name", "oid", "descr"), SEEN)
def test_a_device_is_recognised_by_what_it_says(name: str, oid: str, descr: str) -> None:
    platform = platforms.recognise(oid, descr)
    assert platform is not None
    assert platform.name == name


@pytest.mark.parametrize(
    ("oid", "descr"),
    [
        ("", ""),
        (CISCO, "a device of Cisco that says no more"),
        ("1.3.6.1.4.1.1498800.1", "not MikroTik: an OID prefix ends at an arc"),
    ],
)
def test_the_unknown_is_not_guessed(oid: str, descr: str) -> None:
    assert platforms.recognise(oid, descr) is None


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in SECRETS.items() for line in lines]
)
def test_a_secret_is_redacted_and_the_rest_stays(name: str, line: str) -> None:
    redacted = platforms.get(name).redact(f"before\n{line}\nafter\n")
    assert "SeCret" not in redacted
    assert REDACTED in redacted
    assert redacted.startswith("before\n")
    assert redacted.endswith("\nafter\n")


@pytest.mark.parametrize("mark", ["+", "-", "+ ", "  17 : ", "no ", "  undo ", "-no ", "+  no "])
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_in_a_difference_is_redacted_too(name: str, mark: str) -> None:
    for line in SECRETS[name]:
        assert "SeCret" not in platforms.get(name).redact(f" same\n{mark}{line}\n")


PLAIN = """\
# file: /etc/login.defs
PASS_MAX_DAYS 99999
# file: /etc/passwd
root:x:0:0:root:/root:/bin/bash
daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin
# file: /etc/pam.d/common-password
password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass sha512
password requisite pam_passwdqc.so passphrase=3 min=disabled,24,11,8,7
# command: sshd -T
passwordauthentication no
authorizedkeysfile .ssh/authorized_keys
# command: ss -lntu
tcp [::]:22 [::]:*
# command: nft list ruleset
elements = { 2001:db8:1::/48,
2001:db8:1:2:3::5,
ip saddr 10.0.0.0/8 tcp dport 22 accept comment "see http://10.0.0.1:80/a"
# file: /etc/rsyslog.conf
action(type="omfwd" target="10.0.0.1" port="514" protocol="tcp")
*.* :omusrmsg:*
# file: /etc/ntp.conf
server 10.0.0.1 iburst
"""


def test_what_is_no_secret_of_a_server_stays_to_be_read() -> None:
    assert platforms.get("linux").redact(PLAIN) == PLAIN


def test_lines_that_change_by_themselves_make_no_new_version() -> None:
    text = "Building configuration...\n! Last configuration change at 10:00:00 UTC\nhostname a\n"
    assert platforms.get("cisco_ios").without_volatile(text) == "hostname a\n"


@given(st.text(), st.text())
def test_no_answer_of_a_device_breaks_recognition(oid: str, descr: str) -> None:
    platforms.recognise(oid, descr)


def test_an_unknown_platform_names_those_like_it() -> None:
    with pytest.raises(NotFoundError) as caught:
        platforms.get("cisco_io")
    assert "cisco_ios" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("name: a\ntitle: a\nshell: cli\nsafety: none\nrecognise: [{}]", "recognise.0"),
        ("name: a\ntitle: a\nshell: cli\nsafety: maybe\nrecognise: [{sys_descr: a}]", "safety"),
        ("name: a\nshell: cli\nsafety: none\nrecognise: [{sys_descr: '('}]", "title"),
        (
            "name: a\ntitle: a\nshell: cli\nsafety: none\nrecognise: [{sys_descr: a}]\n"
            "secrets: [no-group]",
            "secrets.0",
        ),
    ],
)
def test_a_wrong_platform_file_is_refused_by_field(text: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        platforms.parse(text, "a.yaml")
    assert field in {problem.field for problem in caught.value.problems}
