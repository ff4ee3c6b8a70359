#!/bin/bash
# First process of the user-mode-linux machine that tests/uml/boot.sh describes.
set -u

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd # bash's <(…) needs it
mount -t devpts devpts /dev/pts -o ptmxmode=666,newinstance
for directory in /dev/shm /mnt /run /tmp /var/tmp; do
	mount -t tmpfs -o mode=1777 tmpfs $directory
done
mkdir /mnt/source /mnt/result
# The tree once more, so that it is there even when it lies below /tmp or in a closed directory.
mount -t hostfs none /mnt/source -o "ro,$SOURCE"
mount -t hostfs none /mnt/result -o "$RESULT"
modules=/usr/lib/uml/modules/$(uname -r)/kernel
for module in fs/overlayfs/overlay drivers/net/dummy drivers/net/veth net/unix/unix_diag; do
	busybox insmod "$modules/$module.ko"
done
hostname uml
ip link set lo up

# What systemd would do for a person who logs in: a group of their own to make groups in. The
# processes stay in a leaf, since a group with controllers for children may hold none itself
# (cgroups(7), "no internal processes").
echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
export DELEGATED=/sys/fs/cgroup/user-$USER_ID
mkdir -p "$DELEGATED/session"
echo "+cpu +memory +pids" >"$DELEGATED/cgroup.subtree_control"
chown -R "$USER_ID:$USER_ID" "$DELEGATED"

cd /mnt/source && "/mnt/source/$SCRIPT" ${ARGUMENT:+"$ARGUMENT"}
echo $? >/mnt/result/status
sync
exec busybox poweroff -f
