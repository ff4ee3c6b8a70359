#!/usr/bin/env bash
# kill -9 of a container's first process, and of the process that watches over it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"

# A limit makes a control group, where this user may make one.
limit=()
! "$CUTAWAY" doctor --has "cgroup pids" 2>/dev/null || limit=(--pids-limit 16)

gone() {
	! kill -0 "$1" 2>/dev/null
}

name=crash-init-$$
ok "a container runs" "$CUTAWAY" run -d --name $name "${limit[@]}" base sleep 1000
state=$(runtime_dir)/containers/$name/state.json
init=$(field "$state" pid) monitor=$(field "$state" monitor_pid)
like "its first process is known" "$init" '^[1-9][0-9]*$'
like "its monitor is known" "$monitor" '^[1-9][0-9]*$'
kill -9 "$init"
says_exited() {
	[ "$(field "$state" status)" = exited ]
}
ok "first process killed: its state says so" wait_until 10 says_exited
ok "first process killed: the monitor ends" wait_until 10 gone "$monitor"
ok "first process killed: nothing is left" wait_until 10 container_left $name ||
	diag "$(container_left $name)"
is "first process killed: the exit status is that of the signal" "$(field "$state" exit_code)" 137
ok "what is remembered of it can be removed" "$CUTAWAY" rm $name
ok "and is gone" test ! -e "${state%/*}"

name=crash-monitor-$$
ok "another container runs" "$CUTAWAY" run -d --name $name "${limit[@]}" base sleep 1000
state=$(runtime_dir)/containers/$name/state.json
init=$(field "$state" pid) monitor=$(field "$state" monitor_pid)
kill -9 "$monitor"
ok "monitor killed: the container ends with it" wait_until 10 gone "$init"
ok "monitor killed: clean removes the rest" "$CUTAWAY" clean
ok "monitor killed: nothing is left" wait_until 10 container_left $name ||
	diag "$(container_left $name)"

# The next start cleans as well.
name=crash-next-$$
ok "a third container runs" "$CUTAWAY" run -d --name $name "${limit[@]}" base sleep 1000
state=$(runtime_dir)/containers/$name/state.json
init=$(field "$state" pid)
kill -9 "$(field "$state" monitor_pid)"
wait_until 10 gone "$init"
"$CUTAWAY" clean >/dev/null 2>&1
ok "its name can be used again" "$CUTAWAY" run --rm --name $name base /bin/true
ok "nothing is left of it" wait_until 10 container_left $name || diag "$(container_left $name)"
done_testing
