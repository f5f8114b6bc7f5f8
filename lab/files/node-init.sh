#!/bin/bash
# First process of a lab node, in fresh mount, uts, pid, ipc and network namespaces.
# Arguments: NODE TREE STAGE. Builds the node's root over the read-only tree, then forgets the host.
set -eu
node=$1 tree=$2 stage=$3
mount --make-rprivate /
hostname "$node"
mount -t tmpfs -o mode=755,size=256m hatang-lab "$stage/mnt"
mkdir "$stage/mnt/upper" "$stage/mnt/work" "$stage/mnt/root"
root=$stage/mnt/root
mount -t overlay hatang-lab -o "lowerdir=$tree,upperdir=$stage/mnt/upper,workdir=$stage/mnt/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
umask 0
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
umask 022
mount -t tmpfs -o mode=755,size=32m tmpfs "$root/run"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
cp -a "$stage/files/." "$root/"
cd "$root"
pivot_root . .
umount -l .
exec /bin/bash /etc/lab/start.sh </dev/null
