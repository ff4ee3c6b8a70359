#!/bin/bash
# The tests inside user-mode-linux: inside.sh root, or inside.sh user for an ordinary one. His logs stand
# in memory first: files that he makes on hostfs belong to root.

# A copy in memory: quicker to read, and nobody builds in it meanwhile.
mkdir /mnt/tree
tar -C /mnt/source --exclude=./.git --exclude=./build/asan --exclude=./build/clang \
	--exclude=./build/tidy --exclude='*.o' --exclude='*.a' --exclude='*.tap' -cf - . |
	tar -C /mnt/tree -xf -
cd /mnt/tree || exit 1
export ROOT=/mnt/tree BUILD=/mnt/tree/build TEST_NO_BUILD=1
{
	grep cgroup /proc/mounts
	uname -r
} >/mnt/result/machine
if [ "$1" = root ]; then
	mkdir /mnt/result/root
	TEST_LOGS=/mnt/result/root tests/run.sh --on-uml >/mnt/result/root.out 2>&1
	exit 0
fi
(
	echo 0 >"$DELEGATED/session/cgroup.procs"
	exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
		env TEST_LOGS=/tmp/logs tests/run.sh --on-uml
) >/mnt/result/user.out 2>&1
mkdir /mnt/result/user
cp /tmp/logs/*.tap /mnt/result/user/
