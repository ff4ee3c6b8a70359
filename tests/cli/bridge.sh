#!/usr/bin/env bash
# `run --network bridge`: containers that reach each other by name, the machine and what is beyond it;
# published ports; and nothing left after any end. In a network namespace of its own, so that the
# machine's links, rules and settings are neither seen nor touched.
# Not in user-mode-linux: its modules have no NAT for nftables.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

if [ "$(id -u)" != 0 ]; then
	run "$CUTAWAY" run --rm --network bridge base true
	is "an ordinary user gets no bridge" "$STATUS" 125
	like "and is told what it takes" "$ERR" 'takes root \(CAP_NET_ADMIN\)'
	like "and what to do" "$ERR" 'run it as root, or with --network none or --network host'
	run "$CUTAWAY" run --plan --network bridge -p 8080:80 base true
	like "the plan may be read" "$STATUS$OUT" 'ip link add cutaway0 address'
	done_testing
fi
if [ -z "${OWN_NETWORK:-}" ]; then
	exec unshare -n env OWN_NETWORK=1 bash "$0"
fi
ip link set lo up
helpers=()
# shellcheck disable=SC2317
end() {
	"$CUTAWAY" clean --all >/dev/null 2>&1
	[ ${#helpers[@]} -eq 0 ] || kill "${helpers[@]}" 2>/dev/null
}
trap end EXIT

# ---- bad input, which makes nothing ------------------------------------------------------------
bad() { # PORT PART
	run "$CUTAWAY" run --rm --network bridge -p "$1" base true
	like "-p $1: wrong usage, and the part is named" "$STATUS $ERR" "^2 .*--publish '$1': '$2': "
}
bad 80 80
bad http:80 http
bad 0:80 0
bad 8080:65536 65536
bad 8080:80/sctp sctp
bad localhost:8080:80 localhost
bad 300.0.0.1:8080:80 300.0.0.1
run "$CUTAWAY" run --rm -p 8080:80 base true
like "a port without a bridge is wrong usage" "$STATUS$ERR" '^2.*--publish goes with --network bridge'
run "$CUTAWAY" run --rm --network sideways base true
like "an unknown network is wrong usage" "$STATUS$ERR" "^2.*it should be none, host, bridge or container:NAME"
run as_user cutaway run --rm --network bridge base true
like "an ordinary user is told what it takes" "$STATUS$ERR" '^125.*takes root \(CAP_NET_ADMIN\)'
run as_user cutaway run --plan --network bridge -p 8080:80 base true
like "an ordinary user may read the plan" "$STATUS$OUT" '^0.*'
like "an ordinary user's plan has the bridge" "$OUT" 'ip link add cutaway0 address'

if ! ip link add probe0 type bridge 2>/dev/null || ! ip link add probe1 type veth peer probe2 2>/dev/null; then
	ip link del probe0 2>/dev/null
	skip "bridge" "links of type bridge and veth, probed with ip link add"
	done_testing
fi
ip link del probe0
ip link del probe1
nat=1
nft -c 'add table ip p; add chain ip p c { type nat hook prerouting priority dstnat; };
	add rule ip p c fib daddr type local tcp dport 1 dnat to 1.2.3.4:1' 2>/dev/null || nat=
echo 0 >/proc/sys/net/ipv4/ip_forward

network_left() {
	local left
	left=$(
		ip -o link | grep -o 'cutaway[^:@]*'
		nft list ruleset 2>/dev/null
		cat /proc/sys/net/ipv4/ip_forward
		find "$XDG_RUNTIME_DIR"/cutaway/{network,containers} -mindepth 1 2>/dev/null
	)
	[ "$left" = "${1:-0}" ] || {
		echo "$left"
		return 1
	}
}
member() { # NAME MEMBER
	"$CUTAWAY" inspect --format "$2" "$1"
}
fetch() { # URL: from the machine
	timeout 5 busybox wget -q -O - "$1"
}
fetches() { # URL TEXT
	[ "$(fetch "$1" 2>&1)" = "$2" ]
}
inside() { # NAME URL TEXT
	[ "$("$CUTAWAY" exec "$1" timeout 5 wget -q -O - "$2" 2>&1)" = "$3" ]
}
gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}
serve() { # NAME OPTION...: a container with a web server that says its name
	local name=$1
	shift
	run "$CUTAWAY" run -d --network bridge --name "$name" "$@" base \
		sh -c "mkdir /tmp/web; echo $name >/tmp/web/index.html; exec httpd -f -p 80 -h /tmp/web"
}

# ---- without address translation ---------------------------------------------------------------
if [ -z "$nat" ]; then
	run "$CUTAWAY" run --rm --network bridge -p 8080:80 base true
	like "no nf_tables with NAT: a port cannot be published, and says so" "$STATUS$ERR" \
		'^125.*publish port of container.*(nf_tables|nft)'
	serve red
	is "no nf_tables with NAT: the bridge works" "$STATUS" 0
	like "no nf_tables with NAT: it is said that there is no way out" "$ERR" 'no way out'
	serve green
	ok "no nf_tables with NAT: containers reach each other by name" \
		wait_until 10 inside green http://red/ red
	run "$CUTAWAY" rm -f red green
	ok "no nf_tables with NAT: nothing is left" network_left
	skip "ports and the way out" "nf_tables with nft_nat and nft_fib, probed with nft --check"
	done_testing
fi

# ---- the plan says what one would type ---------------------------------------------------------
plan=$("$CUTAWAY" run --plan --json --network bridge -p 8080:80 -p 127.0.0.1:5300:53/udp --name red base true)
ok "a plan makes nothing" network_left
commands() { # STEP
	awk -v step="$1" '
		/^    "id":/ { here = $0 ~ "\"" step "\"" }
		/^    "shell": \[/ { if (here) list = 1; next }
		/^    \]/ { list = 0 }
		list { gsub(/^ *"|",?$/, ""); gsub(/\\"/, "\""); print }' <<<"$plan"
}
# What is there now, without numbers that the kernel chose: of the machine, of the container.
machine_state() {
	ip -o -d link show | grep cutaway | sed -E 's/^[0-9]+: //; s/@[^:]*//; s/ (gc_|promiscuity|bridge_|state|port_|designated|hold|message|hello|forward|topology|root_|tcn|ageing).*//' |
		sed -E '/cutaway0-/s/ link\/ether.*//; s/LOWER_UP|NO-CARRIER|M-DOWN|,|mtu.*(master [^ ]+).*group/\1/g; s/qdisc.*group default//' | sed -E 's/ +/ /g'
	ip -o -4 address show | grep cutaway | sed -E 's/^[0-9]+: //; s/valid_lft.*//'
	nft list ruleset
	cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/cutaway0/route_localnet
}
container_state() {
	ip -o -4 address show | sed -E 's/^[0-9]+: //'
	ip -o link show eth0 | grep -oE 'link/ether [0-9a-f:]+|[<,]UP[,>]'
	ip -4 route show
}
by_hand() {
	# shellcheck disable=SC2016 # the variables are the inner shell's
	unshare -n bash -c "$(declare -f machine_state container_state commands)
		plan=\$(cat)"'
		echo 0 >/proc/sys/net/ipv4/ip_forward
		ip link set lo up
		unshare -n sleep 1000 >/dev/null 2>&1 &
		pid=$!
		trap "kill $pid" EXIT
		until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/self/ns/net)" ] &&
			[ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.05; done
		in_there() { nsenter -t $pid -n "$@"; }
		in_there ip link set lo up
		set -e
		bash -ec "$(commands bridge; commands masquerade; commands publish; commands veth |
			sed "s/\<PID\>/$pid/")" >/dev/null
		in_there bash -ec "$(commands address)"
		machine_state
		echo ----
		in_there bash -c "$(declare -f container_state); container_state"' <<<"$plan" 2>&1
}
serve red -p 8080:80 -p 127.0.0.1:5300:53/udp
is "a container on the bridge" "$STATUS$OUT$ERR" 0red
red=$(member red pid)
ours=$(
	machine_state
	echo ----
	nsenter -t "$red" -n bash -c "$(declare -f container_state); container_state"
)
is "the commands of the plan, typed, make just what the steps make" "$(by_hand)" "$ours"
like "it is a bridge, a veth and the rules" "$ours" 'ip daddr 127.0.0.1 udp dport 5300 dnat to 10.88.0.2:53'

