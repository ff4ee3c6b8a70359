#!/usr/bin/env bash
# ctr run --runc-binary cutaway-oci: containerd and its shim, which docker and Kubernetes use, without
# an engine above them.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
. "$ROOT/tests/lib/engine.sh"
. "$ROOT/tests/lib/engine_containers.sh"

engine_apart "containerd over our runtime" containerd ctr runc busybox

engine_containerd || done_testing
engine_word engine ctr -a "$ENGINE/containerd.sock"
engine_word container ctr -a "$ENGINE/containerd.sock" run --runc-binary "$OCI"
engine_word peer ctr -a "$ENGINE/containerd.sock" run --runc-binary "$(command -v runc)"
engine_image
STATES=/run/containerd/runc/default

# The image as an archive of the OCI layout, made by hand: image-spec, image-layout.md.
blob() { # FILE: into the layout; prints its descriptor's digest and size
	local digest
	digest=$(sha256sum <"$1" | cut -d' ' -f1)
	cp "$1" "$ENGINE/layout/blobs/sha256/$digest"
	printf '"digest": "sha256:%s", "size": %d' "$digest" "$(stat -c %s "$1")"
}
mkdir -p "$ENGINE/layout/blobs/sha256"
layer=$(blob "$ENGINE_IMAGE")
cat >"$ENGINE/config" <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum <"$ENGINE_IMAGE" | cut -d' ' -f1)"]}}
JSON
cat >"$ENGINE/manifest" <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", $(blob "$ENGINE/config")},
 "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", $layer}]}
JSON
cat >"$ENGINE/layout/index.json" <<JSON
{"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json",
 $(blob "$ENGINE/manifest"), "annotations": {"io.containerd.image.name": "example.org/box:1"}}]}
JSON
echo '{"imageLayoutVersion": "1.0.0"}' >"$ENGINE/layout/oci-layout"
tar -C "$ENGINE/layout" -cf "$ENGINE/layout.tar" .
ok "import" engine image import "$ENGINE/layout.tar" || done_testing
box=example.org/box:1

task_status() { # ID
	engine task ls | awk -v id="$1" '$1 == id { print $3 }'
}

# shellcheck disable=SC2317 # called by wait_until
task_is() {
	[ "$(task_status "$1")" = "$2" ]
}

# shellcheck disable=SC2317 # called by wait_until
file_has() {
	grep -q "$2" "$1"
}

# ctr closes its end of a program's pipes before it has read all (containerd 1.6, until its pull request
# 8643), and the rest is lost, the more easily the quicker the runtime is. So what depends on such
# output is asked up to three times: heard WANTED FUNCTION, which gets the number of the try.
heard() {
	local n out
	for n in 1 2 3; do
		out=$("$2" "$n")
		[ "$out" != "$1" ] || break
	done
	printf '%s\n' "$out"
}

# As `same`, with ctr's order of words; ids must differ from one run to the next.
number=0
same_task() { # TEXT OPTIONS COMMAND...
	local text=$1 options=$2 ours theirs
	shift 2
	for _ in 1 2 3; do
		number=$((number + 1))
		# shellcheck disable=SC2086 # the options are words
		theirs=$(peer --rm $options "$box" "peer$number" "$@" 2>"$WORK/peer.err" </dev/null; echo "status $?")
		# shellcheck disable=SC2086
		ours=$(container --rm $options "$box" "ours$number" "$@" 2>"$WORK/ours.err" </dev/null; echo "status $?")
		[ "$ours" != "$theirs" ] || break
	done
	if [ "$ours" = "$theirs" ]; then
		pass "as runc: $text (${ours##*$'\n'})"
	else
		fail "as runc: $text"
		diag "$(diff <(echo "$theirs"; cat "$WORK/peer.err") <(echo "$ours"; cat "$WORK/ours.err"))"
	fi
}

# ---- the life of a task --------------------------------------------------------------------------
mkdir "$WORK/volume"
# shellcheck disable=SC2317 # called by heard
first() {
	container --rm "$box" "first$1" echo hello
}
is "run: output" "$(heard hello first)" hello
container -d --mount "type=bind,src=$WORK/volume,dst=/volume,options=rbind:rw" --memory-limit 67108864 \
	--pid-file "$WORK/pid" "$box" life sh -c 'trap "echo told >>/volume/log" USR1; trap "echo bye >>/volume/log; exit 5" TERM
	echo ready >>/volume/log; while :; do sleep 0.1; done' >/dev/null 2>&1
