#!/usr/bin/env bash
# cutaway watch: what is told of a command is what strace(1) tells of it, and a command does not feel
# that it is followed.
# Not in user-mode-linux: strace itself is slow there, and no kernel changes what is told.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
cd "$WORK" || exit 1

watch() {
	run timeout 60 "$CUTAWAY" watch "$@"
}

# ---- the command does not feel it -------------------------------------------------------------
watch sh -c 'echo out; echo err >&2; exit 7'
is "exit status and output of the command" "$STATUS:$OUT" 7:out
like "its errors" "$ERR" '^err$'
like "and what is told" "$ERR" 'execve\("[^"]*/sh", \["sh", "-c", ".*"\], .*\) = 0 <[0-9]+ us>'
watch -q sh -c 'exit 7'
is "--quiet tells nothing" "$STATUS:$OUT:$ERR" 7::
watch -q sh -c 'kill -TERM $$'
is "a command that a signal ends" "$STATUS" 143
watch -q sh -c 'trap "echo caught; exit 5" USR1; kill -USR1 $$; exit 6'
is "signals arrive" "$STATUS:$OUT" 5:caught
# shellcheck disable=SC2016
watch -q bash -c 'sleep 0.1 & p=$!; kill -STOP $p; kill -CONT $p; wait $p; echo "$?"; read -r _; echo "end $?"'
is "stopping, going on, reading nothing" "$OUT" $'0\nend 1'
watch no-such-program
is "no such program: exit status" "$STATUS" 127
like "no such program: told" "$ERR" 'find program: no-such-program: it is not in PATH'
echo 'nonsense' >script
chmod 644 script
watch ./script
is "a file that may not be started" "$STATUS" 126

