#!/usr/bin/env bash
# System call filters of config.json: actions, comparisons, flags, names that mean nothing, and calls
# that another program decides about, whose listener it gets over a socket.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
private_mounts "$@"

if [ "$(id -u)" != 0 ]; then
	skip "filters of OCI containers as root" "root"
	done_testing
fi
bundle_make

# seccomp MEMBERS: linux.seccomp that allows all but for them.
seccomp() {
	LINUX=', "seccomp": {"defaultAction": "SCMP_ACT_ALLOW"'${1:+, $1}'}'
}
rule() { # NAMES ACTION [MEMBERS]
	printf '{"names": [%s], "action": "SCMP_ACT_%s"%s}' "$1" "$2" "${3:+, $3}"
}
mkdirs='"mkdir", "mkdirat"'

# ---- actions -----------------------------------------------------------------------------------
for nnp in false true; do
	PROCESS=', "noNewPrivileges": '$nnp
	seccomp "\"syscalls\": [$(rule "$mkdirs" ERRNO '"errnoRet": 95')]"
	run_in 'mkdir /tmp/x; grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status'
	like "ERRNO with errnoRet (no_new_privs $nnp)" "$ERR" '/tmp/x.*: Operation not supported'
	is "ERRNO: a filter is on (no_new_privs $nnp)" "$(tr -s '\t\n' ' ' <<<"$OUT")" "NoNewPrivs: $([ $nnp = true ] && echo 1 || echo 0) Seccomp: 2 "
done
PROCESS=
seccomp "\"syscalls\": [$(rule "$mkdirs" ERRNO)]"
run_in 'mkdir /tmp/x'
like "ERRNO: without errnoRet it is EPERM" "$ERR" '/tmp/x.*: Operation not permitted'
for action in KILL KILL_THREAD KILL_PROCESS TRAP; do
	seccomp "\"syscalls\": [$(rule "$mkdirs" $action)]"
	run_in 'mkdir /tmp/x; echo "status $?"'
	is "$action: it ends by SIGSYS" "$OUT" "status 159"
done
seccomp "\"syscalls\": [$(rule "$mkdirs" TRACE '"errnoRet": 7')]"
run_in 'mkdir /tmp/x'
like "TRACE: without a tracer there is no such call" "$ERR" '/tmp/x.*: Function not implemented'
seccomp "\"syscalls\": [$(rule "$mkdirs" LOG)]"
run_in 'mkdir /tmp/x && echo made'
is "LOG: it is let through" "$OUT" made
LINUX=', "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 95, "syscalls": ['$(rule "$(
	# all that a shell of busybox and we need, as a list of what is allowed
	printf '"%s", ' read write open openat close stat fstat lstat newfstatat statx lseek mmap mprotect munmap brk \
		rt_sigaction rt_sigprocmask rt_sigreturn ioctl access faccessat faccessat2 pipe pipe2 dup dup2 dup3 getpid \
		clone clone3 fork vfork execve exit exit_group wait4 kill uname fcntl getcwd chdir umask getuid getgid \
		geteuid getegid getppid setsid setresuid setresgid setgroups capset capget prctl arch_prctl set_tid_address \
		set_robust_list rseq prlimit64 getrandom readlink readlinkat sendmsg recvmsg recvfrom accept4 close_range \
		setuid setgid futex keyctl personality getpgrp setpgid getpgid sigaltstack sched_yield
	echo '"read"')" ALLOW)']}'
