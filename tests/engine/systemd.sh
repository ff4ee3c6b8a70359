#!/usr/bin/env bash
# Where systemd is process 1: a machine booted for it with systemd-nspawn(1), whose /usr is ours. The page
# about units watches it for real there, as root; an ordinary user, whom systemd refuses, is told the
# recording, and that it is one.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
. "$ROOT/tests/lib/engine.sh"
engine_apart "a machine whose process 1 is systemd" systemd-nspawn jq
exec 2>&1
cd "$WORK" || exit 1

mkdir -p machine/{usr,etc,var/tmp,tmp,run,proc,sys,dev,root,cutaway,out}
chmod 1777 machine/tmp machine/var/tmp machine/out
for name in bin sbin lib lib64; do ln -s "usr/$name" "machine/$name"; done
: >machine/etc/os-release
: >machine/etc/machine-id
# A copy, since the tree may lie where an ordinary user has no way in.
mkdir program
cp "$CUTAWAY" "$CUTAWAY-lab" "$CUTAWAY-oci" program/
cp -r "$ROOT/lessons" lessons
systemd-nspawn -q --register=no --keep-unit --private-network -D machine --bind-ro=/usr --bind="$WORK/program:/cutaway/build" \
	--bind="$WORK/lessons:/cutaway/lessons" -b systemd.unit=sysinit.target </dev/null >boot.log 2>&1 &

process_1() { pgrep -x systemd; }
ok "systemd is started" wait_until 60 process_1 || { diag "$(<boot.log)"; done_testing; }
# inside USER COMMAND...
inside() {
	local who=$1
	shift
	nsenter -t "$(process_1)" -a setpriv --reuid "$who" --regid "$who" --clear-groups env -i PATH=/cutaway/build:/usr/sbin:/usr/bin \
		CUTAWAY=/cutaway/build/cutaway HOME="/out/$who" TMPDIR="/out/$who" XDG_DATA_HOME="/out/$who/data" \
		XDG_STATE_HOME="/out/$who/state" XDG_RUNTIME_DIR="/out/$who/run" LC_ALL=C.UTF-8 TERM=xterm "$@"
}
is_up() { [ "$(inside 0 systemctl is-active sysinit.target)" = active ]; }
ok "it has booted" wait_until 60 is_up || { diag "$(<boot.log)"; done_testing; }
is "process 1 is systemd" "$(inside 0 cat /proc/1/comm)" systemd

# What the page leaves in the lab is kept.
cat >program/keep <<'END'
#!/bin/sh
[ ! -e "$LAB/systemd" ] || cp "$LAB/systemd" "/out/$(id -u)/record"
END
chmod 755 program/keep
for who in 0 $USER_UID; do
	mkdir -p "machine/out/$who/run"
	chown -R "$who:$who" "machine/out/$who"
	chmod 700 "machine/out/$who/run"
	run inside "$who" timeout 300 cutaway replay --tap --upto 6 --after-step /cutaway/build/keep /cutaway/lessons/single-host-toolchain
	tap_forward "the toolchain, user $who: " <<<"$OUT"
	is "user $who: the replay ends well" "$STATUS" 0 || diag "$ERR"
	record=machine/out/$who/record
	ok "user $who: the unit's record is there" test -s "$record"
	if [ "$who" = 0 ]; then
		like "it was made here and now" "$(head -n 1 "$record" | jq -r .started)" "^$(date -u +%Y-%m-%d)"
	else
		run inside "$who" cutaway watch -q -o /out/again --also 1 --else /cutaway/lessons/single-host-toolchain/systemd.jsonl -- \
			systemd-run -q true
		like "whom systemd is not open to: a recording, and said to be" "$OUT$ERR" 'recorded'
	fi
done
record=machine/out/0/record
said() { jq -es "any(.[]; $1)" "$record"; }
ok "systemd-run asks over D-Bus" said '(.request // "") | test("StartTransientUnit")'
ok "process 1 makes the control group" said '.call == "mkdir" and .pid == 1 and (.args | test("system.slice/run-"))'
for flag in NET NS UTS; do
	ok "a child of it unshares CLONE_NEW$flag" said ".call == \"unshare\" and .pid != 1 and .error == null and (.args | test(\"CLONE_NEW$flag\"))"
done
ok "and becomes the program" said '.call == "execve" and .error == null and (.args | test("/true"))'
run "$CUTAWAY" watch --replay "$record"
like "the request, as it is told" "$OUT" '>> org\.freedesktop\.systemd1\.Manager\.StartTransientUnit'

kill -KILL "$(process_1)"
wait
done_testing