# ---- the same as strace -----------------------------------------------------------------------
# What both can be asked about, in one form: CALL(FIRST ARGUMENT) = RESULT; descriptors, process ids
# and the order of flags differ.
calls='unshare|setns|mount|umount2|pivot_root|chroot|sethostname|setresuid|setgroups|capset|prctl|execve|connect'
same_form() {
	sed -E 's/\) += /) = /; s/ = -1 ([A-Z0-9]+).*/ = \1/; s/ <.*//; s/(\) = [0-9]+) \([^()]*\)$/\1/; s/ = [0-9]+$/ = ok/' |
		sed -nE "s/^($calls)\((.*)\) = ([A-Za-z0-9]+)$/\1 \2 = \3/p" |
		awk '
			function ordered(word,   bits, n, i, j, t) {
				n = split(word, bits, "|")
				for (i = 2; i <= n; i++)
					for (j = i; j > 1 && bits[j] < bits[j - 1]; j--) { t = bits[j]; bits[j] = bits[j - 1]; bits[j - 1] = t }
				t = bits[1]
				for (i = 2; i <= n; i++) t = t "|" bits[i]
				return t
			}
			{
				# Addresses, counts of variables and structures are told in other words.
				gsub(/0x[0-9a-f]+/, "ADDRESS"); gsub(/\/\*[^*]*\*\//, ""); gsub(/\{[^}]*\}/, "{}")
				out = ""
				n = split($0, words, /, /)
				for (i = 1; i <= n; i++) {
					if (words[i] ~ /^[a-z0-9]+ [A-Z][A-Z_0-9|]+$/) {
						split(words[i], two, " ")
						words[i] = two[1] " " ordered(two[2])
					} else if (words[i] ~ /^[A-Z][A-Z_0-9|]+$/)
						words[i] = ordered(words[i])
					out = out (i > 1 ? ", " : "") words[i]
				}
				sub(/,( ADDRESS)? * = /, " = ", out)
				if (out ~ /^prctl/)
					while (sub(/, 0 = /, " = ", out)) { }
				# Only what changes something of the process is told of prctl.
				if (out !~ /^prctl (PR_CAPBSET_READ|PR_GET_|PR_SET_VMA|PR_SET_MM|PR_SET_THP)/)
					print out
			}'
}
if command -v strace >/dev/null; then
	# compared NAME COMMAND...: the calls of one process after the other, call by call.
	compared() {
		local name=$1
		shift
		timeout 60 strace -f -qq -s 4096 -e signal=none -e trace="${calls//|/,}" -o strace.out "$@" >/dev/null 2>&1
		is "$name: runs" "$?" 0
		sed -E 's/^[0-9]+ +//' strace.out | grep -v 'resumed>\|unfinished' | same_form >strace.calls
		watch -q -o kept "$@"
		is "$name: runs while it is watched" "$STATUS" 0
		"$CUTAWAY" watch --replay kept --level all |
			sed -E 's/^.{29}//; s/^.* -- .*//; s/^[^(]* ([a-z0-9_]+\()/\1/' | same_form >watch.calls
		like "$name: strace saw something" "$(<strace.calls)" '^execve '
		ok "$name: the same calls in the same order" diff -u strace.calls watch.calls
	}
	compared "a shell" sh -c 'cat /dev/null; exit 0'
	if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
		compared "unshare" unshare --mount --uts --ipc --net sh -c 'hostname lab; mount -t tmpfs -o size=1m none /mnt; umount /mnt'
		compared "setpriv" setpriv --reuid 54321 --regid 54321 --clear-groups --no-new-privs true
		compared "chroot" chroot / sh -c 'true'
	else
		skip "unshare, setpriv and chroot as strace tells them" "root that may unshare"
	fi
else
	skip "the same calls as strace tells" "strace"
fi

# ---- levels, records --------------------------------------------------------------------------
watch -o kept --level processes sh -c 'cat /dev/null; true'
unlike "processes: nothing of the kernel's objects" "$ERR" 'mount\(|prctl\('
like "processes: who started whom" "$ERR" '-- started by [0-9]+'
like "processes: and how they ended" "$ERR" '-- ended with status 0'
ok "the record: every line is JSON" jq -e . kept
is "the record: its head" "$(head -n 1 kept | jq -r '."cutaway-watch", .command[0]' | paste -sd' ')" "1 sh"
is "the record: its end" "$(tail -n 1 kept | jq -r .event)" finish
ok "the record: times do not go backwards by more than a call takes" jq -es '[.[] | select(.call == null) | .t // 0] | . == sort' kept
user_place
as_user "$user_home/build/cutaway" watch --replay /dev/stdin --level all <kept >replayed 2>&1
like "anybody can have it told again" "$(<replayed)" 'execve\('
for bad in '' 'no record' '{"cutaway-watch": 99}' '{"t": 1}' '[1]'; do
	printf '%s\n' "$bad" >bad
	run "$CUTAWAY" watch --replay bad
	is "no record ($bad): exit status" "$STATUS" 1
	like "no record ($bad): told" "$ERR" 'cutaway watch: read record: '
done
head -c -3 kept >shorter
run "$CUTAWAY" watch --replay shorter
like "a record that is cut off" "$STATUS $ERR" '^1 .*it is cut off'
{ head -n 1 kept; echo '{"t": 1, "pid": 1, "event": "from the future", "x": "\u001b[2J"}'; tail -n 1 kept; } >newer
run "$CUTAWAY" watch --replay newer
is "what it does not know is passed over" "$STATUS" 0
unlike "and no terminal acts on it" "$OUT" $'\033'
run "$CUTAWAY" watch --replay /no/such
like "no such record" "$STATUS $ERR" '^1 .*open record: /no/such: '
run "$CUTAWAY" watch
is "no command: exit status" "$STATUS" 2
run "$CUTAWAY" watch --level some true
is "no such level: exit status" "$STATUS" 2
watch -o /no/such/file true
like "a record that cannot be written" "$STATUS $ERR" '^1 .*open record: /no/such/file: '
if [ -c /dev/full ]; then
	watch -q -o /dev/full true
	like "a full disk" "$STATUS $ERR" '^1 .*write record: .*ENOSPC'
fi

# ---- what cannot be done here -----------------------------------------------------------------
watch -o kept sh -c 'exit 3'
cp kept recorded
watch -q -o kept --else recorded true
is "--else: not taken when the command can be done" "$STATUS:$ERR:$(head -n 1 kept | jq -r '.command[0]')" 0::true
watch -q -o kept --else recorded no-such-program
is "--else: exit status of what was recorded" "$STATUS" 3
like "--else: it is said why" "$ERR" '^no-such-program: there is no such program in PATH'
like "--else: and what is told instead" "$ERR" 'Told instead is another run, recorded 2[0-9-]{9}, Linux .*: sh -c exit 3$'
ok "--else: the recording is kept" cmp kept recorded
watch --else recorded sh -c 'exit 9'
is "--else: when the command fails" "$STATUS" 3
like "--else: its status is told" "$ERR" '^sh ended with status 9'
like "--else: and then the recording" "$ERR" 'execve\(.*"exit 3"'
watch -q --also no-such-daemon --else recorded true
like "--else: when nobody can be followed" "$STATUS $ERR" '^3 .*no-such-daemon'
watch -q --else /no/such no-such-program
is "--else: no such recording" "$STATUS" 1
mkdir -p empty
(PATH=$PWD/empty "$CUTAWAY" watch -q --else recorded lxc-start >/dev/null 2>told)
like "--else: how to install it" "$(<told)" '^  apt install lxc$'

# ---- what is asked of daemons -----------------------------------------------------------------
if command -v curl >/dev/null; then
	"$CUTAWAY" registry --port 0 >registry.out 2>registry.err &
	registry=$!
	ok "a registry to ask" wait_until 10 grep -q '^listening on ' registry.out || diag "$(<registry.err)"
	port=$(sed -nE 's,^listening on [a-z]+://[^ ]*:([0-9]+): .*,\1,p' registry.out)
	printf 'header = "Authorization: Basic c2VjcmV0"\nurl = "http://127.0.0.1:%s/v2/?access_token=geheim"\n' "$port" >curlrc
	watch -o kept curl -s -K curlrc
	is "a request: the command gets its answer" "$STATUS" 0
	is "a request: its line and where it goes, and no secret" \
		"$(jq -r 'select(.request) | .api, .request, .to' kept | paste -sd' ')" "http GET /v2/?access_token=… 127.0.0.1:$port"
	is "a request: its answer, read where the one who answers is not followed" \
		"$(jq -r 'select(.answer) | .comm + " " + .answer + " to " + .to + " on " + .of' kept)" "127.0.0.1:$port 200 OK to curl on GET /v2/?access_token=…"
	like "a request: told between the calls" "$ERR" "curl +>> GET /v2/\?access_token=… to 127.0.0.1:$port$"
	unlike "a request: nothing of it that is secret" "$(<kept)" 'c2VjcmV0|Basic|geheim'
	# Both ends followed: each thing said is told once.
	watch -q -o kept --also $registry curl -s -K curlrc
	is "a request: of both ends it is told once" "$(jq -r 'select(.api) | .comm + " " + (.request // .answer) + " " + .to' kept)" \
		"curl GET /v2/?access_token=… 127.0.0.1:$port"$'\n'"cutaway-lab 200 OK curl"
	# An ordinary user's processes stop at every call: nothing is heard twice either.
	cp curlrc "$user_home/curlrc"
	chmod 644 "$user_home/curlrc"
	run as_user timeout 60 "$user_home/build/cutaway" watch --level api curl -s -K "$user_home/curlrc"
	is "a request: of an ordinary user" "$(sed -E 's/.* curl +(>>) /\1 /; s/.* (<< .*) \[.*/\1/; s/.* (<< .*) <.*/\1/' <<<"$ERR")" \
		">> GET /v2/?access_token=… to 127.0.0.1:$port"$'\n'"<< 200 OK to curl, on GET /v2/?access_token=…"
	kill $registry
	wait $registry 2>/dev/null
else
	skip "requests to daemons" "curl"
fi

# D-Bus as its two libraries speak it, over a bus of our own.
if command -v dbus-daemon >/dev/null && command -v dbus-send >/dev/null && command -v busctl >/dev/null; then
	bus=unix:path=$WORK/bus
	cat >bus.conf <<-EOF
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>session</type>
		  <listen>$bus</listen>
		  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
		</busconfig>
	EOF
	dbus-daemon --config-file=bus.conf --nofork --nopidfile >bus.out 2>&1 &
	daemon=$!
	ok "a bus" wait_until 10 test -S bus || diag "$(<bus.out)"
	heard() { jq -r 'select(.api == "dbus") | (if .request then .request + " to " + .to else .answer + " on " + .of end)' kept; }
	watch -q -o kept busctl "--address=$bus" call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s a.b
	is "D-Bus: busctl gets its answer" "$STATUS:$OUT" "0:b false"
	is "D-Bus: what busctl asks and is answered" "$(heard)" \
		"org.freedesktop.DBus.Hello() /org/freedesktop/DBus to org.freedesktop.DBus
returns (s) on org.freedesktop.DBus.Hello() /org/freedesktop/DBus
org.freedesktop.DBus.NameHasOwner(s) /org/freedesktop/DBus to org.freedesktop.DBus
returns (b) on org.freedesktop.DBus.NameHasOwner(s) /org/freedesktop/DBus"
	is "D-Bus: the process that has the bus" "$(jq -r 'select(.api == "dbus" and .request) | .to_pid' kept | sort -u)" $daemon
	for also in "" "--also $daemon"; do
		# shellcheck disable=SC2086 # no word or two
		watch -q -o kept $also dbus-send "--bus=$bus" --print-reply --dest=no.such.name /a/b c.d.Frob int32:5
		is "D-Bus: dbus-send gets its error ($also)" "$STATUS" 1
		is "D-Bus: what dbus-send asks and is answered ($also)" "$(heard)" \
			"org.freedesktop.DBus.Hello() /org/freedesktop/DBus to org.freedesktop.DBus
returns (s) on org.freedesktop.DBus.Hello() /org/freedesktop/DBus
c.d.Frob(i) /a/b to no.such.name
error org.freedesktop.DBus.Error.ServiceUnknown on c.d.Frob(i) /a/b"
	done
	kill $daemon
	wait $daemon 2>/dev/null
else
	skip "what is asked over D-Bus" "dbus-daemon, dbus-send and busctl"
fi

# ---- ended in the middle ----------------------------------------------------------------------
# The command goes on, and its calls work, whoever watched it.
mkfifo gate
"$CUTAWAY" watch -q sh -c 'echo $$ >pid; read -r _ <gate; cat pid >/dev/null && (exec true) && echo unharmed >result' &
watcher=$!
wait_until 10 test -s pid
kill -KILL "$watcher"
wait "$watcher" 2>/dev/null
echo go >gate
ok "kill -9: the command goes on" wait_until 10 test -s result
is "kill -9: and all its calls work" "$(cat result)" unharmed
gone() { ! kill -0 "$1" 2>/dev/null; }
ok "kill -9: nothing is left of it" wait_until 10 gone "$(<pid)"

# The follower itself is killed: somebody else lets all calls pass, and the end is told.
cat >waits <<'EOF'
(read -r _ <gate2; exec cat /dev/null) &
echo $$ >pid2
read -r line <gate
cat /dev/null && (exec true) && echo "$line" >result2
wait $! && echo both >>result2
exit 5
EOF
mkfifo gate2
"$CUTAWAY" watch -o kept sh waits 2>told &
watcher=$!
wait_until 10 test -s pid2
tracer=$(awk '/^TracerPid/ { print $2 }' "/proc/$(<pid2)/status")
if [ "$tracer" = 0 ]; then
	fail "kill -9 of the follower: there is one"
else
	kill -KILL "$tracer"
	another() { [ "$(awk '/^TracerPid/ { print $2 }' "/proc/$(<pid2)/status")" != "$tracer" ] && grep -q '"lost"' kept; }
	if [ "$(id -u)" = 0 ]; then
		ok "kill -9 of the follower: another takes its place" wait_until 10 another
		echo unharmed >gate
		echo go >gate2
		wait "$watcher"
		is "kill -9 of the follower: exit status of the command" "$?" 5
		is "kill -9 of the follower: all calls work, of children too" "$(paste -sd' ' result2)" "unharmed both"
		like "kill -9 of the follower: it is told" "$(<told)" '-- goes on unseen: the process that followed it was killed'
		like "kill -9 of the follower: the end is told" "$(tail -n 1 kept)" '"event":"finish","status":5'
	else
		echo unharmed >gate
		echo go >gate2
		wait "$watcher"
		is "kill -9 of the follower: an ordinary user's command needs none" "$(wait_until 10 grep -q both result2; paste -sd' ' result2)" "unharmed both"
	fi
fi

# ---- beginnings of all kinds ------------------------------------------------------------------
# As root under the filter; an ordinary user's processes stop at every call instead.
cp "$BUILD/tests/births" "$user_home/births"
for way in untraced sibling vforked thread leader killed stopped; do
	watch -q -o kept "$BUILD/tests/births" $way
	is "births, $way: none is lost or held up" "$STATUS:$ERR" 0:
	is "births, $way: who has begun has ended" "$(jq -r 'select(.event == "start") | .pid' kept | sort)" \
		"$(jq -r 'select(.event == "end") | .pid' kept | grep -vx "$(jq -r 'select(.event == "finish") | .pid' kept)" | sort)"
	run as_user timeout 60 "$user_home/build/cutaway" watch -q "$user_home/births" $way
	is "births, $way: without a filter neither" "$STATUS:$ERR" 0:
done

# ---- processes that run already ---------------------------------------------------------------
mkfifo work
bash -c 'while read -r word; do unshare -U true; echo "$word" >>answers; done <work' &
worker=$!
exec 9>work
if [ "$(id -u)" = 0 ]; then
	watch -o kept --also $worker sh -c 'echo one >work; until grep -q one answers 2>/dev/null; do sleep 0.05; done'
	is "--also: exit status of the command" "$STATUS" 0
	ok "--also: what the other one did is told" jq -es --argjson pid $worker 'any(.[]; .event == "start" and .parent == $pid) and any(.[]; .call == "unshare" and .args == "CLONE_NEWUSER")' kept
	is "--also: it is let go" "$(awk '/^TracerPid/ { print $2 }' /proc/$worker/status)" 0
	echo two >&9
	finished() { grep -q two answers; }
	ok "--also: and goes on" wait_until 10 finished
	like "--also: nobody has this name" "$(watch --also 1x true; echo "$STATUS $ERR")" '^1 .*follow process: 1x: no process has this name'
	like "--also: nobody listens there" "$(watch --also ./kept true; echo "$STATUS $ERR")" '^1 .*\./kept: nobody listens there'
	watch --also 4194300 true
	like "--also: no such process" "$STATUS $ERR" '^1 .*ESRCH'
else
	skip "--also: other processes" "root: an ordinary user may follow only their own children here"
fi
exec 9>&-
kill $worker 2>/dev/null
wait $worker 2>/dev/null

if [ "$(id -u)" = 0 ]; then
	mkfifo bytes
	cp "$BUILD/tests/births" "lab-$$"
	"./lab-$$" daemon <bytes >daemon.out &
	daemon=$!
	exec 9>bytes
	ok "a daemon listens" wait_until 10 grep -q listening daemon.out
	births=0
	more_born() { [ "$(grep -c born daemon.out)" -gt "$births" ]; }
	for which in "lab-$$" "$PWD/here" $daemon; do
		births=$(grep -c born daemon.out)
		watch -o kept --also "$which" sh -c 'printf x >bytes; until [ "$(grep -c born daemon.out)" -gt "$0" ]; do sleep 0.05; done' "$births"
		is "--also ${which/#*\//PATH/}: exit status" "$STATUS" 0
		ok "--also ${which/#*\//PATH/}: it is followed" jq -es --argjson pid $daemon 'any(.[]; .event == "start" and .parent == $pid)' kept
	done
	# Stopped as a whole it stays stopped, through beginning and end of being followed.
	kill -STOP $daemon
	state() { awk '/^State/ { print $2 }' "/proc/$daemon/status"; }
	is_stopped() { [ "$(state)" = T ]; }
	ok "stopped" wait_until 10 is_stopped
	births=$(grep -c born daemon.out)
	watch -q --also $daemon sh -c 'printf x >bytes'
	ok "--also: what is stopped stays stopped" wait_until 10 is_stopped
	is "--also: and did nothing" "$(grep -c born daemon.out)" "$births"
	kill -CONT $daemon
	ok "--also: until it is told to go on" wait_until 10 more_born
	exec 9>&-
	wait $daemon
	is "--also: and ends well" "$?" 0
fi

# ---- an ordinary user -------------------------------------------------------------------------
run as_user timeout 60 "$user_home/build/cutaway" watch sh -c 'cat /dev/null; exit 4'
is "an ordinary user: exit status" "$STATUS" 4
like "an ordinary user: what is told" "$ERR" 'execve\("[^"]*/cat"'
done_testing
