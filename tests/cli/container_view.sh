#!/usr/bin/env bash
# One container from both sides, against what other tools see of it: the host's side by the files of
# /proc and ip(8), the inside by programs that have entered it. In network and pid namespaces of
# its own, whose host it is.
# Not in user-mode-linux: its modules have no NAT for nftables.
. "$ROOT/tests/lib/tap.sh"

if [ "$(id -u)" != 0 ]; then
	"$CUTAWAY" run -d --name red base sleep 1000 >/dev/null
	run "$CUTAWAY" draw container red --size 120x60
	is "an ordinary user: exit status" "$STATUS$ERR" 0
	like "an ordinary user: root inside is that user outside" "$OUT" "│ user +│ $(id -u) +││ 0 root"
	"$CUTAWAY" rm -f red >/dev/null
	done_testing
	exit
fi
if [ -z "${OWN_NETWORK:-}" ]; then
	exec unshare -n -m -p -f --mount-proc --kill-child env OWN_NETWORK=1 bash "$0"
fi
cd "$WORK" || exit 1
ip link set lo up
# shellcheck disable=SC2317 # called by the trap
end() {
	"$CUTAWAY" clean --all >/dev/null 2>&1
}
trap end EXIT
mkdir shared
"$CUTAWAY" run -d --name red --network bridge -p 8080:80 -v "$WORK/shared:/data" base \
	sh -c 'echo hello >/etc/motd; sleep 1000 & wait' >/dev/null
pid=$("$CUTAWAY" inspect red | jq -r '.. | .pid? // empty' | head -n 1)
# shellcheck disable=SC2317 # called by wait_until
is_up() {
	grep -qs sleep "/proc/$(awk '{ print $1 }' "/proc/$pid/task/$pid/children")/comm"
}
wait_until 20 is_up
inside() {
	nsenter -t "$pid" -a "$@"
}
quote() {
	sed 's/[][().*+?|\\^${}]/\\&/g' <<<"$1"
}

run "$CUTAWAY" draw container red --size 160x120
is "draw: exit status" "$STATUS$ERR" 0
like "draw: two sides" "$OUT" 'seen from the host ─.*seen from inside ─'
for process in "$pid" $(tail -n 1 "/proc/$pid/task/$pid/children"); do
	seen=$(awk '/^NSpid/{ print $NF }' "/proc/$process/status")
	like "process $process: its number inside" "$OUT" "│ $process [^│]*││ $seen "
done
like "its parent is nobody in there" "$OUT" "parent +│ $(awk '/^PPid/{ print $2 }' "/proc/$pid/status") .*││ 0 nobody"
like "the user" "$OUT" "│ user +│ $(stat -c %u "/proc/$pid") +││ $(inside id -u) "
read -r in out count <"/proc/$pid/uid_map"
like "the map of users" "$OUT" "│ users +│ $out … $((out + count - 1)) +││ $in … $((in + count - 1)) "
like "the host name" "$OUT" "│ host name +│ $(uname -n) +││ $(inside uname -n) "
like "the root" "$OUT" "│ root directory.*││ / $(inside stat -f -c %T / | sed 's/UNKNOWN.*/overlay/;s/overlayfs/overlay/') "
like "what it has written lies outside" "$OUT" "/upper/etc/motd +││ /etc/motd added"
is "and it does" "$(cat "$(grep -o 'upperdir=[^,]*' "/proc/$pid/mountinfo" | cut -d= -f2)/etc/motd")" hello
mounts=$(findmnt -N "$pid" -n -r -o TARGET,FSTYPE | sed 's/\\x20/ /g')
while read -r target type; do
	[ "$target" = / ] || like "mount $target" "$OUT" "││.$(quote "$target") $type "
