#!/usr/bin/env bash
# The network in the drawing: what joins what, as ip(8) has it. In network and pid namespaces of its own, whose host it is.
# Not in user-mode-linux: its modules have no NAT for nftables.
. "$ROOT/tests/lib/tap.sh"

if [ "$(id -u)" != 0 ]; then
	run "$CUTAWAY" draw network --size 100x40
	like "an ordinary user sees the machine's own" "$STATUS$OUT" ' lo +loopback'
	done_testing
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

cc -O1 -o talk "$ROOT/tests/lib/talk.c" || diag "no program to connect"
mkfifo alive ready
exec {alive}<>alive {ready}<>ready
told() { # a program started above says that it has done what it was asked
	local word
	read -r -t 60 word <&"$ready"
	[ "$word" = ready ]
}
"$CUTAWAY" run -d --network bridge -p 8080:80 --name red base sleep 1000 >/dev/null
"$CUTAWAY" run -d --network bridge --name green base sleep 1000 >/dev/null
"$CUTAWAY" run -d --name blue base sleep 1000 >/dev/null
"$CUTAWAY" state >state.json
own=$(readlink /proc/self/ns/net | tr -dc 0-9)
here() { # FILTER: of the links of this namespace
	jq -r ".links[] | select(.net_ns == $own) | $1" state.json | sort
}
is "the links, as ip(8) has them" "$(here '"\(.index) \(.name)"')" \
	"$(ip -j link | jq -r '.[] | "\(.ifindex) \(.ifname)"' | sort)"
is "the ports of the bridge" "$(here 'select(.master != 0).name')" \
	"$(ip -j link show master cutaway0 | jq -r '.[].ifname' | sort)"
for name in red green; do
	pid=$("$CUTAWAY" inspect "$name" | jq -r '.. | .pid? // empty' | head -n 1)
	ns=$(readlink "/proc/$pid/ns/net" | tr -dc 0-9)
	end=$(nsenter -t "$pid" -n ip -j link show eth0 | jq -r '.[0].link_index')
	is "$name: the other end of its link" "$(here "select(.peer_ns == $ns).index")" "$end"
done

# ---- who listens, as ss(8) has it from inside ----
red=$("$CUTAWAY" inspect red | jq -r '.. | .pid? // empty' | head -n 1)
"$CUTAWAY" exec red httpd -f -p 80 &
busybox httpd -f -p 127.0.0.1:8123 &
nsenter -t "$red" -n "$WORK/talk" udp 10.88.0.2 5353 <alive >ready {alive}>&- {ready}>&- &
told
wait_until 30 sh -c "nsenter -t $red -n ss -Hltn | grep -q :80"
wait_until 30 sh -c "ss -Hltn | grep -q 127.0.0.1:8123"
"$CUTAWAY" state >state.json
listed() { # NAMESPACE [PROTOCOL]
	jq -r ".listeners[] | select(.net_ns == $1 and .protocol == \"${2:-tcp}\") | \"\(.address) \(.port)\"" state.json | sort
}
by_ss() { # OPTIONS [NSENTER...]
	"${@:2}" ss "$1" | awk '{ n = split($4, a, ":"); port = a[n]; address = substr($4, 1, length($4) - length(port) - 1)
		sub(/%.*/, "", address); gsub(/[][]/, "", address); if (address == "*") address = "::"; print address, port }' | sort
}
is "who listens on the host, as ss(8) has it" "$(listed "$own")" "$(by_ss -Hltn env)"
ns=$(readlink "/proc/$red/ns/net" | tr -dc 0-9)
is "who listens in red, as ss(8) has it" "$(listed "$ns")" "$(by_ss -Hltn nsenter -t "$red" -n)"
is "UDP that is bound on the host, as ss(8) has it" "$(listed "$own" udp)" "$(by_ss -Hlun env)"
is "UDP that is bound in red, as ss(8) has it" "$(listed "$ns" udp)" "$(by_ss -Hlun nsenter -t "$red" -n)"
like "and there is some" "$(listed "$ns" udp)" '^10\.88\.0\.2 5353$'
is "red: by which process" "$(jq -r ".listeners[] | select(.net_ns == $ns and .port == 80) | .pid" state.json | sort -u)" \
	"$(nsenter -t "$red" -n ss -Hltnp | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | sort -u)"

