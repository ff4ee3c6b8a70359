#!/usr/bin/env bash
# cutaway watch --also, as root: daemons are followed by a program in the kernel (kernel/watch/tap) that
# stops nobody. It tells the same as ptrace(2), which is used where the kernel does not let us, and the
# same as strace(1).
# Not in user-mode-linux: the engines take minutes there, and it has no BPF.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/engine.sh"
engine_apart "cutaway watch of daemons" curl strace jq setpriv bpftool dockerd docker containerd runc
cd "$WORK" || exit 1
if [ ! -e /sys/kernel/btf/vmlinux ]; then
	skip "daemons followed without a stop" "the kernel's types: /sys/kernel/btf/vmlinux"
	done_testing
fi

# taps: how many programs of ours there are.
taps() { bpftool prog list | grep -cE 'raw_tracepoint +name on_(enter|exit|fork|exec|end) '; }
none_of_ours() { [ "$(taps)" = 0 ]; }
tracer_of() { awk '/^TracerPid/ { print $2 }' "/proc/$1/status"; }
# Without the right to load programs it is ptrace(2) that is left.
rights=-bpf,-perfmon,-sys_admin
stopped=(setpriv "--inh-caps=$rights" "--bounding-set=$rights")

# ---- a worker of our own -------------------------------------------------------------------------
cat >worker <<'WORKER'
while read -r what; do
	case $what in
	once) curl -s "http://127.0.0.1:$(cat port)/v2/" >/dev/null ;;
	name) unshare -u hostname worker ;;
	gone) nothing-of-that-name 2>/dev/null; mount -t nothing none /nowhere 2>/dev/null ;;
	esac
	echo "did $what" >done
done <work
WORKER
mkfifo work hold "done"
bash worker &
worker=$!
exec 8>work
cat >ask <<'ASK'
echo "$1" >work
read -r _ <done
ASK
told() { jq -r 'select(.call and (.call | test("^(clone3?|vfork|execve|mount|unshare|sethostname|connect)$"))) | "\(.call) \(.args) \(.error)"' "$1" |
	sed -E 's/0x[0-9a-f]+|[0-9]+ vars|child_tidptr=[^,)]*/X/g' | sort; }
for what in name gone; do
	for how in tap stopped; do
			command=("$CUTAWAY" watch -q -o "$how" --also "$worker" sh ask "$what")
		[ $how = tap ] || command=("${stopped[@]}" "${command[@]}")
		run timeout 60 "${command[@]}"
		is "a worker, $what, $how: the command ends" "$STATUS$ERR" 0
	done
	like "a worker, $what: its calls are told" "$(told tap)" '^(sethostname "worker", 6 null|mount "none", "/nowhere", .* E[A-Z]+)$'
	is "a worker, $what: the same as stopped" "$(told tap)" "$(told stopped)"
done
# A connection that is closed again at once.
"$CUTAWAY" registry --port 0 >registry.out 2>registry.err &
registry=$!
ok "a registry to ask" wait_until 10 grep -q '^listening on ' registry.out || diag "$(<registry.err)"
sed -nE 's,^listening on [a-z]+://[^ ]*:([0-9]+): .*,\1,p' registry.out >port
for i in 1 2 3; do
	timeout 60 "$CUTAWAY" watch -q -o kept --also "$worker" sh ask once
	is "a worker, once, $i: what it asks for and is answered" "$(jq -r 'select(.api) | .comm + " " + (.request // .answer) + " " + .to' kept)" \
		"curl GET /v2/ 127.0.0.1:$(cat port)"$'\n'"127.0.0.1:$(cat port) 200 OK curl"
done
kill $registry
wait $registry 2>/dev/null

is "who is in which namespaces: the same as stopped" \
	"$(jq -r 'select(.event == "namespaces").ns | keys[]' tap | sort -u)" "$(jq -r 'select(.event == "namespaces").ns | keys[]' stopped | sort -u)"

is "nobody is stopped" "$(timeout 60 "$CUTAWAY" watch -q -o kept --also $worker sh -c 'grep TracerPid /proc/$0/status; sh ask name' $worker)" $'TracerPid:\t0'
is "without the right they are" "$(timeout 60 "${stopped[@]}" "$CUTAWAY" watch -q -o kept --also $worker sh -c 'grep -c "TracerPid:.[1-9]" /proc/$0/status' $worker)" 1
ok "no program is left in the kernel" wait_until 30 none_of_ours

