#!/usr/bin/env bash
# Who is connected to whom over Unix sockets, compared with ss(8): ends that are daemons, clients
# that nobody knows by name, those with a name of their own, and a connection that was inherited.
# Not in user-mode-linux: its ss has no module for its kernel.
. "$ROOT/tests/lib/tap.sh"

if ! cc -O1 -o "$WORK/speak" "$ROOT/tests/lib/speak.c" 2>"$WORK/cc"; then
	skip "connections" "a C compiler, $(head -n 1 "$WORK/cc")"
	done_testing
fi
cd "$WORK" || exit 1
for name in dockerd containerd docker stranger; do cp speak "$name"; done

# They end when nobody has the pipe open for writing: with this script, whatever way that goes.
mkfifo alive ready
exec {alive}<>alive {ready}<>ready
start() { # NAME WORD ARGUMENT...: its pid is in $pid_NAME
	local name=$1 word
	"./$1" "${@:2}" <alive >ready {alive}>&- {ready}>&- &
	printf -v "pid_$name" %s $!
	read -r -t 60 word <&"$ready"
	[ "$word" = ready ]
}

# "from to socket", pids and the path, of what the two tools see of our processes.
ours() {
	"$CUTAWAY" state | jq -r '.connections[] | select(.socket | contains("speak")) | "\(.from) \(.to) \(.socket) \(.count)"' | sort
}
# ss(8) shows both ends of each: own name and inode, peer's inode, who holds it.
theirs() {
	ss -xpnH state connected | awk '
		/speak/ || /users:/ {
			for (i = 1; i <= NF; i++) if ($i ~ /^u_(str|seq)$/) break
			name = $(i + 4); inode = $(i + 5); peer = $(i + 7)
			pid = match($0, /pid=[0-9]+/) ? substr($0, RSTART + 4, RLENGTH - 4) : "null"
			of[inode] = pid; names[inode] = name; peers[inode] = peer
		}
		END {
			for (i in names)
				if (names[i] ~ /speak/) n[of[peers[i]] " " of[i] " " names[i]]++
			for (line in n) print line, n[line]
		}' | sort
}
agree() {
	[ -n "$(theirs)" ] && [ "$(ours)" = "$(theirs)" ]
}

start containerd listen "$WORK/speak-c" || diag "containerd did not start"
start dockerd relay "$WORK/speak-d" "$WORK/speak-c"
start docker connect "$WORK/speak-d"
start stranger bound "$WORK/speak-d"
ok "as ss(8) has it" wait_until 20 agree || { diag "$(ours)"; diag "$(theirs)"; }
# shellcheck disable=SC2154 # by start
is "three connections" "$(ours)" "$(printf '%s\n' "$pid_docker $pid_dockerd $WORK/speak-d 1" \
	"$pid_dockerd $pid_containerd $WORK/speak-c 1" "$pid_stranger $pid_dockerd $WORK/speak-d 1" | sort)"
# A real engine of this machine may be there, too: so at least.
ok "facts" "$CUTAWAY" check 'daemon.dockerd.clients >= 2' 'daemon.dockerd.clients.docker >= 1' \
	'daemon.dockerd.clients.stranger = 1' 'daemon.dockerd.servers.containerd >= 1' 'daemon.containerd.clients.dockerd >= 1'
run "$CUTAWAY" check 'daemon.dockerd.clients.nobody'
is "a client that is not there: exit status" "$STATUS" 1
is "and said" "$ERR" "nobody called nobody is connected to dockerd"
run "$CUTAWAY" check 'daemon.no-such'
is "a daemon that is not there: said" "$STATUS$ERR" "1no daemon is called no-such"
run "$CUTAWAY" check 'daemon.dockerd.friends'
is "no such fact: usage error" "$STATUS" 2

"$ROOT/tests/record.sh" tree "$pid_containerd" "$pid_dockerd" "$pid_docker" "$pid_stranger"
is "the same from a recorded tree" "$("$CUTAWAY" state --root tree | jq -r '.connections[] |
	select(.socket | contains("speak")) | "\(.from) \(.to) \(.socket) \(.count)"' | sort)" "$(ours)"
rm tree/proc/net/unix_peers
is "without peers: somebody is connected" "$("$CUTAWAY" state --root tree | jq -r '.connections[] |
	select(.socket | contains("speak-d")) | "\(.from) \(.to) \(.count)"')" "null $pid_dockerd 2"

# shellcheck disable=SC2154 # by start
kill "$pid_stranger"
ok "who leaves is gone" wait_until 20 "$CUTAWAY" check 'daemon.dockerd.clients.stranger = 0'
cp speak heir
like "nobody listens there: said" "$(./speak connect "@speak-$$" 2>&1)" 'refused'
start dockerd listen "@speak-$$"
start heir leave "@speak-$$"
ok "a connection that was left to a child, an abstract name" wait_until 20 agree || { diag "$(ours)"; diag "$(theirs)"; }
done_testing
