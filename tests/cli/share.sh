#!/usr/bin/env bash
# Containers that share namespaces of another: `run --network container:NAME`, --ipc, --pid, --uts. As
# root (if we are) and as an ordinary user; what is refused, and what the plan says.
# Not in user-mode-linux: the calls are those of oci_namespaces; left out for its time.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

first=share-$$ second=share-$$-b

# $1 is a word for the test's name, the rest runs cutaway.
common() {
	local who=$1
	shift
	run "$@" run -d --name "$first" base sh -c 'exec httpd -f -p 127.0.0.1:8097 -h /etc'
	is "$who: one to share with" "$STATUS" 0
	run "$@" run -d --name "$second" --network "container:$first" --ipc "container:$first" \
		--uts "container:$first" base sleep 1000
	is "$who: one that shares" "$STATUS$ERR" 0
	for ns in net ipc uts user; do
		ok "$who: $ns is the same" "$@" check "container.$second.ns.$ns = container.$first.ns.$ns"
	done
	for ns in pid mnt cgroup; do
		ok "$who: $ns is not" "$@" check "container.$second.ns.$ns != container.$first.ns.$ns"
	done
	run "$@" exec "$second" hostname
	is "$who: the host name is that of the other" "$OUT" "$first"
	# shellcheck disable=SC2016 # expands inside
	run "$@" exec "$second" sh -c 'echo $HOSTNAME'
	is "$who: its environment says the same" "$OUT" "$first"
	ok "$who: it reaches the other on the shared loopback" \
		wait_until 10 "$@" exec "$second" wget -q -O /dev/null http://127.0.0.1:8097/passwd
	run "$@" exec "$second" sh -c 'touch /mine; stat -c %u /mine'
	is "$who: its files are its own" "$STATUS$OUT" 00
	run "$@" exec "$first" test -e /mine
	is "$who: and not the other's" "$STATUS" 1

	run "$@" run -d --step --name "$second-s" --network "container:$first" base sleep 1000
	run "$@" step --to namespace-join "$second-s"
	like "$who: the plan enters by the files of the other" "$OUT" 'setns\(open\("/proc/[0-9]+/ns/net"\)'
	like "$who: entering is verified" "$OUT" '✓ /proc/[0-9]+/ns/net is net:\['
	run "$@" step --all "$second-s"
	unlike "$who: every step is verified" "$OUT" '✗'
	like "$who: built a step at a time" "$OUT" "$second-s runs"
	run "$@" rm -f "$second-s"
	is "$who: removed" "$STATUS" 0

	run "$@" run --rm --network container:nobody-here base true
	like "$who: a container that is not there" "$STATUS$ERR" '^125.*there is none of that name'
	run "$@" run --rm --network container:../x base true
	like "$who: a name that is none is wrong usage" "$STATUS$ERR" '^2.*container:NAME'
	run "$@" run --rm --ipc host base true
	like "$who: what cannot be shared is wrong usage" "$STATUS$ERR" '^2.*private or container:NAME'
	run "$@" run --rm --uts "container:$first" --hostname x base true
	like "$who: two host names are wrong usage" "$STATUS$ERR" '^2.*--hostname'
	run "$@" run --rm --ipc private --network none base ls /sys/class/net
	is "$who: private is the default" "$OUT" lo

	# The network lives on with who is in it.
	run "$@" rm -f "$first"
	run "$@" exec "$second" ip link show lo
	like "$who: what is shared stays as long as one is in it" "$STATUS$OUT" '^0.*lo'
	run "$@" run --rm --uts "container:$first" base true
	is "$who: with one that is gone nothing is shared" "$STATUS" 125
	run "$@" rm -f "$second"
	run "$@" ps -a -q
	is "$who: nothing is left" "$OUT" ""
}

if [ "$(id -u)" = 0 ]; then
	common root "$CUTAWAY"
	run "$CUTAWAY" run -d --name "$first" base sleep 1000
	# shellcheck disable=SC2016 # expands inside
	run "$CUTAWAY" run --rm --pid "container:$first" base sh -c 'echo $$ $(cat /proc/1/comm)'
	like "root: processes are shared: it is not the first" "$OUT" '^([2-9]|1[0-9]) sleep$'
	run "$CUTAWAY" run --rm --userns host --network "container:$first" base true
	like "root: the user namespace comes along" "$STATUS$ERR" '^125.*they belong to a user namespace'
	run "$CUTAWAY" run -d --userns host --name "$second" base sleep 1000
	run "$CUTAWAY" run --rm --network "container:$second" base cat /proc/self/uid_map
	is "root: also where there is none" "$(echo $OUT)" "0 0 4294967295"
	run "$CUTAWAY" run --rm --network "container:$second" --ipc "container:$first" base true
	like "root: those of two owners do not go together" "$STATUS$ERR" '^125.*another user namespace'
	run "$CUTAWAY" rm -f "$first" "$second"
fi
if as_user unshare -Ur true 2>/dev/null; then
	common user as_user cutaway
	run as_user cutaway run -d --name "$first" base sleep 1000
	run as_user cutaway run --rm --pid "container:$first" base true
	like "user: cannot share processes, and is told" "$STATUS$ERR" '^125.*ordinary user'
	run as_user cutaway rm -f "$first"
else
	skip "sharing as an ordinary user" "user namespaces for ordinary users"
fi
done_testing
