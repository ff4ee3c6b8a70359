# shellcheck shell=bash
# Containers by an engine whose command line is docker's (podman's is): source after tap.sh,
# terminal.sh and engine.sh. The caller has made, with engine_word:
#
#   engine ARG...       the engine, over our runtime
#   container ARG...    its `run`, over our runtime
#   peer ARG...         its `run`, over runc
#
# and an image "box" of $ENGINE_IMAGE, and says what differs between engines:
#
#   left_of             a function: prints what is there of mounts, control groups, states, links
#   health_is STATUS    a function: of the container "healthy"
#   $STATES             where our runtime keeps its states for this engine
#   $PORT               a port for containers to be reached at
#   ${INIT[@]}          options beside --init
#   ${UPDATE[@]}        options of `update` for 32 MiB of memory
#   $EXEC_NOT_FOUND     exit status of `exec` of a program that is not there
#   $ALL_POWERS         CapEff of a privileged container
#   $OOM_TOLD           what State.OOMKilled may be, a regular expression

engine() {
	timeout 120 "$ENGINE/bin/engine" "$@"
}

container() {
	timeout 120 "$ENGINE/bin/container" "$@"
}

peer() {
	timeout 120 "$ENGINE/bin/peer" "$@"
}

inspect() { # CONTAINER FORMAT
	engine inspect --type container --format "$2" "$1"
}

# shellcheck disable=SC2317 # those in between are called by wait_until
is_state() { # CONTAINER STATE
	[ "$(inspect "$1" '{{.State.Status}}')" = "$2" ]
}

has_logged() { # CONTAINER REGEX
	engine logs "$1" 2>&1 | grep -qE -- "$2"
}

