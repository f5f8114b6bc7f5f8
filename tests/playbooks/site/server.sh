#!/bin/sh
# server.sh DIRECTORY TREE KEY: becomes a Debian server without systemd that takes KEY.pub's owner as ops.
# chronyd never touches the clock: it is the machine's.
set -eu
d=$1 tree=$2 key=$3
mount --make-rprivate /
mount -t tmpfs tmpfs $d; mkdir $d/u $d/w $d/m
mount -t overlay overlay -o lowerdir=$tree,upperdir=$d/u,workdir=$d/w $d/m
m=$d/m
mount -t proc proc $m/proc; mount --rbind /dev $m/dev; mount -t tmpfs tmpfs $m/run; mount -t tmpfs tmpfs $m/tmp
rm -f $m/usr/sbin/policy-rc.d
rm -f $m/sbin/init; echo srv > $m/etc/hostname; hostname srv
printf '127.0.0.1 localhost srv\n' > $m/etc/hosts
mkdir -p $m/home/ops/.ssh $m/run/sshd; cp $key.pub $m/home/ops/.ssh/authorized_keys; chroot $m chown -R ops:ops /home/ops; chmod 700 $m/home/ops/.ssh
chroot $m usermod -p '*' ops
cp $key.host $m/etc/ssh/ssh_host_ed25519_key; chmod 600 $m/etc/ssh/ssh_host_ed25519_key
echo 'DAEMON_OPTS="-x -F 0"' > $m/etc/default/chrony
cat > $m/etc/init.d/rsyslog <<'I'
#!/bin/sh
### BEGIN INIT INFO
# Provides: rsyslog
# Required-Start: $remote_fs
# Required-Stop: $remote_fs
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
. /lib/lsb/init-functions
P=/run/rsyslogd.pid
case "$1" in
start) start-stop-daemon --start --oknodo --pidfile $P --exec /usr/sbin/rsyslogd;;
stop) start-stop-daemon --stop --oknodo --retry 5 --remove-pidfile --pidfile $P;;
restart) $0 stop; $0 start;;
status) status_of_proc -p $P /usr/sbin/rsyslogd rsyslogd;;
esac
I
chmod 755 $m/etc/init.d/rsyslog
chroot $m /etc/init.d/ssh start >/dev/null 2>&1 || chroot $m /usr/sbin/sshd
exec chroot $m /bin/sh -c 'trap : TERM; while :; do sleep 1000 & wait; done'
