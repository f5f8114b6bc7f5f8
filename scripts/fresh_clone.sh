#!/bin/sh
# Proves a fresh clone on Debian's base: a minbase tree with python3, make and git and nothing else,
# a clone of what is committed here, and the targets named (else `packages env check`) in it.
# Needs root and mmdebstrap. Usage: scripts/fresh_clone.sh [TARGET…]
#
# The package clients in the tree are configured as this machine's are: their files and variables are
# copied into the tree, which is removed at the end.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- packages env check
[ "$(id -u)" -eq 0 ] || { echo "fresh_clone.sh: needs root, for mmdebstrap and chroot" >&2; exit 2; }
command -v mmdebstrap >/dev/null || { echo "fresh_clone.sh: apt-get install mmdebstrap" >&2; exit 2; }

# In namespaces of its own: mounts and processes end with us, and nothing of ours is removed through.
if [ "${FRESH_CLONE_ALONE:-}" != yes ]; then
  exec env FRESH_CLONE_ALONE=yes setpriv --pdeathsig KILL -- unshare --mount \
    --propagation private --pid --fork --kill-child --mount-proc -- "$0" "$@"
fi
tree=$(mktemp -d)
trap 'umount -R "$tree" 2>/dev/null || true; rm -rf --one-file-system "$tree"' EXIT
chmod 0755 "$tree"

. /etc/os-release
sources=$(ls /etc/apt/sources.list /etc/apt/sources.list.d/*debian*.sources 2>/dev/null || true)
echo "Debian's base, $VERSION_CODENAME"
# shellcheck disable=SC2086 # a list of files
mmdebstrap --quiet --variant=minbase --include=python3,make,git,ca-certificates \
  "$VERSION_CODENAME" "$tree" $sources
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/npmrc "${PIP_CERT:-}" \
  /etc/ssl/certs/ca-certificates.crt /etc/apt/apt.conf.d/9*; do
  [ -f "$file" ] && mkdir -p "$tree$(dirname "$file")" && cp -L "$file" "$tree$file"
done
# What is no mount of its own cannot be the root of the namespaces that the lab makes.
mount --bind "$tree" "$tree"
for place in proc dev sys; do mount --rbind "/$place" "$tree/$place"; done

git clone --quiet --no-hardlinks . "$tree/root/hatang"
echo "commit $(git -C "$tree/root/hatang" rev-parse --short HEAD), make $*"
clients=$(env | grep -E '^(PIP_|npm_config_|NPM_CONFIG_|NODE_EXTRA_CA_CERTS=)' | grep -v ' ' || true)
began=$(date +%s)
for target in "$@"; do
  since=$(date +%s)
  # By pivot_root, not chroot: what enters the lab's nodes must find its root where their own is.
  # shellcheck disable=SC2086 # a list of variables
  unshare --mount --propagation private -- sh -euc '
    cd "$1"; shift; mkdir -p .outside; pivot_root . .outside; umount -l .outside; exec "$@"' sh "$tree" \
    /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb $clients \
    make --no-print-directory -C /root/hatang "$target"
  echo "make $target: $(($(date +%s) - since)) s"
done
echo "all of it: $(($(date +%s) - began)) s"
