#!/bin/sh
# build.sh FROM TO: a copy of the lab's Debian tree with the packages that roles set up.
set -eu
from=$1 to=$2
rm -rf "$to.partial"
cp -a "$from" "$to.partial"
printf '#!/bin/sh\nexit 101\n' > "$to.partial/usr/sbin/policy-rc.d"
chmod 755 "$to.partial/usr/sbin/policy-rc.d"
cp -aL /etc/apt/. "$to.partial/etc/apt/"
cp -L /etc/resolv.conf "$to.partial/etc/resolv.conf"
unshare --mount --pid --fork --kill-child --mount-proc sh -eu -c '
  mount --make-rprivate /
  mount --bind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
  chroot "$1" apt-get update
  chroot "$1" apt-get install -y --no-install-recommends \
    chrony prometheus-node-exporter unattended-upgrades postgresql ssl-cert tzdata
' sh "$to.partial"
mv "$to.partial" "$to"
