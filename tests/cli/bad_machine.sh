#!/usr/bin/env bash
# A machine that does not give what is asked: a privilege, a control group controller, an image. Each
# error says what was tried, on what, why it failed and what to do, and nothing is left. As with docker
# and podman, 125 says that it is not the container's own exit status.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"
. "$ROOT/tests/lib/user.sh"

run "$CUTAWAY" run --rm no-such-image /bin/true
is "unknown image: refused" "$STATUS" 125
like "unknown image: named" "$ERR" 'no-such-image'

run "$CUTAWAY" run --rm --name bad-program base /no/such/program
is "unknown program: exit status" "$STATUS" 127
like "unknown program: named" "$ERR" '/no/such/program'
ok "unknown program: nothing is left" container_left bad-program

run "$CUTAWAY" exec no-such-container true
is "unknown container: refused" "$STATUS" 125
like "unknown container: named" "$ERR" 'no-such-container'

run "$CUTAWAY" run --rm -m lots base /bin/true
is "a size that is none: usage error" "$STATUS" 2
like "a size that is none: named" "$ERR" 'lots'

# An ordinary user may not do without a user namespace.
run as_user "$(user_place)$user_home/build/cutaway" run --rm --userns host base /bin/true
is "ordinary user, --userns host: refused" "$STATUS" 125
like "ordinary user, --userns host: says what to do" "$ERR" 'root|userns'

if [ "$(id -u)" = 0 ] && mountpoint -q /sys/fs/cgroup/memory; then
	# shellcheck disable=SC2016 # for the shell inside
	run unshare -m --propagation private bash -c \
		'umount -l /sys/fs/cgroup/memory && exec "$CUTAWAY" run --rm --name bad-memory -m 64M base /bin/true'
	is "no memory controller: refused" "$STATUS" 125
	like "no memory controller: named" "$ERR" 'memory'
	ok "no memory controller: nothing is left" container_left bad-memory
else
	skip "no memory controller" "no memory control groups of version 1 to take away as root"
fi

mkdir -p "$WORK/readonly"
chmod 500 "$WORK/readonly"
run as_user env XDG_DATA_HOME="$WORK/readonly" "$user_home/build/cutaway" images
like "a data directory that may not be written: told, or empty" "$STATUS" '^[01]$'
run as_user env XDG_STATE_HOME="$WORK/readonly" "$user_home/build/cutaway" shell </dev/null
is "progress cannot be kept: the lab does not open" "$STATUS" 1
like "progress cannot be kept: says on what, why, and what to do" "$(paste -sd' ' <<<"$ERR")" \
	"make directory: $WORK/readonly/cutaway: Permission denied .*name another: XDG_STATE_HOME for progress"
done_testing