run_in 'mkdir /tmp/z; sync; echo allowed'
is "a list of what is allowed" "$OUT" allowed
like "a list of what is allowed: defaultErrnoRet for the rest" "$ERR" '/tmp/z.*: Operation not supported'
rm -rf "$bundle/rootfs/tmp"/*

# ---- comparisons: the signal is the second argument of kill(2) ---------------------------------------
while read -r op value second wanted; do
	seccomp "\"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 1, "op": "SCMP_CMP_'"$op"'", "value": '"$value"', "valueTwo": '"$second"'}]')]"
	run_in 'sleep 100 & for s in 18 23 28; do kill -$s $! 2>/dev/null || echo -n "$s "; done'
	is "SCMP_CMP_$op" "$OUT" "${wanted//,/ } "
done <<'TABLE'
NE 23 0 18,28
LT 23 0 18
LE 23 0 18,23
EQ 23 0 23
GE 23 0 23,28
GT 23 0 28
MASKED_EQ 8 8 28
TABLE
seccomp "\"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}, {"index": 1, "op": "SCMP_CMP_EQ", "value": 23}]')]"
run_in 'sleep 100 & for p in 1 $!; do for s in 18 23; do kill -$s $p 2>/dev/null || echo "$p $s"; done; done'
is "args: of several arguments, all are needed" "$OUT" "1 23"
seccomp "\"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 1, "op": "SCMP_CMP_EQ", "value": 18}, {"index": 1, "op": "SCMP_CMP_EQ", "value": 28}]')]"
run_in 'sleep 100 & for s in 18 23 28; do kill -$s $! 2>/dev/null || echo -n "$s "; done'
is "args: of one argument, each is enough" "$OUT" "18 28 "
seccomp "\"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 1, "op": "SCMP_CMP_LE", "value": 18446744073709551615}]')]"
run_in 'sleep 100 & kill -18 $! || echo all'
is "args: the largest value there is" "$OUT" all

# ---- flags, architectures, names ---------------------------------------------------------------------
seccomp "\"flags\": [\"SECCOMP_FILTER_FLAG_TSYNC\", \"SECCOMP_FILTER_FLAG_LOG\", \"SECCOMP_FILTER_FLAG_SPEC_ALLOW\", \"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"], \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\", \"SCMP_ARCH_AARCH64\", \"SCMP_ARCH_ARM\"], \"syscalls\": [$(rule "$mkdirs" ERRNO)]"
run_in 'mkdir /tmp/x'
like "flags and architectures" "$ERR" '/tmp/x.*: Operation not permitted'
seccomp "\"syscalls\": [$(rule '"fly", "mkdir", "arm_fadvise64_64", "mkdirat", "land"' ERRNO)]"
config 'mkdir /tmp/x'
run timeout 20 "$OCI" --log "$WORK/log" --log-format json run -b "$bundle" "$name"
like "unknown names: the others count" "$ERR" '/tmp/x.*: Operation not permitted'
like "unknown names: a warning in the log" "$(<"$WORK/log")" '^\{"level":"warning","msg":"linux.seccomp: .*: fly land: left out"'
unlike "unknown names: none where the program writes" "$ERR" fly
run timeout 20 "$OCI" run -b "$bundle" "$name"
like "unknown names: without a log the warning is told" "$ERR" '^cutaway-oci: warning: linux.seccomp: .*fly land'
run "$OCI" features
for word in SCMP_ACT_NOTIFY SCMP_ACT_KILL_PROCESS SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV SCMP_ARCH_PARISC64 SCMP_CMP_MASKED_EQ; do
	like "features: $word" "$OUT" "\"$word\""
done

# ---- calls that another program decides about --------------------------------------------------------
socket=$WORK/agent
agent=
agent_start() { # COUNT: how many listeners it takes; mkdir is answered with 28, ENOSPC
	rm -f "$socket" "$WORK"/state.*
	"$BUILD/tests/notify" "$socket" "$WORK/state" 28 "$1" 2>"$WORK/agent.err" &
	agent=$!
	wait_until 20 test -S "$socket"
}
agent_end() {
	local status
	timeout 20 tail --pid=$agent -f /dev/null
	wait $agent # by the shell that it is a child of
	status=$?
	is "$1: the agent has seen the end" "$status$(<"$WORK/agent.err")" 0
}
listener="\"listenerPath\": \"$socket\", \"listenerMetadata\": \"for the agent\""

for nnp in false true; do
	PROCESS=', "noNewPrivileges": '$nnp
	seccomp "$listener, \"syscalls\": [$(rule "$mkdirs" NOTIFY)]"
	TOP=', "annotations": {"a.key": "its value"}' config 'mkdir /tmp/x || echo "$?"; ls /tmp; exec sleep 1000'
	agent_start 2
	run timeout 20 "$OCI" run -d --pid-file "$WORK/pid" -b "$bundle" "$name"
	is "NOTIFY: it starts (no_new_privs $nnp)" "$STATUS" 0
	ok "NOTIFY: the agent was told (no_new_privs $nnp)" wait_until 20 test -e "$WORK/state.1"
	state=$(<"$WORK/state.1")
	pid=$(<"$WORK/pid")
	like "NOTIFY: the state (no_new_privs $nnp)" "$state" "^\{\"ociVersion\":\"1\.[0-9.]+\",\"fds\":\[\"seccompFd\"\],\"pid\":$pid,\"metadata\":\"for the agent\",\"state\":\{"
	like "NOTIFY: the state of the container in it (no_new_privs $nnp)" "$state" "\"state\":\{.*\"id\":\"$name\",\"pid\":$pid,\"status\":\"creat(ing|ed)\",\"bundle\":\"$bundle\".*\"annotations\":\{\"a.key\":\"its value\"\}"
	run timeout 20 "$OCI" exec "$name" sh -c 'mkdir /tmp/y; cat /proc/1/stat | cut -d" " -f2'
	like "NOTIFY: the agent's own errno, for exec (no_new_privs $nnp)" "$ERR" '/tmp/y.*: No space left'
	ok "NOTIFY: the agent was told of exec (no_new_privs $nnp)" wait_until 20 test -e "$WORK/state.2"
	like "NOTIFY: the state for exec (no_new_privs $nnp)" "$(<"$WORK/state.2")" "\"pid\":[0-9]+,\"metadata\".*\"pid\":$pid,\"status\":\"running\""
	unlike "NOTIFY: the pid for exec is its own (no_new_privs $nnp)" "$(<"$WORK/state.2")" "\"\],\"pid\":$pid,"
	"$OCI" delete --force "$name"
	agent_end "NOTIFY (no_new_privs $nnp)"
	is "NOTIFY: nothing was made (no_new_privs $nnp)" "$(ls -A "$bundle/rootfs/tmp")" ""
	seccomp "$listener, \"syscalls\": [$(rule "$mkdirs" NOTIFY)]"
	agent_start 1
	run_in 'mkdir /tmp/x; ls -d /proc/[0-9]* /proc/self/task/* | wc -l; exit 3'
	like "NOTIFY: the agent's own errno (no_new_privs $nnp)" "$STATUS$ERR" '^3.*/tmp/x.*: No space left'
	agent_end "NOTIFY in the foreground (no_new_privs $nnp)"
	# The very calls that hand the listener over may be ones that wait for it.
	seccomp "$listener, \"syscalls\": [$(rule "$mkdirs, \"sendmsg\", \"write\", \"exit\", \"futex\", \"nanosleep\", \"clone\", \"close\", \"accept4\", \"execve\", \"munmap\"" NOTIFY)]"
	agent_start 1
	run_in 'mkdir /tmp/x; echo through'
	is "NOTIFY: of the calls that hand it over (no_new_privs $nnp)" "$STATUS$OUT" 0through
	agent_end "NOTIFY of those calls (no_new_privs $nnp)"
	LINUX=', "seccomp": {"defaultAction": "SCMP_ACT_NOTIFY", '$listener', "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}'
	agent_start 1
	run_in 'mkdir /tmp/x; echo through'
	like "NOTIFY: as the default action (no_new_privs $nnp)" "$STATUS$OUT$ERR" '^0through.*/tmp/x.*: No space'
	agent_end "NOTIFY as the default action (no_new_privs $nnp)"
	rm -f "$socket"
	seccomp "$listener, \"syscalls\": [$(rule "$mkdirs" NOTIFY)]"
	config 'echo started'
	refused "NOTIFY without an agent (no_new_privs $nnp)" "listenerPath: $socket: No such file"
	is "NOTIFY without an agent: the program has not run (no_new_privs $nnp)" "$OUT" ""
	is "NOTIFY without an agent: nothing is left (no_new_privs $nnp)" "$("$OCI" list -q)" ""
	agent_start 1
	kill $agent
	wait $agent 2>/dev/null
	refused "NOTIFY with an agent that is gone (no_new_privs $nnp)" "listenerPath: $socket: nobody listens there"