# The follower is the parent of the command.
"$CUTAWAY" watch -q -o kept --also $worker sh -c 'echo $PPID >follower; sh ask name; : >asked; read -r _ <hold' 2>err &
watching=$!
ok "a watch to be killed" wait_until 30 test -e asked
like "its programs are in the kernel" "$(taps)" '^[1-9]'
kill -KILL "$(cat follower)"
ok "killed with -9 nothing of it is left in the kernel" wait_until 30 none_of_ours
run timeout 60 sh ask gone
is "and the worker goes on" "$STATUS" 0
echo >hold
wait $watching 2>/dev/null

# ---- the engines ---------------------------------------------------------------------------------
engine_image
engine_containerd || exit 1
engine_daemon dockerd "$WORK/dockerd.log" dockerd -H "unix://$ENGINE/docker.sock" --containerd "$ENGINE/containerd.sock" \
	--data-root "$ENGINE/docker" --exec-root "$ENGINE/docker.run" --pidfile "$ENGINE/docker.pid" --iptables=false --bridge=none
export DOCKER_HOST=unix://$ENGINE/docker.sock
wait_until 60 docker version >/dev/null || exit 1
docker import "$ENGINE_IMAGE" box >/dev/null
container=(docker run --rm --network none --hostname lab box hostname)
"${container[@]}" >/dev/null
for how in tap stopped; do
	command=("$CUTAWAY" watch -q -o "$how" --also dockerd --also containerd -- "${container[@]}")
	[ $how = tap ] || command=("${stopped[@]}" "${command[@]}")
	is "docker, $how: the container says the same" "$(timeout 120 "${command[@]}" 2>err; echo "status $?")" $'lab\nstatus 0' || diag "$(<err)"
	# Of threads Go has now more and now fewer; some files of /proc/sys are written again and again until
	# a lock is free; how the client asks is not the point here.
	jq -r 'select(.call and .error != "restarted" and .comm != "docker" and ((.args | test("CLONE_THREAD")) | not)) | "\(.comm) \(.call) \(.args) \(.error)"' $how |
		sed -E 's/[0-9a-f]{12,}/ID/g; s,/l/[A-Z0-9]+,/l/LINK,g; s,runc\.[A-Za-z0-9]+,runc.RANDOM,g; s/[0-9]+/N/g' | sort | uniq -c >$how.calls
	jq -r 'select(.api) | "\(.comm) \(.api) \(.request // ("A " + .answer)) \(.to)"' $how | sed -E 's/[0-9a-f]{12,}/ID/g; s/[0-9]+/N/g' | sort | uniq -c >$how.said
	# Who ends last may do so when the client has gone, and the watch is over.
	jq -r 'select(.event and .event != "end") | "\(.event) \(.comm) \(.status) \(.ns | if . then keys else "" end)"' $how | sort | uniq -c >$how.events
done
like "docker: its daemons' calls are told" "$(<tap.calls)" ' runc:.* pivot_root ".", "." null'
ok "docker: the same calls with the same arguments as stopped" diff -u stopped.calls tap.calls
ok "docker: and the same is said" diff -u stopped.said tap.said
ok "docker: and the same processes come, into the same namespaces" diff -u stopped.events tap.events

calls='setns|mount|umount2|pivot_root|chroot|sethostname|setresuid|setgroups|capset|mount_setattr|openat2|keyctl|seccomp|execve|unlinkat'
# shellcheck disable=SC2154 # engine_daemon sets it
strace -f -qq -e signal=none -e trace="${calls//|/,}" -o strace -p "$(cat "$ENGINE/docker.pid")" -p "$daemon_containerd" 2>err &
strace=$!
attached() { [ "$(tracer_of "$daemon_containerd")" = $strace ] && [ "$(tracer_of "$(cat "$ENGINE/docker.pid")")" = $strace ]; }
ok "strace has them" wait_until 30 attached
"${container[@]}" >/dev/null
kill $strace
wait $strace 2>/dev/null
# Of unlinkat(2) only what is in control groups is told.
sed -nE 's/^[0-9]+ +(<\.\.\. )?('"$calls"')(\(| resumed>).* = (-1 )?([A-Z0-9]+)( .*)?$/\2 \5 \0/p' strace |
	awk '$1 != "unlinkat" || /\/sys\/fs\/cgroup/ { print $1, $2 ~ /^[0-9]/ ? "ok" : $2 }' | grep -v '^unlinkat E' | sort | uniq -c >strace.calls
jq -rs '(map(select(.event == "finish"))[0].pid) as $client | .[] | select(.call and .pid != $client and (.call | test("^('"$calls"')$"))) | "\(.call) \(.error // "ok")"' tap | grep -v '^unlinkat E' | sort | uniq -c >watch.calls
ok "docker: the same calls, as often, as strace sees" diff -u strace.calls watch.calls
engine_end dockerd
engine_end containerd
exec 8>&-
wait $worker
ok "no program is left in the kernel at the end" wait_until 30 none_of_ours
done_testing
