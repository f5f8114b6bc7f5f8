"""What the IOS persona accepts in configuration mode (see `grammar` for the notation)."""

from lab.simulators.grammar import compile_grammar

_CONFIG = """
=hostname NAME
=ip domain-name NAME
=ip domain name NAME
=ip name-server LINE
~ip domain-lookup
~ip domain lookup
~ip routing
~ip cef
~ip http server
~ip http secure-server
~ip http authentication LINE
~ip source-route
~ip bootp server
~ip finger
~ip gratuitous-arps
~ip scp server enable
=ip default-gateway IP
=ip ssh version <1-2>
=ip ssh time-out <1-120>
=ip ssh authentication-retries <0-5>
=ip ssh server algorithm encryption LINE
=ip ssh server algorithm mac LINE
=ip ssh server algorithm kex LINE
=ip ssh source-interface IFNAME
ip route IP MASK NAME [LINE]
ip route vrf NAME IP MASK NAME [LINE]
ip access-list standard NAME -> acl
ip access-list extended NAME -> acl
ip prefix-list NAME LINE
ip dhcp snooping
ip dhcp snooping vlan NAME
ip dhcp excluded-address IP [LINE]
ip dhcp pool NAME -> dhcp
ip arp inspection vlan NAME
ip sla <1-2147483647> -> sla
ip sla schedule <1-2147483647> LINE
ip sla responder
ip tacacs source-interface IFNAME
ip radius source-interface IFNAME
interface IFNAME -> interface
vlan <1-4094> -> vlan
router ospf <1-65535> -> router
router ospf <1-65535> vrf NAME -> router
router bgp <1-4294967295> -> router
router eigrp NAME -> router
line con <0-0> -> line
line aux <0-0> -> line
line vty <0-15> -> line
line vty <0-15> <0-15> -> line
archive -> archive
vrf definition NAME -> vrf
route-map NAME permit|deny <0-65535> -> map
class-map match-any|match-all NAME -> map
policy-map NAME -> policy
aaa group server radius|tacacs+ NAME -> group
radius server NAME -> group
tacacs server NAME -> group
control-plane -> interface
aaa new-model
=aaa authentication login NAME! LINE
=aaa authentication enable default LINE
=aaa authentication dot1x default LINE
=aaa authorization exec NAME! LINE
=aaa authorization console
=aaa authorization commands <0-15>! NAME! LINE
=aaa accounting exec NAME! LINE
=aaa accounting commands <0-15>! NAME! LINE
aaa session-id common
=enable secret LINE
=enable password LINE
=username NAME! LINE
~service password-encryption
~service pad
~service tcp-keepalives-in
~service tcp-keepalives-out
~service dhcp
~service config
~service sequence-numbers
=service timestamps debug LINE
=service timestamps log LINE
=clock timezone NAME LINE
=logging buffered LINE
=logging console LINE
=logging trap NAME
=logging facility NAME
=logging source-interface IFNAME
logging host NAME [LINE]
logging on
=logging userinfo
login block-for <1-65535> attempts <1-65535> within <1-65535>
login on-failure log [LINE]
login on-success log [LINE]
login delay <1-10>
=security passwords min-length <0-16>
security authentication failure rate <2-1024> log
ntp server NAME [LINE]
ntp authenticate
=ntp authentication-key <1-4294967295>! LINE
ntp trusted-key <1-4294967295>
=ntp source IFNAME
=snmp-server location LINE
=snmp-server contact LINE
=snmp-server chassis-id LINE
=snmp-server trap-source IFNAME
snmp-server community NAME! [LINE]
=snmp-server group NAME! v1|v2c|v3 [LINE]
=snmp-server user NAME! [LINE]
=snmp-server view NAME! LINE
snmp-server host NAME! LINE
snmp-server enable traps [LINE]
~snmp-server
~lldp run
~cdp run
~vtp LINE
=spanning-tree mode NAME
=spanning-tree extend system-id
=spanning-tree vlan NAME! priority <0-61440>
=spanning-tree portfast bpduguard default
=spanning-tree portfast default
=spanning-tree loopguard default
=errdisable recovery cause NAME!
=errdisable recovery interval <30-86400>
access-list <1-2699>! LINE
track <1-1000> LINE
key chain NAME -> group
=boot system LINE
file prompt quiet
=crypto key LINE
crypto pki LINE
memory free low-watermark processor <1-4294967295>
dot1x system-auth-control
multilink bundle-name authenticated
~mls qos
=sdm prefer NAME
=system mtu <1500-9198>
=tftp-server LINE
exception LINE
"""

