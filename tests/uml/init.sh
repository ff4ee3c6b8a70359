#!/bin/bash
# First process of the user-mode-linux machine: pure cgroup v2, the host's files read-only.
# $SOURCE the tree on the host, $RESULT the only host directory written to, $USER_ID the ordinary
# user. Started by tests/uml/uml.sh, which wrote those into the script that execs this one.
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
busybox insmod "/usr/lib/uml/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
hostname uml
ip link set lo up

# What systemd would do for a person who logs in: a group of their own to make groups in. The
# processes stay in a leaf, since a group with controllers for children may hold none itself
# (cgroups(7), "no internal processes").
echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
delegated=/sys/fs/cgroup/user-$USER_ID
mkdir -p $delegated/session
echo "+cpu +memory +pids" >$delegated/cgroup.subtree_control
chown -R "$USER_ID:$USER_ID" $delegated
for file in cgroup.procs cgroup.subtree_control cgroup.threads; do
	chown "$USER_ID:$USER_ID" $delegated/$file
done

export ROOT=/mnt/source BUILD=/mnt/source/build TEST_NO_BUILD=1
cd $ROOT || exit 1
{
	grep cgroup /proc/mounts
	uname -r
} >/mnt/result/machine
TEST_LOGS=/mnt/result/root tests/run.sh --on-uml >/mnt/result/root.out 2>&1
(
	echo 0 >$delegated/session/cgroup.procs
	exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
		env TEST_LOGS=/mnt/result/user tests/run.sh --on-uml
) >/mnt/result/user.out 2>&1
echo finished >/mnt/result/finished
sync
exec busybox poweroff -f