answers() { # ADDRESS
	[ "$(timeout 10 busybox wget -q -O - "http://$1/text")" = text ]
}

# The same container over both runtimes: what it prints, and its exit status. Removed by hand: podman
# may lose the status of a container that goes by itself (--rm) on a busy machine.
same() { # TEXT [OPTION]... IMAGE [COMMAND]...
	local text=$1 ours theirs status
	shift
	theirs=$(peer --name same "$@" 2>"$WORK/peer.err" </dev/null)
	theirs+=" status $?"
	engine rm same >/dev/null 2>&1
	ours=$(container --name same "$@" 2>"$WORK/ours.err" </dev/null)
	status=$?
	engine rm same >/dev/null 2>&1
	ours+=" status $status"
	if [ "$ours" = "$theirs" ]; then
		pass "as runc: $text (status $status)"
		return
	fi
	fail "as runc: $text"
	diag "runc against ours:"
	diag "$(diff <(echo "$theirs"; cat "$WORK/peer.err") <(echo "$ours"; cat "$WORK/ours.err"))"
}

test_as_runc() {
	mkdir -p "$WORK/volume"
	echo volume >"$WORK/volume/file"
	chmod 644 "$WORK/volume/file"
	same "nothing asked for" box look
	same "limits, a user, another directory" -m 64m --cpus 0.5 --pids-limit 50 --user anna -w /tmp -e A=b \
		--oom-score-adj 500 --sysctl net.ipv4.ip_forward=0 box look
	same "one capability, no network, nothing to be written, no way up" --cap-drop ALL --cap-add CHOWN --read-only \
		--network none --security-opt no-new-privileges --user 5:6 --group-add 7 --shm-size 1m box look
	same "capabilities, a device, limits, volumes, no filter" --cap-add SYS_TIME --device /dev/null:/dev/mine:rw \
		--ulimit core=0:0 --security-opt seccomp=unconfined -v "$WORK/volume:/volume:ro" -v /other \
		--init "${INIT[@]}" box sh -c 'look; cat /volume/file; ls -l /volume /other; echo x >/volume/x'
	same "namespaces of the host" --pid host --ipc host --uts host --network host box \
		sh -c 'cd /proc/self/ns; readlink pid ipc uts net; cd /sys/class/net; echo *; hostname'
	same "a program that is not there" box no-such-program
	same "a directory as program" box /etc
	same "a text as program" box /etc/text
	same "its own status" box sh -c 'exit 7'
	same "its own status, ended by a signal" box sh -c 'sh -c "kill -9 \$\$"'
	same "out of memory" -m 16m box sh -c 'tail /dev/zero'
}

test_life() {
	local id pid before
	mkdir -p "$WORK/volume"
	id=$(container -d --name web -p "127.0.0.1:$PORT:80" -v "$WORK/volume:/volume" -v kept:/kept --hostname web \
		--tmpfs /scratch box sh -c 'echo first; echo second >&2; trap "echo told" USR1
		trap "echo bye; exit 5" TERM; httpd -p 80 -h /etc; while :; do sleep 0.1; done')
	is "detached: it runs" "$(inspect web '{{.State.Status}}')" running || done_testing
	pid=$(inspect web '{{.State.Pid}}')
	like "detached: it is one of ours" "$("$OCI" --root "$STATES" state "$id")" "\"pid\": $pid,"
	is "detached: it is a process of this machine" "$(tr '\0\n' '  ' <"/proc/$pid/cmdline" | cut -c1-17)" "sh -c echo first;"
	like "ps: lists it" "$(engine ps --format '{{.Names}} {{.Status}}')" '^web Up'
	ok "port: from this machine" wait_until 60 answers "127.0.0.1:$PORT"
	ok "port: by its own address" answers "$(inspect web '{{.NetworkSettings.IPAddress}}'):80"
	ok "logs: both streams" wait_until 60 has_logged web '^first'
	like "logs: both streams" "$(engine logs web 2>&1 >/dev/null)" '^second$'
	like "top: its processes" "$(engine top web)" 'httpd -p 80'

	# shellcheck disable=SC2016 # expands inside
	run engine exec -e A=b -w /tmp -u anna web sh -c 'echo "$A $PWD $(id -un) $(hostname)"; exit 6'
	is "exec: environment, directory, user, status" "$STATUS $OUT" "6 b /tmp anna web"
	is "exec: standard input" "$(echo hello | engine exec -i web cat)" hello
	run engine exec web no-such-program
	is "exec: of what is not there" "$STATUS" "$EXEC_NOT_FOUND"
	like "exec: says what" "$ERR$OUT" no-such-program
	run engine exec web /etc/text
	is "exec: of what is no program" "$STATUS" 126
	ok "exec: in the background" engine exec -d web sh -c 'echo background >/scratch/file; exec sleep 1000'
	ok "exec: in the background it has run" wait_until 60 engine exec web grep background /scratch/file
	is "exec --privileged: all powers we have" "$(engine exec --privileged web awk '/^CapEff/ { print $2 }' /proc/self/status)" \
		"$ALL_POWERS"

	echo changed >"$WORK/volume/file"
	is "volume: changes are seen inside" "$(engine exec web cat /volume/file)" changed
	engine exec web sh -c 'echo inside >/volume/made; echo kept >/kept/file'
	is "volume: and outside" "$(cat "$WORK/volume/made")" inside
	is "volume: a named one is there for others" "$(container --rm -v kept:/there:ro box cat /there/file)" kept
	ok "cp: into it" engine cp "$WORK/volume/made" web:/etc/copied
	is "cp: into it, seen inside" "$(engine exec web cat /etc/copied)" inside
	is "cp: out of it" "$(engine cp web:/etc/text - | tar -xOf -)" text

	ok "pause" engine pause web
	is "pause: then it is paused" "$(inspect web '{{.State.Status}}')" paused
	ok "unpause" engine unpause web
	is "unpause: then it runs" "$(inspect web '{{.State.Status}}')" running
	ok "unpause: then it answers" wait_until 60 answers "127.0.0.1:$PORT"
	ok "kill: a signal of choice" engine kill -s USR1 web
	ok "kill: it arrives" wait_until 60 has_logged web '^told$'
	before=$(inspect web '{{.State.Pid}}')
	ok "restart" engine restart -t 60 web
	unlike "restart: another process" "$(inspect web '{{.State.Status}} {{.State.Pid}}')" "running $before\$"
	ok "restart: the port again" wait_until 60 answers "127.0.0.1:$PORT"
	is "restart: what was written is there" "$(engine exec web cat /etc/copied)" inside
	ok "stop" engine stop -t 60 web
	is "stop: the program's own end" "$(inspect web '{{.State.Status}} {{.State.ExitCode}}')" "exited 5"
	ok "start again" engine start web
	ok "kill" engine kill web
	ok "kill: then it has ended" wait_until 60 is_state web exited
	is "kill: by signal 9" "$(inspect web '{{.State.ExitCode}}')" 137
	ok "rm" engine rm web
	is "rm: then there is none" "$(engine ps -aq)" ""
}

test_ends() {
	container -d --name deaf box sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done' >/dev/null
	wait_until 60 has_logged deaf ready
	ok "stop: of who does not listen" engine stop -t 1 deaf
	is "stop: it is ended" "$(inspect deaf '{{.State.ExitCode}}')" 137
	engine start deaf >/dev/null
	ok "rm -f: a running one" engine rm -f deaf
	is "wait: the exit status" "$(container -d --name ends box sh -c 'exit 9' >/dev/null && engine wait ends)" 9
	engine rm ends >/dev/null
	container -d --name oom -m 16m box sh -c 'exec tail /dev/zero' >/dev/null
	ok "out of memory: it ends" wait_until 60 is_state oom exited
	like "out of memory: as such" "$(inspect oom '{{.State.OOMKilled}} {{.State.ExitCode}}')" "^$OOM_TOLD 137\$"
	engine rm oom >/dev/null
	container -d --name again --restart on-failure:2 box sh -c 'echo run; exit 3' >/dev/null
	ok "restart policy: it is made anew as often as asked for" wait_until 60 restarted_twice again
	is "restart policy: and then it is over" "$(inspect again '{{.State.ExitCode}}')" 3
	engine rm -f again >/dev/null
}

# shellcheck disable=SC2317 # called by wait_until
restarted_twice() {
	[ "$(inspect "$1" '{{.State.Status}}')" = exited ] && [ "$(engine logs "$1" | grep -c run)" = 3 ]
}

test_shared() {
	local pid
	container -d --name first --hostname first --ipc shareable -p "127.0.0.1:$PORT:80" box \
		sh -c 'echo shared >/dev/shm/file; exec httpd -f -p 80 -h /etc' >/dev/null
	ok "first: answers" wait_until 60 answers "127.0.0.1:$PORT"
	is "network of another container" "$(container --rm --network container:first box wget -q -O - http://127.0.0.1/text)" text
	is "IPC of another container" "$(container --rm --ipc container:first box cat /dev/shm/file)" shared
	pid=$(container --rm --pid container:first box ps | awk '/httpd/ { print $1 }')
	is "processes of another container" "$pid" 1
	is "--privileged: all powers we have" "$(container --rm --privileged box awk '/^CapEff/ { print $2 }' /proc/self/status)" \
		"$ALL_POWERS"
	is "--privileged: devices of this machine" "$(container --rm --privileged box sh -c 'test -c /dev/kmsg && echo yes')" yes
	is "--privileged: control groups to be written" "$(container --rm --privileged box \
		sh -c 'for d in /sys/fs/cgroup/memory /sys/fs/cgroup; do mkdir $d/x 2>/dev/null && rmdir $d/x && echo yes && break; done')" yes
	engine rm -f first >/dev/null
	container -d --name limited -m 64m --pids-limit 50 box sleep 1000 >/dev/null
	if "$OCI" update --help >/dev/null 2>&1; then
		ok "update: other limits" engine update "${UPDATE[@]}" limited
		like "update: they hold" "$(engine exec limited sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null')" '^33554432$'
	fi
	like "stats: what it uses of what it may" "$(engine stats --no-stream --format '{{.MemUsage}}' limited)" '/ (64MiB|67\.11MB|32MiB|33\.55MB)$'
	engine rm -f limited >/dev/null
}

test_health() {
	container -d --name healthy --health-cmd 'test -e /tmp/well' --health-interval 1s --health-retries 1 box sleep 1000 >/dev/null
	ok "healthcheck: ill" wait_until 60 health_is unhealthy
	engine exec healthy touch /tmp/well
	ok "healthcheck: well" wait_until 60 health_is healthy
	engine rm -f healthy >/dev/null
}

# Twenty in a row; the engine's daemons and this test are all that stays.
test_many() {
	local i bad=0 before processes
	before=$(left_of)
	processes=$(engine_processes)
	for i in $(seq 20); do
		[ "$(container --rm box echo "$i")" = "$i" ] || bad=$((bad + 1))
	done
	is "20 in a row: each ran" "$bad" 0
	is "20 in a row: no container is left" "$(engine ps -aq)" ""
	ok "20 in a row: no process is left" wait_until 60 engine_processes_are "$processes"
	ok "20 in a row: no mount, control group, link or state is left" wait_until 60 nothing_more_than "$before" ||
		diag "$(comm -13 <(sort -u <<<"$before") <(left_of | sort -u))"
}

engine_processes() {
	grep -hE '^Name:' /proc/[0-9]*/status 2>/dev/null | grep -cvE 'grep|bash|sed|sleep'
}

# shellcheck disable=SC2317 # called by wait_until
engine_processes_are() {
	[ "$(engine_processes)" -le "$1" ]
}

# shellcheck disable=SC2317 # called by wait_until
nothing_more_than() {
	[ -z "$(comm -13 <(sort -u <<<"$1") <(left_of | sort -u))" ]
}

# ---- a terminal ----------------------------------------------------------------------------------

# shellcheck disable=SC2317 # called by wait_until
size_is() { # WIDTH HEIGHT
	terminal_type 'stty size'
	terminal_keys Enter
	wait_for 2 "^$2 $1 *\$"
}

# A shell on a terminal, started by the command line: what a person does there.
test_shell_on_terminal() { # TEXT COMMAND
	local text=$1
	shift
	terminal_type "$*"
	terminal_keys Enter
	sees "$text: the shell's prompt" 60 '^/ # $'
	terminal_type 'tty; echo $((6 * 7))'
	terminal_keys Enter
	sees "$text: a terminal of its own" 60 '^/dev/pts/[0-9]'
	sees "$text: what is typed is done" 60 '^42 *$'
	ok "$text: the size of ours" wait_until 60 size_is 100 30
	terminal_resize 90 20
	ok "$text: and when that changes" wait_until 60 size_is 90 20
	terminal_resize 100 30
	terminal_type 'sleep 1000; echo status=$?'
	terminal_keys Enter
	sees "$text: a program in it" 60 '^/ # sleep 1000'
	ok "$text: ^C arrives" wait_until 60 interrupted
	terminal_type 'exit 6'
	terminal_keys Enter
	sees "$text: back at our prompt" 60 '^at-rest> $'
	terminal_type 'echo "status $?"'
	terminal_keys Enter
	sees "$text: the shell's exit status" 60 '^status 6'
	terminal_type clear
	terminal_keys Enter
	wait_gone 60 '^status 6'
}

# The shell's prompt is the proof: a ^C that comes before the shell has started its program is echoed,
# too, and lost.
# shellcheck disable=SC2317 # called by wait_until
interrupted() {
	terminal_keys C-c
	wait_for 2 '^/ # $'
}

test_terminal() {
	terminal_start 100 30
	container -d --name term box sleep 1000 >/dev/null
	test_shell_on_terminal "run -it" container -it --name shell box sh
	engine rm shell >/dev/null
	test_shell_on_terminal "exec -it" engine exec -it term sh
	terminal_end
	engine rm -f term >/dev/null
}