ok "detached: it runs" wait_until 60 file_has "$WORK/volume/log" ready || done_testing
is "detached: its task" "$(task_status life)" RUNNING
pid=$(engine task ls | awk '$1 == "life" { print $2 }')
is "detached: the pid file" "$(<"$WORK/pid")" "$pid"
like "detached: it is one of ours" "$("$OCI" --root "$STATES" state life)" "\"pid\": $pid,"
like "ps: its processes" "$(engine task ps life)" "^$pid\\b"
like "metrics: the limit" "$(engine task metrics life)" '67108864'
# shellcheck disable=SC2016,SC2317 # expands inside; called by heard
by_anna() {
	engine task exec --exec-id "one$1" --cwd /tmp --user anna life sh -c 'echo "$PWD $(id -un)"; exit 6' 2>&1
	echo "status $?"
}
is "exec: directory, user, status" "$(heard $'/tmp anna\nstatus 6' by_anna)" $'/tmp anna\nstatus 6'
# shellcheck disable=SC2317 # called by heard
through_cat() {
	echo hello | engine task exec --exec-id "two$1" life cat
}
is "exec: standard input" "$(heard hello through_cat)" hello
run engine task exec --exec-id three life no-such-program
is "exec: of what is not there" "$STATUS" 1
like "exec: says what" "$ERR" 'no-such-program.*not found'
ok "pause" engine task pause life
is "pause: then it is paused" "$(task_status life)" PAUSED
ok "resume" engine task resume life
is "resume: then it runs" "$(task_status life)" RUNNING
ok "kill: a signal of choice" engine task kill -s USR1 life
ok "kill: it arrives" wait_until 60 file_has "$WORK/volume/log" told
ok "kill: to end" engine task kill life
ok "kill: then it has ended" wait_until 60 task_is life STOPPED
like "kill: by its own doing" "$(<"$WORK/volume/log")" '^bye$'
run engine task rm life
like "task rm: tells the program's status" "$OUT$ERR" 'exit code 5'
ok "rm" engine container rm life
container -d "$box" deaf sleep 1000 >/dev/null 2>&1
ok "kill -9 --all" engine task kill -s KILL --all deaf
ok "kill -9 --all: then it has ended" wait_until 60 task_is deaf STOPPED
engine task rm deaf >/dev/null 2>&1
engine container rm deaf

# ---- a terminal ----------------------------------------------------------------------------------
terminal_start 100 30
container -d "$box" term sleep 1000 >/dev/null 2>&1
test_shell_on_terminal "run -t" container -t --rm "$box" shell sh
test_shell_on_terminal "exec -t" engine task exec -t --exec-id shell term sh
terminal_end
engine task rm -f term >/dev/null 2>&1
engine container rm term

# ---- beside runc ---------------------------------------------------------------------------------
same_task "nothing asked for" "" look
same_task "limits, a user, a variable" "--memory-limit 67108864 --cpus 0.5 --cwd /tmp --env A=b" look
same_task "one capability less and one more, nothing to be written, a filter" \
	"--cap-drop CAP_CHOWN --cap-add CAP_SYS_TIME --read-only --seccomp" look
same_task "network of the machine" --net-host sh -c 'readlink /proc/self/ns/net; cd /sys/class/net; echo *'
same_task "its own status" "" sh -c 'exit 7'
same_task "a program that is not there" "" no-such-program

