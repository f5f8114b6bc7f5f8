# What a Linux server says of its security, read-only: each file and command below a line that names it.
# What cannot be read is named as unreadable and has no section: whoever judges it finds nothing, not good.
# HATANG_SUDO=1 asks sudo, without a password, for what only root may read.
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
as_root=
if [ "${HATANG_SUDO:-}" = 1 ] && [ "$(id -u)" != 0 ] && command -v sudo >/dev/null 2>&1; then
    as_root='sudo -n'
fi

# shown KIND NAME COMMAND...: a section of what the command prints, where it ends well. Remarks are
# left out: one that reads like the head of a section must not open one.
shown() {
    kind=$1 name=$2
    shift 2
    if printed=$(timeout 20 "$@" 2>/dev/null); then
        printf '# %s: %s\n' "$kind" "$name"
        printf '%s\n' "$printed" | sed '/^[[:space:]]*#/d;/^[[:space:]]*$/d'
    else
        printf '# unreadable: %s\n' "$name"
    fi
}

file() {
    [ -e "$1" ] || { printf '# absent: %s\n' "$1"; return; }
    shown file "$1" $as_root cat "$1"
}

# listening: protocol and address of what listens; lengths of queues change by themselves. A UDP socket
# of the range from which programs are given ports waits for one answer as a rule, and is left out.
listening() {
    set -- $(cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null)
    shown command 'ss -lntu' sh -c 'told=$(ss -lntu) && told=$(printf "%s\n" "$told" | awk "$0") &&
        printf "%s\n" "$told" | sort -u' '
        NR > 1 { port = $5; sub(/.*:/, "", port); port += 0 }
        NR > 1 && !($1 == "udp" && port >= '"${1:-65536}"' && port <= '"${2:-0}"') { print $1, $5, $6 }'
}

# updates: what apt could bring up to date, if the lists of a security archive are at most a week old.
# The age of a list is that of what the archive said: a mirror that stands still counts as old too.
updates() {
    lists=/var/lib/apt/lists
    if [ -n "$(find $lists -maxdepth 1 -name '*-security_*Release' -mtime -7 2>/dev/null)" ]; then
        shown command 'apt list --upgradable' \
            apt -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= list --upgradable
    else
        printf '# unreadable: apt list --upgradable\n'
    fi
}

# services: what runs as a service, without what one login or one command started.
services() {
    shown command 'systemctl list-units' sh -c 'told=$(systemctl list-units --type=service --state=running \
        --plain --no-legend --no-pager) && printf "%s\n" "$told" | sed "/^user@/d;/^run-/d"'
}

# settings: the keys of the kernel that rules ask for; a key that is not there is left out.
settings() {
    for key in net.ipv4.ip_forward net.ipv4.conf.all.accept_source_route \
        net.ipv4.conf.all.accept_redirects net.ipv4.conf.all.send_redirects \
        net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter \
        net.ipv6.conf.all.accept_source_route net.ipv6.conf.all.accept_redirects \
        net.ipv6.conf.all.forwarding net.ipv4.icmp_echo_ignore_broadcasts \
        kernel.randomize_va_space kernel.dmesg_restrict fs.protected_symlinks fs.suid_dumpable; do
        path=/proc/sys/$(printf '%s' "$key" | tr . /)
        [ -r "$path" ] && printf '%s = %s\n' "$key" "$(cat "$path")"
    done
    return 0
}

# managed: a digest of each file that changes may set; what runs is judged by what the server says of it.
managed() {
    shown command 'digests of managed files' sh -c '
        for path in /etc/sysctl.d/60-hatang.conf /etc/nftables.conf; do
            [ ! -e "$path" ] || '"$as_root"' sha256sum "$path" || exit 1
        done'
}

shown command 'uname -sr' uname -sr
file /etc/os-release
shown command 'sshd -T' $as_root sshd -T
file /etc/login.defs
file /etc/nsswitch.conf
file /etc/passwd
shown command 'getent passwd' getent passwd
shown command 'useradd -D' $as_root useradd -D
file /etc/pam.d/common-auth
file /etc/pam.d/common-password
file /etc/security/faillock.conf
file /etc/security/pwquality.conf
printf '# command: sysctl -a\n'
settings
listening
shown command 'nft list ruleset' $as_root nft -s list ruleset
shown command 'auditctl -l' $as_root auditctl -l
managed
file /etc/systemd/journald.conf
file /etc/rsyslog.conf
file /etc/chrony/chrony.conf
file /etc/ntp.conf
file /etc/snmp/snmpd.conf
services
updates
printf '# end of what the server says\n'