done
PROCESS=

# ---- what is refused ---------------------------------------------------------------------------------
refuse_seccomp() { # TEXT REGEX MEMBERS
	LINUX=", \"seccomp\": {$3}" config 'true'
	refused "$1" "$2"
}
allow='"defaultAction": "SCMP_ACT_ALLOW"'
notify="\"syscalls\": [$(rule '"mkdir"' NOTIFY)]"
refuse_seccomp "no default action" 'linux.seccomp: an action is missing' '"syscalls": []'
refuse_seccomp "an action that there is not" 'SCMP_ACT_SHRUG: is an action that this program does not know' '"defaultAction": "SCMP_ACT_SHRUG"'
refuse_seccomp "an errno that is none" 'errnoRet: is no errno' "$allow, \"syscalls\": [$(rule '"mkdir"' ERRNO '"errnoRet": 5000')]"
refuse_seccomp "an errno for an action without" 'errnoRet: goes with SCMP_ACT_ERRNO' "$allow, \"syscalls\": [$(rule '"mkdir"' KILL '"errnoRet": 1')]"
refuse_seccomp "a default errno for an action without" 'errnoRet: goes with SCMP_ACT_ERRNO' "$allow, \"defaultErrnoRet\": 1"
refuse_seccomp "a rule without names" 'linux.seccomp names' "$allow, \"syscalls\": [$(rule '' ERRNO)]"
refuse_seccomp "an operator that there is not" 'linux.seccomp args: index or op is wrong' "$allow, \"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 0, "value": 1, "op": "SCMP_CMP_ABOUT"}]')]"
refuse_seccomp "a seventh argument" 'linux.seccomp args: index or op is wrong' "$allow, \"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]')]"
refuse_seccomp "a value that cannot be told from others" 'linux.seccomp args: value is no whole number' "$allow, \"syscalls\": [$(rule '"kill"' ERRNO '"args": [{"index": 0, "value": 18446744069414584320, "op": "SCMP_CMP_EQ"}]')]"
refuse_seccomp "an architecture that there is not" 'linux.seccomp.architectures: names none' "$allow, \"architectures\": [\"SCMP_ARCH_PDP11\"]"
refuse_seccomp "a flag that there is not" 'linux.seccomp.flags: "SECCOMP_FILTER_FLAG_FLY" is not supported' "$allow, \"flags\": [\"SECCOMP_FILTER_FLAG_FLY\"]"
refuse_seccomp "NOTIFY without a listener" 'linux.seccomp.listenerPath: is missing' "$allow, $notify"
refuse_seccomp "a relative listenerPath" 'linux.seccomp.listenerPath: should be an absolute path' "$allow, \"listenerPath\": \"agent\", $notify"
refuse_seccomp "metadata without a listener" 'linux.seccomp.listenerMetadata: is nothing without' "$allow, \"listenerMetadata\": \"x\""
touch "$WORK/plain"
refuse_seccomp "a listenerPath that is no socket" "listenerPath: $WORK/plain: nobody listens there" "$allow, \"listenerPath\": \"$WORK/plain\", $notify"
LINUX=", \"seccomp\": {$allow, \"listenerPath\": \"not looked at\"}" run_in 'echo runs'
is "listenerPath without NOTIFY is ignored" "$STATUS$OUT" 0runs

is "nothing is left to list" "$("$OCI" list -q)" ""
done_testing