# ---- what is asked -------------------------------------------------------------------------------
# containerd counts the calls that it gets: each of them was seen, by its name, and no other.
counted() { # started_total | handled_total
	curl -s http://127.0.0.1:1338/v1/metrics |
		sed -nE "s/^grpc_server_$1\{(grpc_code=\"([A-Za-z]+)\",)?grpc_method=\"([A-Za-z]+)\",grpc_service=\"([A-Za-z0-9.]+)\".*\} ([0-9]+)$/\/\4\/\3 \2 \5/p"
}
more_counted() { # BEFORE AFTER: a line for each call between
	awk 'NR == FNR { was[$1 " " (NF > 2 ? $2 : "")] = $NF; next }
		{ key = $1 " " (NF > 2 ? $2 : ""); for (i = was[key]; i < $NF; i++) print key }' "$1" "$2" | sed 's/ $//' | sort
}
counted started_total >"$WORK/started.before"
counted handled_total >"$WORK/handled.before"
# shellcheck disable=SC2154 # engine_daemon sets it
run timeout 120 "$CUTAWAY" watch -q -o "$WORK/watched" --also "$daemon_containerd" \
	ctr -a "$ENGINE/containerd.sock" run --rm --runc-binary "$(command -v runc)" --env PASSWORD=geheim "$box" watched sh -c 'exit 3'
is "watched: exit status" "$STATUS" 3
counted started_total >"$WORK/started.after"
counted handled_total >"$WORK/handled.after"
said() { jq -r --arg api "$1" "select(.api == \$api) | $2" "$WORK/watched"; }
like "watched: containerd has counted" "$(more_counted "$WORK/started.before" "$WORK/started.after")" '^/containerd\.services\.tasks\.v1\.Tasks/Create$'
ok "watched: the calls that containerd has counted, each" diff -u \
	<(more_counted "$WORK/started.before" "$WORK/started.after") <(said grpc 'select(.request) | .request' | sort)
# Of a stream the client may have had enough: then it ends without an answer.
ok "watched: and as it has counted the answers" diff -u \
	<(more_counted "$WORK/handled.before" "$WORK/handled.after" | grep -vE '/(Subscribe|Read)') \
	<(said grpc 'select(.answer) | .of + " " + .answer' | grep -vE '/(Subscribe|Read)' | sed -E 's/grpc-status 0 OK/OK/; s/grpc-status 5 NOT_FOUND.*/NotFound/; s/grpc-status 6 ALREADY_EXISTS.*/AlreadyExists/' | sort)
is "watched: ctr asks containerd" "$(said grpc 'select(.request) | .comm + " " + .to + " " + (.to_pid | tostring)' | sort -u)" "ctr $ENGINE/containerd.sock $daemon_containerd"
is "watched: containerd its shim" "$(said ttrpc 'select(.request and .comm == "containerd") | .request' | grep -E '/(Create|Start|Wait|Delete|Shutdown)$' | sort -u | tr '\n' ' ')" \
	"/containerd.task.v2.Task/Create /containerd.task.v2.Task/Delete /containerd.task.v2.Task/Shutdown /containerd.task.v2.Task/Start /containerd.task.v2.Task/Wait "
is "watched: the shim answers each" "$(said ttrpc 'select(.request) | .request' | sort)" "$(said ttrpc 'select(.answer) | .of' | sort)"
like "watched: the shim tells of the end" "$(said ttrpc 'select(.comm == "containerd-shim" and .request) | .request')" '^/containerd\.services\.events\.ttrpc\.v1\.Events/Forward$'
is "watched: the runtime's commands" "$(said oci .request | head -n 2)" $'create watched\nstart watched'
unlike "watched: in what is said is no secret" "$(jq -c 'select(.api)' "$WORK/watched")" geheim

# ---- nothing is left -----------------------------------------------------------------------------
left_of() {
	awk '{ print $5 }' /proc/self/mountinfo
	find /sys/fs/cgroup -type d
	find /run/containerd "$ENGINE/containerd.state" -mindepth 1 | grep -vE '\.(log|sock)$'
}
before=$(left_of)
processes=$(engine_processes)
for i in $(seq 20); do
	container --rm --mount "type=bind,src=$WORK/volume,dst=/volume,options=rbind:rw" "$box" "row$i" \
		sh -c "echo $i >>/volume/rows"
done
is "20 in a row: each ran" "$(tr '\n' ' ' <"$WORK/volume/rows")" "$(seq -s ' ' 20) "
is "20 in a row: no container is left" "$(engine container ls -q)" ""
ok "20 in a row: no process is left" wait_until 60 engine_processes_are "$processes"
ok "20 in a row: no mount, control group or state is left" wait_until 60 nothing_more_than "$before" ||
	diag "$(comm -13 <(sort -u <<<"$before") <(left_of | sort -u))"
engine_end containerd
done_testing
