"""What the EOS persona accepts in configuration mode (see `grammar` for the notation)."""

from lab.simulators.grammar import compile_grammar

_CONFIG = """
=hostname NAME
=dns domain NAME
=ip domain-name NAME
ip name-server [LINE]
~ip routing
~ipv6 unicast-routing
ip route PREFIX NAME [LINE]
ip route vrf NAME PREFIX NAME [LINE]
ip prefix-list NAME LINE
ip access-list NAME -> acl
ip access-list standard NAME -> acl
ip virtual-router mac-address NAME
interface IFNAME -> interface
interface defaults -> defaults
vlan NAME -> vlan
router ospf <1-65535> -> router
router ospf <1-65535> vrf NAME -> router
router bgp <1-4294967295> -> router
route-map NAME permit|deny <0-65535> -> map
vrf instance NAME -> vrf
management api http-commands -> api
management ssh -> ssh
management console -> ssh
management security -> ssh
management telnet -> ssh
transceiver qsfp default-mode NAME
=service routing protocols model NAME
~service interface inactive expose
=spanning-tree mode NAME
~spanning-tree edge-port bpduguard default
=spanning-tree vlan-id NAME! priority <0-61440>
=spanning-tree mst NAME! priority <0-61440>
~lldp run
=username NAME! LINE
=enable secret LINE
=enable password LINE
~aaa root
=aaa authentication login NAME! LINE
=aaa authentication enable default LINE
=aaa authorization exec default LINE
=aaa authorization commands NAME! default LINE
=aaa accounting exec default LINE
=aaa accounting commands NAME! default LINE
aaa group server radius|tacacs+ NAME -> group
ntp server LINE
ntp authenticate
=ntp authentication-key <1-65534>! LINE
ntp trusted-key LINE
=ntp local-interface IFNAME
=clock timezone NAME
logging host NAME [LINE]
=logging buffered LINE
=logging console LINE
=logging trap LINE
=logging facility NAME
=logging source-interface IFNAME
=logging format timestamp LINE
=snmp-server location LINE
=snmp-server contact LINE
=snmp-server chassis-id LINE
snmp-server community NAME! [LINE]
=snmp-server group NAME! v1|v2c|v3 [LINE]
=snmp-server user NAME! LINE
=snmp-server view NAME! LINE
snmp-server host NAME! LINE
snmp-server enable traps [LINE]
=snmp-server local-interface IFNAME
=tacacs-server host NAME! [LINE]
=radius-server host NAME! [LINE]
=errdisable recovery cause NAME!
=errdisable recovery interval <30-86400>
=system l1 [LINE]
=queue-monitor length [LINE]
=banner motd
event-handler NAME -> group
daemon NAME -> group
alias NAME LINE
class-map type NAME LINE
policy-map type NAME LINE
hardware LINE
=mac address-table aging-time <0-1000000>
"""

_INTERFACE = """
=description LINE
~shutdown
=ip address PREFIX
ip address PREFIX secondary
=ip address dhcp
~ip proxy-arp
=ip access-group NAME in|out!
ip helper-address NAME
=ip ospf cost <1-65535>
=ip ospf priority <0-255>
=ip ospf network NAME
=ip ospf area NAME
=ip ospf authentication [LINE]
=ip virtual-router address IP
ipv6 enable
ipv6 address NAME
=mtu <68-9214>
=l2 mtu <68-9416>
=speed LINE
=load-interval default <0-600>
~switchport
=switchport mode access|trunk|dot1q-tunnel
=switchport access vlan <1-4094>
=switchport trunk native vlan NAME
=switchport trunk allowed vlan LINE
=switchport trunk group NAME
=spanning-tree portfast [LINE]
=spanning-tree bpduguard enable|disable
=spanning-tree guard root|loop|none
=storm-control broadcast|multicast|unicast! level LINE
=channel-group <1-2000> mode NAME
~lldp transmit
~lldp receive
=vrf NAME
~logging event link-status
=bandwidth <1-100000000>
=encapsulation LINE
=service-policy type NAME! LINE
=mlag <1-2000>
"""

_ROUTER = """
=router-id IP
bgp log-neighbor-changes
network NAME [LINE]
redistribute NAME! [LINE]
=default-information originate [LINE]
~passive-interface NAME
=maximum-paths <1-128> [LINE]
=max-lsa <0-100000>
=auto-cost reference-bandwidth <1-4294967>
=area NAME! LINE
=timers LINE
=distance LINE
=neighbor NAME! remote-as <1-4294967295>
=neighbor NAME! description LINE
=neighbor NAME! update-source IFNAME
=neighbor NAME! password LINE
=neighbor NAME! timers LINE
=neighbor NAME! ebgp-multihop [LINE]
=neighbor NAME! peer group NAME
neighbor NAME! peer group
=neighbor NAME! maximum-routes LINE
=neighbor NAME! route-map NAME in|out!
=neighbor NAME! prefix-list NAME in|out!
~neighbor NAME! activate
neighbor NAME! next-hop-self
neighbor NAME! send-community [LINE]
neighbor NAME! route-reflector-client
~neighbor NAME! shutdown
address-family LINE -> router
vrf NAME -> router
"""

_API = """
~shutdown
=protocol https [LINE]
~protocol http [LINE]
~protocol unix-socket
=idle-timeout <0-86400>
vrf NAME -> api
"""

_SSH = """
~shutdown
=idle-timeout <0-86400>
=authentication mode LINE
=cipher LINE
=mac LINE
=key-exchange LINE
=hostkey server LINE
=login timeout <0-600>
=connection limit <1-100>
=password minimum length <1-32>
=password encryption-key common
ssl profile NAME -> ssl
ip access-group NAME in
vrf NAME -> ssh
"""

_ACL = """
permit LINE
deny LINE
remark LINE
<1-4294967295> permit|deny LINE
<1-4294967295> remark LINE
counters per-entry
"""

MODES = {
    "config": ("config", _CONFIG),
    "interface": ("config-if", _INTERFACE),
    "defaults": ("config-if-defaults", "=ethernet [LINE]\n=mtu <68-65535>"),
    "vlan": ("config-vlan", "=name NAME\n=state active|suspend\ntrunk group NAME"),
    "router": ("config-router", _ROUTER),
    "acl": ("config-acl", _ACL),
    "map": ("config-route-map", "match LINE\nset LINE\n=description LINE\ncontinue [LINE]"),
    "vrf": ("config-vrf", "=rd NAME\n=description LINE"),
    "api": ("config-mgmt-api-http-cmds", _API),
    "ssh": ("config-mgmt-ssh", _SSH),
    "ssl": ("config-ssl-profile", "=certificate LINE\n=tls versions LINE\ntrust certificate NAME"),
    "group": ("config-group", "server LINE\ntrigger LINE\naction LINE\nexec LINE\n~shutdown"),
}

EOS = compile_grammar(MODES)

FACTORY = """\
hostname {hostname}
spanning-tree mode mstp
lldp run
management api http-commands
 no shutdown
"""