done <<<"$mounts"
like "where a volume comes from" "$OUT" "│ (…/)?.*shared +││ /data "
like "where a device comes from" "$OUT" "│ /dev/null +││ /dev/null devtmpfs"
port=$(ip -j link show master cutaway0 | jq -r '.[0].ifname')
address=$(nsenter -t "$pid" -n ip -j -4 addr show eth0 | jq -r '.[0].addr_info[0] | "\(.local)/\(.prefixlen)"')
like "its link and the other end" "$OUT" "│ $port in cutaway0 +││ eth0 up $(quote "$address")"
gateway=$(nsenter -t "$pid" -n ip -j route show default | jq -r '.[0].gateway')
like "its way out" "$OUT" "│ route +│ $gateway is cutaway0 +││ default → $gateway by eth0"
like "its port" "$OUT" "│ port +│ 0\.0\.0\.0:8080 +││ 80/tcp"
group=$("$CUTAWAY" state | jq -r --argjson pid "$pid" '.containers[] | select(.pid == $pid).cgroup')
like "its control group" "$OUT" "│ control group.*│ $(quote "$group") +││ $(nsenter -t "$pid" -C cat "/proc/$pid/cgroup" |
	sed -n "$(grep -nm1 ":$(quote "$group")\$" "/proc/$pid/cgroup" | cut -d: -f1)p" | cut -d: -f3) "
for type in user pid mnt uts ipc net cgroup; do
	like "its $type namespace" "$OUT" "│ $type namespace +│ $(readlink /proc/1/ns/$type | tr -dc 0-9) +││ $(readlink "/proc/$pid/ns/$type" | tr -dc 0-9) "
done
like "a namespace that it shares" "$OUT" "│ time namespace +│ $(readlink /proc/1/ns/time | tr -dc 0-9) +││ same as the host"
caps() { # PID
	capsh --decode="$(awk '/^CapEff/{ print $2 }' "/proc/$1/status")" | sed 's/.*=//;s/cap_//g' | tr , '\n'
}
like "how many capabilities" "$OUT" "│ capabilities +│ root has $(caps 1 | wc -l) +││ $(caps "$pid" | wc -l) of these"
drawn=$(sed -n '/│ capabilities/,/│ filter/p' <<<"$OUT" | sed '1d;$d' | grep -v 'none of these' | sed 's/.*││//;s/│.*//')
drawn+=$'\n'$(sed -n '/│ capabilities/,/│ filter/p' <<<"$OUT" | grep 'same as the host' | sed 's/││.*//;s/.*│//')
is "which capabilities" "$(tr -sc 'a-z_' '\n' <<<"$drawn" | grep -vxE '|same|as|the|host' | sort | xargs)" "$(caps "$pid" | sort | xargs)"
like "its filter" "$OUT" "│ filter +│ none +││ seccomp, $(awk '/^Seccomp_filters/{ print $2 }' "/proc/$pid/status") "
like "no_new_privs" "$OUT" '│ no_new_privs +│ no +││ yes'
like "memory: nothing in there tells the limit" "$OUT" '││ /proc/meminfo says [0-9.]+[GM]'
run "$CUTAWAY" check "container.red.pid.inside = 1" "container.red.uid.inside = 0" \
	"container.red.cgroup.inside = /" "container.red.link.eth0 ~ $address"
is "the same as facts" "$STATUS$ERR" 0

run "$CUTAWAY" draw container red --size 60x60
like "a narrow one: both sides below each other" "$(grep -A1 'host name' <<<"$OUT" | tail -n 1)" 'inside +red '

# Somebody else's, of which no file tells.
unshare -m -u -p -f --kill-child --mount-proc sh -c 'hostname theirs; exec sleep 1003' &
wait_until 20 sh -c "'$CUTAWAY' state | jq -e '.containers[] | select(.name == \"theirs\")' >/dev/null"
run "$CUTAWAY" draw container theirs --size 120x60
like "somebody else's: its name" "$OUT" "│ host name +│ $(uname -n) +││ theirs "
like "somebody else's: what it shares" "$OUT" '│ net namespace +│ [0-9]+ +││ same as the host'
like "somebody else's: its mounts are copies" "$OUT" "│ mounts.*│ $(wc -l </proc/1/mountinfo) mounts +││ [0-9]+ mounts, copied"
like "somebody else's: but for one" "$OUT" 'not on the host +││ /proc proc'
kill %1
done_testing
