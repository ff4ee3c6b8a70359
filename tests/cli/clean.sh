#!/usr/bin/env bash
# What a crash leaves is removed, what lives is not: `cutaway clean`, and `images` and `doctor`.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/left.sh"

name=clean-$$
containers=$XDG_RUNTIME_DIR/cutaway/containers

state() { # NAME MEMBER
	sed -nE 's/.*"'"$2"'":"?([^",]*).*/\1/p' "$containers/$1/state.json"
}

groups_of() {
	find /sys/fs/cgroup -type d -name "$1" 2>/dev/null
}

gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

run "$CUTAWAY" clean
is "clean: nothing there, exit status" "$STATUS" 0
is "clean: nothing there, says so" "$OUT" "nothing to clean"
run "$CUTAWAY" clean everything
is "clean: an argument is a usage error" "$STATUS" 2

run "$CUTAWAY" images
is "images: exit status" "$STATUS" 0
like "images: base is there without a network" "$OUT" '^base +sha256:[0-9a-f]{12} +1 +[0-9.]+ MB'
run "$CUTAWAY" images --json
like "images --json: the whole digest" "$OUT" '"digest": "sha256:[0-9a-f]{64}"'

run "$CUTAWAY" doctor --json
like "doctor --json: names capabilities" "$OUT" '"name": "overlay in user namespaces"'
works=$("$CUTAWAY" doctor | grep -cE '^(✓|yes) ')
is "doctor: table and JSON agree" "$(grep -c '"works": true' <<<"$OUT")" "$works"
run "$CUTAWAY" doctor --has bash
is "doctor --has: what is there" "$STATUS$OUT$ERR" 0
run "$CUTAWAY" doctor --has 'warp drive'
is "doctor --has: an unknown name is a usage error" "$STATUS" 2
run env PATH=/nonexistent "$CUTAWAY" doctor --has bash
is "doctor --has: what is missing, exit status" "$STATUS" 1
like "doctor --has: what is missing, how to get it" "$ERR" "apt install bash"
run env PATH=/nonexistent "$CUTAWAY" doctor
is "doctor: the first lesson cannot run without bash" "$STATUS" 1

run "$CUTAWAY" run -d --name "$name-a" base sleep 1000
if [ "$STATUS" != 0 ]; then
	fail "a container starts"
	diag "$ERR"
	done_testing
fi
run "$CUTAWAY" run -d --name "$name-b" base sleep 1000
process_a=$(state "$name-a" pid) process_b=$(state "$name-b" pid)
run "$CUTAWAY" clean
is "clean: running containers are left" "$OUT" "nothing to clean"
kill -KILL "$(state "$name-a" monitor_pid)"
ok "the process of a killed monitor ends with it" wait_until 10 gone "$process_a"
run "$CUTAWAY" clean --dry-run
like "clean --dry-run: names what is left" "$OUT" "^would remove container $name-a\$"
unlike "clean --dry-run: not what lives" "$OUT" "$name-b"
ok "clean --dry-run: removes nothing" test -e "$containers/$name-a/ledger"
run "$CUTAWAY" clean
is "clean: exit status" "$STATUS" 0
like "clean: names what it removed" "$OUT" "^removed container $name-a\$"
is "clean: no control group is left" "$(groups_of "$name-a")" ""
ok "clean: no directory is left" test ! -e "$containers/$name-a"
is "clean: no files are left" "$(data_files | sed 's|.*/||')" "$name-b"
ok "clean: the other container lives" kill -0 "$process_b"
run "$CUTAWAY" clean
is "clean: a second time there is nothing" "$OUT" "nothing to clean"
run "$CUTAWAY" clean --all
like "clean --all: ends what runs" "$OUT" "^removed container $name-b\$"
ok "clean --all: its process is gone" wait_until 10 gone "$process_b"
is "clean --all: no control group is left" "$(groups_of "$name-b")" ""
is "clean --all: no container is left" "$(ls -A "$containers")" ""
done_testing