# ---- what is known of it -----------------------------------------------------------------------
is "inspect tells its address" "$(member red network.address)" 10.88.0.2
like "inspect tells its ports" "$(member red network.ports | tr -d ' \n')" \
	'\{"host":"127.0.0.1","host_port":5300,"port":53,"protocol":"udp"\}'
run "$CUTAWAY" ps
like "ps tells its ports" "$OUT" 'red .* 0.0.0.0:8080->80/tcp, 127.0.0.1:5300->53/udp  sh -c'

# ---- reaching each other -----------------------------------------------------------------------
serve green --hostname meadow
is "a second one" "$STATUS" 0
ok "it reaches the first by name" wait_until 10 inside green http://red/ red
ok "and is reached by its own, which came later" wait_until 10 inside red http://green/ green
ok "and by its host name" inside red http://meadow/ green
ok "and by its address" inside red http://10.88.0.3/ green
run "$CUTAWAY" run --rm --network bridge --name blue base cat /etc/hosts
like "a third one knows all of them" "$(tr '\n\t' '; ' <<<"$OUT")" \
	'10.88.0.4 blue;10.88.0.2 red;10.88.0.3 green meadow;'
# What busybox's cat puts into a pipe is the page of the file itself, read here when it is gone.
mkfifo "$WORK/late"
exec 7<>"$WORK/late" 8<"$WORK/late"
"$CUTAWAY" run --rm --network bridge --name blue base cat /etc/hosts >&7 7>&- 8<&-
exec 7>&-
like "and is right about itself, however late one reads" "$(cat <&8)" '^10.88.0.4.blue$'
exec 8<&-
run "$CUTAWAY" exec red cat /etc/hosts
unlike "which nobody knows when it is gone" "$OUT" blue
serve blue
ok "when it comes again it is known at once" wait_until 10 inside red http://blue/ blue
run "$CUTAWAY" rm -f blue
run "$CUTAWAY" exec red timeout 1 wget -q -O - http://blue/
like "and again gone" "$STATUS$OUT" '^[1-9][0-9]*$'
run "$CUTAWAY" exec red sh -c 'echo 1.2.3.4 green >>/etc/hosts'
like "nobody inside writes there" "$STATUS$ERR" '^1.*Permission denied'
run "$CUTAWAY" run --rm --network bridge --userns host base sh -c 'echo 1.2.3.4 green >>/etc/hosts'
like "not even who is root out here as well" "$STATUS$ERR" '^1.*Read-only file system'
run "$CUTAWAY" exec red cat /etc/resolv.conf
unlike "no name server is the container itself" "$OUT" 'nameserver[[:space:]]+127\.'

