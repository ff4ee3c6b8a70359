#!/bin/bash
# The tests inside user-mode-linux: as root, then as an ordinary user.
export ROOT=/mnt/source BUILD=/mnt/source/build TEST_NO_BUILD=1
{
	grep cgroup /proc/mounts
	uname -r
} >/mnt/result/machine
TEST_LOGS=/mnt/result/root tests/run.sh --on-uml >/mnt/result/root.out 2>&1
(
	echo 0 >"$DELEGATED/session/cgroup.procs"
	exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
		env TEST_LOGS=/mnt/result/user tests/run.sh --on-uml
) >/mnt/result/user.out 2>&1
exit 0
