#!/usr/bin/env bash
# The deeper views, of one process, of the namespaces of a type and of one fact, against the files and
# the tools that they name.
# Not in user-mode-linux: tests/unit/test_fact.c is run there.
. "$ROOT/tests/lib/tap.sh"
export LC_ALL=C.UTF-8

unshare --user --map-root-user --uts sleep 300 &
pid=$!
trap 'kill "$pid" 2>/dev/null' EXIT
apart() {
	[ "$(readlink "/proc/$pid/ns/uts")" != "$(readlink /proc/self/ns/uts)" ]
}
ok "a process with a host name of its own" wait_until 10 apart
inode=$(readlink "/proc/$pid/ns/uts" | tr -dc 0-9)

run "$CUTAWAY" draw process "$pid" --size 120x60
is "process: exit status" "$STATUS" 0
like "process: its pid" "$OUT" "pid outside +$pid "
like "process: the namespace that is its own" "$OUT" "uts +alone in it +$inode "
like "process: one that it shares" "$OUT" "net +the host's +[0-9]+ "
like "process: who started it" "$OUT" "started by +$$ "
run "$CUTAWAY" draw namespace uts --size 120x60
like "namespace: the one of the process" "$OUT" "╭.*$pid sleep.* · $inode \(1\)"
# Others make and leave namespaces meanwhile.
counts_agree() {
	[ "$("$CUTAWAY" draw namespace uts | grep -oE 'uts namespaces \([0-9]+\)' | tr -dc 0-9)" -eq \
		"$(lsns -t uts -n -o NS | sort -u | wc -l)" ]
}
ok "namespace: as many as lsns counts" wait_until 20 counts_agree
for type in user pid mnt uts ipc net cgroup; do
	run "$CUTAWAY" draw fact "pid.$pid.ns.$type"
	like "fact: its $type namespace is what the link says" "$OUT" \
		"│ $(readlink "/proc/$pid/ns/$type" | sed 's/[][]/\\&/g') "
	like "fact: and that is the link it names" "$OUT" "│ /proc/$pid/ns/$type "
done
for attribute in caps:CapEff bounding:CapBnd seccomp:Seccomp no_new_privs:NoNewPrivs; do
	run "$CUTAWAY" draw fact "pid.$pid.${attribute%:*}"
	like "fact: ${attribute%:*} is what the file says" "$OUT" \
		"│ $(sed -nE "s/^${attribute#*:}:\s*//p" "/proc/$pid/status") "
done
run "$CUTAWAY" draw fact "ns.uts.$inode"
like "fact: who is in a namespace" "$OUT" "│ $pid +sleep 300"
run "$CUTAWAY" draw fact host.kernel
like "fact: the kernel's release" "$OUT" "│ $(uname -r) "

# A control group of version 1, and one of version 2: what the named file of the recorded tree holds.
group_fact() {
	local tree=$ROOT/tests/fixtures/$1 file
	run "$CUTAWAY" draw fact "cgroup.$2.memory.max" --root "$tree" --size 250x40
	file=$(grep -oE '│ /sys/fs/cgroup/[^ ]+' <<<"$OUT" | head -n 1 | cut -d' ' -f2)
	is "fact: $1: the file of the memory limit" "${file##*/}" "$3"
	like "fact: $1: it holds the limit" "$OUT" "│ $(cat "$tree$file") "
	like "fact: $1: a command shows it" "$OUT" "\\$ cat $file "
}
group_fact docker-host-v1 /docker/1f2e3d4c5b6a79880123456789abcdef1f2e3d4c5b6a79880123456789abcdef memory.limit_in_bytes
group_fact podman-user-v2 "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-0123456789abcdef00112233445566778899aabbccddeeff0f1e2d3c4b5a6978.scope/container" memory.max

run "$CUTAWAY" draw fact no.such.fact
is "no such fact: exit status" "$STATUS" 1
like "no such fact: it is named" "$ERR" 'no\.such\.fact'
like "no such fact: where names are to be found" "$ERR" 'check --list'
run "$CUTAWAY" draw fact
is "no fact at all: exit status" "$STATUS" 1
run "$CUTAWAY" draw process 4000000
is "no such process: exit status" "$STATUS" 1
like "no such process: it is named" "$ERR" '4000000'
run "$CUTAWAY" draw namespace hats
is "no such type: exit status" "$STATUS" 1
like "no such type: those there are" "$ERR" 'user, pid, mnt, uts'
done_testing