# ---- who is connected, as ss(8) has it at both ends ----
green=$("$CUTAWAY" inspect green | jq -r '.. | .pid? // empty' | head -n 1)
green_ns=$(readlink "/proc/$green/ns/net" | tr -dc 0-9)
talk() { # [NSENTER...] ADDRESS PORT COUNT
	"${@:1:$#-3}" "$WORK/talk" tcp "${@: -3}" <alive >ready {alive}>&- {ready}>&- &
	told || diag "no connection to ${*: -3}"
}
for _ in 1 2; do "$CUTAWAY" exec green sh -c "sleep 1000 | nc 10.88.0.2 80" & done
talk 10.88.0.2 80 1
talk 127.0.0.1 8123 3
connected() { # FROM-NAMESPACE TO-NAMESPACE PORT
	jq "[.connections[] | select(.from_net == $1 and .to_net == $2 and (.socket | endswith(\":$3/tcp\"))) | .count] | add" state.json
}
peers() { # PORT ADDRESS [NSENTER...]: how many are connected to it from there
	"${@:3}" ss -Htn state established sport = ":$1" | awk '{ print $4 }' | sed -E 's/^\[::ffff:([0-9.]+)\]/\1/' | grep -c "^$2:"
}
# A server of busybox hands each to a child of its own: until that is done it is the parent's.
whom() {
	jq -r ".connections[] | select(.from_net == $green_ns) | .from, .to" state.json | sort -u
}
whom_by_ss() {
	{
		nsenter -t "$green" -n ss -Htnp state established dport = :80
		nsenter -t "$red" -n ss -Htnp state established sport = :80 | grep -F 10.88.0.3
	} | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u
}
by_whom() {
	"$CUTAWAY" state >state.json
	[ "$(whom_by_ss | wc -l)" = 4 ] && [ "$(whom)" = "$(whom_by_ss)" ]
}
ok "by whom, as ss(8) has it" wait_until 30 by_whom || { diag "$(whom)"; diag "$(whom_by_ss)"; }
is "from green to red" "$(connected "$green_ns" "$ns" 80)" "$(peers 80 10.88.0.3 nsenter -t "$red" -n)"
is "two" "$(connected "$green_ns" "$ns" 80)" 2
is "from the host to red" "$(connected "$own" "$ns" 80)" "$(peers 80 10.88.0.1 nsenter -t "$red" -n)"
is "over the loopback, in one line" "$(connected "$own" "$own" 8123)" "$(peers 8123 127.0.0.1 env)"
run "$CUTAWAY" draw network --size 200x50
like "draw: who is connected to red" "$OUT" 'listens on 80/tcp: httpd \([0-9]+\) +◀┄ 3 from (host, green|green, host)'
like "draw: and over the loopback" "$OUT" '127\.0\.0\.1:8123/tcp +◀┄ 3 from host'
run "$CUTAWAY" draw host --format svg --size 160x50
like "draw host: a line from green to red" "$OUT" '<title>nc is connected to httpd over 10\.88\.0\.2:80/tcp, one of 2 connections'
run "$CUTAWAY" draw network --size 120x50
like "draw: who listens in red" "$OUT" 'listens on 80/tcp: httpd \([0-9]+\)'
like "draw: and on the host" "$OUT" 'listens on 127\.0\.0\.1:8123/tcp'
# A published port: the host puts other addresses in the place of those that were asked for.
talk 127.0.0.1 8080 2
"$CUTAWAY" exec green sh -c "sleep 1000 | nc 10.88.0.1 8080" &
published() {
	"$CUTAWAY" state >state.json
	[ "$(connected "$own" "$ns" 80) $(connected "$green_ns" "$ns" 80)" = "3 3" ]
}
if [ -r /proc/net/nf_conntrack ]; then
	ok "by a published port: who it is" wait_until 30 published || diag "$(jq -c '.connections[]' state.json)" "$(cat /proc/net/nf_conntrack)"
else
	skip "by a published port: who it is" "a kernel with /proc/net/nf_conntrack (CONFIG_NF_CONNTRACK_PROCFS)"
fi
run "$CUTAWAY" draw container red --size 120x100
like "draw container: what it listens on" "$OUT" 'httpd \([0-9]+\) .*80/tcp'

run "$CUTAWAY" draw network --size 120x50
is "draw: exit status" "$STATUS$ERR" 0
like "draw: which port leads where" "$OUT" 'cutaway0-2 +veth +up +in cutaway0, ⇄ eth0 of red'
like "draw: and from inside" "$OUT" '⇄ cutaway0-3 of host'
like "draw: the way out" "$OUT" 'default → 10\.88\.0\.1 by eth0'
like "draw: a published port" "$OUT" 'published: 0\.0\.0\.0:8080->80/tcp'
like "draw: who has no way out" "$OUT" '╭ blue ─'
is "draw: a line for each pair" "$("$CUTAWAY" draw network --format svg --size 120x40 | grep -c '<title>a veth pair joins host and')" 2
ip link set "$(here 'select(.peer_ns != 0).name' | head -n 1)" down
run "$CUTAWAY" draw network --size 120x40
like "draw: a port that is down" "$OUT" 'cutaway0-2 +veth +down'
"$CUTAWAY" rm -f red green blue >/dev/null
run "$CUTAWAY" draw network --size 120x40
unlike "draw: gone with the containers" "$OUT" 'cutaway0'
done_testing