_INTERFACE = """
=description LINE
~shutdown
=ip address IP MASK
ip address IP MASK secondary
=ip address dhcp
~ip redirects
~ip unreachables
~ip proxy-arp
~ip directed-broadcast
~ip route-cache
=ip mtu <68-9216>
=ip access-group NAME in|out!
ip helper-address IP
=ip ospf cost <1-65535>
=ip ospf priority <0-255>
=ip ospf hello-interval <1-65535>
=ip ospf dead-interval <1-65535>
=ip ospf network NAME
=ip ospf authentication [LINE]
=ip ospf message-digest-key <1-255>! md5 LINE
=ip ospf <1-65535>! area NAME
=ip verify unicast source reachable-via NAME
ip dhcp snooping trust
=ip dhcp snooping limit rate <1-2048>
ip arp inspection trust
~ip verify source
ipv6 enable
ipv6 address LINE
=mtu <64-9216>
=speed 10|100|1000|10000|auto
=duplex full|half|auto
=bandwidth <1-100000000>
=delay <1-16777215>
=load-interval <30-600>
~keepalive
=encapsulation LINE
=negotiation auto
~switchport
=switchport mode access|trunk|dynamic [LINE]
=switchport access vlan <1-4094>
=switchport voice vlan <1-4094>
=switchport trunk native vlan <1-4094>
=switchport trunk allowed vlan LINE
=switchport trunk encapsulation NAME
~switchport nonegotiate
switchport port-security [LINE]
=spanning-tree portfast [LINE]
=spanning-tree bpduguard enable|disable
=spanning-tree guard root|loop|none
=spanning-tree cost <1-200000000>
=storm-control broadcast|multicast|unicast! level LINE
storm-control action shutdown|trap
channel-group <1-256> mode NAME
=service-policy input|output! NAME
=vrf forwarding NAME
~lldp transmit
~lldp receive
~cdp enable
~snmp trap link-status
authentication LINE
mab
dot1x LINE
=standby <0-255>! LINE
=mls qos trust NAME
=power inline LINE
"""

_ROUTER = """
=router-id IP
=bgp router-id IP
bgp log-neighbor-changes
network IP [LINE]
redistribute NAME! [LINE]
=default-information originate [LINE]
~passive-interface NAME
~auto-summary
=maximum-paths <1-32>
=auto-cost reference-bandwidth <1-4294967>
log-adjacency-changes [LINE]
=area NAME! authentication [LINE]
area NAME! stub [LINE]
area NAME! range IP MASK [LINE]
area NAME! nssa [LINE]
=timers LINE
=distance <1-255>
=neighbor NAME! remote-as <1-4294967295>
=neighbor NAME! description LINE
=neighbor NAME! update-source IFNAME
=neighbor NAME! password LINE
=neighbor NAME! timers LINE
=neighbor NAME! ebgp-multihop [LINE]
=neighbor NAME! peer-group NAME
neighbor NAME! peer-group
=neighbor NAME! maximum-prefix LINE
=neighbor NAME! route-map NAME in|out!
=neighbor NAME! prefix-list NAME in|out!
~neighbor NAME! activate
neighbor NAME! next-hop-self
neighbor NAME! send-community [LINE]
neighbor NAME! route-reflector-client
neighbor NAME! soft-reconfiguration inbound
~neighbor NAME! shutdown
address-family LINE -> router
"""

_LINE = """
=exec-timeout <0-35791> [LINE]
=transport input LINE
=transport output LINE
=transport preferred NAME
=login authentication NAME
login local
login
=password LINE
=access-class NAME in|out! [LINE]
=privilege level <0-15>
=logging synchronous [LINE]
=history size <0-256>
=session-timeout <0-35791> [LINE]
=stopbits NAME
=length <0-512>
=width <0-512>
~exec
"""

_ACL = """
permit LINE
deny LINE
remark LINE
<1-2147483647> permit|deny LINE
<1-2147483647> remark LINE
"""

MODES = {
    "config": ("config", _CONFIG),
    "interface": ("config-if", _INTERFACE),
    "vlan": ("config-vlan", "=name NAME\n=state active|suspend\n~shutdown"),
    "router": ("config-router", _ROUTER),
    "line": ("config-line", _LINE),
    "acl": ("config-ext-nacl", _ACL),
    "archive": (
        "config-archive",
        "=path NAME\n=maximum <1-14>\nwrite-memory\n=time-period <1-525600>\nlog config -> log",
    ),
    "log": (
        "config-archive-log-cfg",
        "logging enable\nlogging size <1-1000>\nhidekeys\nnotify syslog [LINE]",
    ),
    "vrf": (
        "config-vrf",
        "=rd NAME\n=description LINE\nroute-target LINE\naddress-family LINE -> af",
    ),
    "af": ("config-vrf-af", "route-target LINE"),
    "map": ("config-map", "match LINE\nset LINE\n=description LINE"),
    "policy": ("config-pmap", "=description LINE\nclass NAME -> class"),
    "class": (
        "config-pmap-c",
        "=police LINE\n=bandwidth LINE\n=priority [LINE]\nset LINE\nfair-queue",
    ),
    "group": (
        "config-group",
        "address LINE\nserver LINE\nkey LINE -> group\nkey-string LINE\ntimeout <1-1000>\n"
        "ip LINE\ncryptographic-algorithm NAME\nsingle-connection",
    ),
    "dhcp": (
        "dhcp-config",
        "=network IP MASK\n=default-router LINE\n=dns-server LINE\n=domain-name NAME\n=lease LINE",
    ),
    "sla": (
        "config-ip-sla",
        "icmp-echo LINE -> sla\nudp-jitter LINE -> sla\n=frequency <1-604800>\n"
        "=timeout <0-604800000>\n"
        "=tag NAME\n=threshold <0-60000>",
    ),
}

IOS = compile_grammar(MODES)

FACTORY = """\
service password-encryption
hostname {hostname}
ip scp server enable
ip ssh version 2
lldp run
archive
 path flash:archive
line con 0
line vty 0 4
 login local
 transport input ssh
"""