# ---- the machine, and what is beyond it --------------------------------------------------------
unshare -n sleep 1000 >/dev/null 2>&1 &
beyond=$!
helpers+=("$beyond")
other_network() {
	[ "$(readlink "/proc/$beyond/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_until 10 other_network
out_there() {
	nsenter -t $beyond -n "$@"
}
ip link add wire0 type veth peer name wire1 netns $beyond
ip address add 192.0.2.1/24 dev wire0
ip link set wire0 up
out_there ip address add 192.0.2.2/24 dev wire1
out_there ip link set wire1 up
mkdir "$WORK/web" "$WORK/far" "$WORK/secret"
echo machine >"$WORK/web/index.html"
echo beyond >"$WORK/far/index.html"
echo secret >"$WORK/secret/index.html"
busybox httpd -f -p 7070 -h "$WORK/web" &
helpers+=($!)
busybox httpd -f -p 127.0.0.1:7072 -h "$WORK/secret" &
helpers+=($!)
# Not by the function: what it would start in the background is a shell with a child.
nsenter -t $beyond -n busybox httpd -f -p 7071 -h "$WORK/far" &
helpers+=($!)
ok "a container reaches the machine" wait_until 10 inside red http://10.88.0.1:7070/ machine
ok "by a name, too" inside red http://host.containers.internal:7070/ machine
ok "and what is beyond it, where nobody knows a way back" wait_until 10 inside red http://192.0.2.2:7071/ beyond

ok "the machine reaches a published port at 127.0.0.1" fetches http://127.0.0.1:8080/ red
ok "and at another address of its own" fetches http://192.0.2.1:8080/ red
is "from outside it is reached" "$(out_there timeout 5 busybox wget -q -O - http://192.0.2.1:8080/)" red
ok "from another container" inside green http://192.0.2.1:8080/ red
ok "from itself" inside red http://192.0.2.1:8080/ red

# shellcheck disable=SC2016 # perl's
nsenter -t "$red" -n perl -MSocket -e '
	socket(S, PF_INET, SOCK_DGRAM, 0) && bind(S, sockaddr_in(53, INADDR_ANY)) or die $!;
	while (defined($from = recv(S, $text, 100, 0))) { send(S, "echo $text", 0, $from) }' &
helpers+=($!)
datagram() { # ADDRESS PORT
	local answer
	# In one piece: what of a datagram is not read at once is gone.
	answer=$(exec 9<>"/dev/udp/$1/$2" && echo hello >&9 && timeout 1 dd bs=100 count=1 <&9 2>/dev/null)
	[ "$answer" = "echo hello" ]
}
ok "a published port of UDP answers" wait_until 20 datagram 127.0.0.1 5300
run datagram 192.0.2.1 5300
is "one for 127.0.0.1 only is not for other addresses" "$STATUS" 1

# What the machine keeps on its loopback is nobody's in a container, though it has route_localnet:
# here a container does all it could, with more rights than any has.
attack() {
	nsenter -t "$red" -n bash -c '
		ip rule add pref 1 to 127.0.0.1 lookup 100 2>/dev/null
		ip route replace 127.0.0.1/32 via 10.88.0.1 dev eth0 table 100
		ip rule del pref 0; ip rule add pref 2 lookup local 2>/dev/null
		echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
		timeout 2 busybox wget -q -O - http://127.0.0.1:7072/' 2>/dev/null
}
ok "the machine sees its own server at 127.0.0.1" fetches http://127.0.0.1:7072/ secret
is "a container does not" "$(attack)" ""
nft flush chain ip cutaway guard
is "without the guard it would" "$(attack)" secret

# ---- what cannot be ----------------------------------------------------------------------------
before=$(nft list ruleset | grep -c chain)
run "$CUTAWAY" run --rm --network bridge -p 8080:80 --name late base true
like "a port that a container has" "$STATUS$ERR" \
	'^125.*step publish: bind: 0.0.0.0:8080/tcp: the port is in use on this machine'
run "$CUTAWAY" run --rm --network bridge -p 7070:80 --name late base true
like "a port that the machine has" "$STATUS$ERR" '^125.*7070/tcp: the port is in use on this machine'
run "$CUTAWAY" run --rm --network bridge -p 192.0.2.77:8081:80 --name late base true
like "an address that the machine has not" "$STATUS$ERR" \
	'^125.*192.0.2.77:8081/tcp: that is no address of this machine'
is "no rule is left of them" "$(nft list ruleset | grep -c chain)" "$before"
run "$CUTAWAY" exec red cat /etc/hosts
unlike "nor a name" "$OUT" late

json=$(echo "$XDG_RUNTIME_DIR"/cutaway/network/*/network.json)
all=$(for i in $(seq 4 254); do printf '"x%d":{"host":%d,"hostname":"x"},' "$i" "$i"; done)
sed -i 's/"members":{/&'"$all"'/' "$json"
run "$CUTAWAY" run --rm --network bridge base true
like "no address is left" "$STATUS$ERR" '^125.*all 253 of 10.88.0.0/24 are taken'
run "$CUTAWAY" clean
like "clean takes off those that are no containers" "$OUT" '^removed network x200$'
run "$CUTAWAY" run --rm --network bridge base true
is "and there are addresses again" "$STATUS" 0

# ---- every end ---------------------------------------------------------------------------------
pid=$(member green pid)
kill -KILL "$(member green monitor_pid)"
ok "a monitor is killed, and its container ends" wait_until 10 gone "$pid"
run "$CUTAWAY" clean --dry-run
like "clean would take it off the bridge" "$OUT" '^would remove network green$'
run "$CUTAWAY" clean
like "clean takes it off" "$OUT" '^removed network green$'
run "$CUTAWAY" exec red cat /etc/hosts
unlike "its name is gone" "$OUT" green
ok "the other one goes on" fetches http://127.0.0.1:8080/ red
pid=$(member red pid)
kill -KILL "$(member red monitor_pid)"
wait_until 10 gone "$pid"
run "$CUTAWAY" clean
like "with the last one goes the bridge" "$OUT" '^removed link cutaway0$'
like "and the setting of the kernel" "$OUT" '^removed sysctl net/ipv4/ip_forward$'
ok "nothing is left" network_left

serve red -p 8080:80
"$CUTAWAY" kill red >/dev/null
wait_until 10 sh -c '[ "$('"$CUTAWAY"' inspect -f status red)" = exited ]'
ok "a program that ends takes its network with it" wait_until 10 sh -c '! ip link show cutaway0'
"$CUTAWAY" rm red >/dev/null
ok "nothing is left of it" network_left
echo 1 >/proc/sys/net/ipv4/ip_forward
run "$CUTAWAY" run --rm --network bridge base true
ok "a machine that forwards goes on doing so" network_left 1
echo 0 >/proc/sys/net/ipv4/ip_forward
run "$CUTAWAY" run --rm --network bridge base no-such-program
is "a program that is not there is 127 here, too" "$STATUS" 127
ok "nothing is left of that" network_left

# ---- several at once ---------------------------------------------------------------------------
pids=()
for i in 1 2 3 4 5 6; do
	"$CUTAWAY" run -d --network bridge -p "810$i:80" --name "many-$i" base sleep 1000 \
		>"$WORK/many.$i" 2>&1 </dev/null &
	pids+=($!)
done
failures=0
for pid in "${pids[@]}"; do wait "$pid" || failures=$((failures + 1)); done
is "six at once" "$failures" 0 || diag "$(cat "$WORK"/many.*)"
is "each has an address of its own" \
	"$(for i in 1 2 3 4 5 6; do member "many-$i" network.address; done | sort -u | wc -l)" 6
pids=()
for i in 1 2 3 4 5 6; do
	"$CUTAWAY" rm -f "many-$i" >/dev/null 2>&1 </dev/null &
	pids+=($!)
done
wait "${pids[@]}"
ok "all removed at once, nothing is left" network_left

# ---- a step at a time --------------------------------------------------------------------------
run "$CUTAWAY" run -d --step --network bridge -p 8080:80 --name hand base sleep 1000
is "planned, nothing is made" "$STATUS$(ip -o link | grep -c cutaway)" 00
run "$CUTAWAY" step --to publish hand
like "the bridge is seen" "$OUT" '✓ link [0-9]+ is the bridge cutaway0'
like "the rules are seen" "$OUT" '✓ table ip cutaway, chain in-hand: 0.0.0.0:8080->80/tcp'
run "$CUTAWAY" step --to resolve hand
like "the cable is seen" "$OUT" '✓ link [0-9]+ is the veth cutaway0-2, a port of cutaway0'
like "the address is seen" "$(tr -d '\n' <<<"$OUT")" '✓ /proc/[0-9]+/net/fib_trie has 10.88.0.2,'
like "the names are seen" "$(tr -d '\n ' <<<"$OUT")" 'network.*/hosts.handon/etc/hosts'
back=0
while run "$CUTAWAY" step --back hand && [ "$STATUS" = 0 ] && [ $back -lt 40 ]; do
	back=$((back + 1))
	case $OUT in
	*'  address '*) ok "the address is taken back" test -z \
		"$(nsenter -t "$(member hand pid)" -n ip -4 -o address show eth0)" ;;
	*'  veth '*) ok "the cable is taken back" sh -c '! ip link show cutaway0-2' ;;
	*'  publish '*) ok "the rules are taken back" sh -c '! nft list chain ip cutaway in-hand' ;;
	*'  masquerade '*) is "forwarding is taken back" "$(cat /proc/sys/net/ipv4/ip_forward)" 0 ;;
	*'  bridge '*) ok "the bridge is taken back" sh -c '! ip link show cutaway0' ;;
	esac
done
like "all the way back" "$ERR$OUT" 'none has been done yet'
run "$CUTAWAY" step --all hand
like "and all again" "$OUT" 'hand runs'
ok "which has its network" "$CUTAWAY" exec hand grep -q 10.88.0.2 /etc/hosts
run "$CUTAWAY" rm -f hand
ok "nothing is left of the steps" network_left

# ---- what is there already ---------------------------------------------------------------------
ip link add cutaway0 type bridge
ip route add 10.88.0.0/23 via 192.0.2.2
serve red -p 8080:80
is "a bridge of that name that is not ours, and a route" "$STATUS" 0
is "another name is taken" "$(member red network.bridge)" cutaway1
is "and another range" "$(member red network.address)" 10.88.2.2
ok "which works" wait_until 10 fetches http://127.0.0.1:8080/ red
run "$CUTAWAY" rm -f red
like "the foreign bridge is left alone" "$(ip -o link)" ' cutaway0: '
ip link del cutaway0
ok "and nothing of ours" network_left
done_testing
