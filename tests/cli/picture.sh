#!/usr/bin/env bash
# The pictures beside the machine (tests/lib/compare_picture.sh), which the replay of every lesson asks after
# every step: it finds no difference where there is none, and each of many lies that a picture could tell. In
# network and pid namespaces of its own, whose host it is.
# Not in user-mode-linux: its modules have no NAT for nftables.
. "$ROOT/tests/lib/tap.sh"

if [ "$(id -u)" != 0 ]; then
	skip "the pictures beside the machine" "root, who alone may look into all"
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
compare=$ROOT/tests/lib/compare_picture.sh

ok "a container on the bridge, with limits" "$CUTAWAY" run -d --name red --network bridge -p 8080:80 -m 64m \
	--pids-limit 20 base sleep 1000
ok "one without" "$CUTAWAY" run -d --name green base sleep 1000
ok "one that is planned" "$CUTAWAY" run -d --step --name blue base sleep 1000
unshare --mount --uts bash -c 'hostname foreign; echo ready >ready; exec sleep 1000' &
wait_until 10 grep -q ready ready
group=$(find /sys/fs/cgroup -type d -path '*/cutaway*/red' | head -n 1)
mkdir "${group%/red}/empty"
ok "the pictures show this machine" "$compare"

# ---- pictures that lie ---------------------------------------------------------------------------
# What `cutaway` prints, changed.
mkdir liar
cat >liar/cutaway <<'S'
#!/usr/bin/env bash
"$TRUE_CUTAWAY" "$@" | jq -c -f "$LIE"
S
chmod +x liar/cutaway
export TRUE_CUTAWAY=$CUTAWAY LIE=$WORK/lie.jq
lie() { # the lie, then what must be found: pairs of a text and a regular expression
	cat >"$LIE"
	run env CUTAWAY="$WORK/liar/cutaway" COMPARE_LOOKS=2 "$compare"
	is "the lie is found" "$STATUS" 1
	while [ $# -gt 0 ]; do
		like "found: $1" "$OUT" "$2"
		shift 2
	done
}

# Each text in the row that begins with $first (in a tree it is indented), in the box $in of the view, becomes
# what the filter says.
# shellcheck disable=SC2016 # for jq
row='def row($view; $in; $first; f): if .view != $view then . else
	([.texts[] | select(.in == $in and (.text | sub("^ +"; "")) == $first) | .y][0]) as $y
	| .texts |= map(if .in == $in and .y == $y then f else . end) end;
	def word($from; $to): if .text == $from then .text = $to else . end;
	def pair($about; f): ([.texts[] | select(.text == $about and (.in | endswith(":all"))) | .y][0]) as $y
	| .texts |= map(if .y == $y and .text != $about then f else . end);
	def without($id): .boxes |= map(select(.id != $id)) | .texts |= map(select(.in != $id));'
pid=$(jq -r .pid "$XDG_RUNTIME_DIR/cutaway/containers/red/state.json")

lie "a process with another number" "^drawn, but not there: process 71111$" \
	"and the one that is there" "^there, but not drawn: process $pid in red$" \
	"a container that is not drawn" '^there, but not drawn: container green$' \
	"a plan that is not drawn" '^there, but not drawn: planned blue$' \
	"one namespace too many" '^drawn, but not there: namespaces uts 999$' \
	"rights that it does not have" '^drawn, but not there: rights red 41 caps filter no_new_privs$' \
	"mounts counted wrongly" '^drawn, but not there: mounts red 1 / overlay$' \
	"a process that shares what it does not" '^there, but not drawn: apart user pid mnt uts ipc net cgroup: ' \
	"a limit that is not set" '^drawn, but not there: group /.*/red memory at most 128M$' \
	"pids beyond those there are" '^drawn, but not there: use /.*/red pids 19$' \
	"a control group that is not there" '^drawn, but not there: group /.*/no-such-group$' \
	"a group without processes that is not drawn" '^there, but not drawn: group /.*/empty$' \
	"a link that is not there" '^drawn, but not there: net [0-9]+ link eth9 up kind veth$' \
	"an address that it does not have" '^drawn, but not there: net [0-9]+ link cutaway0 address 192.0.2.1/24$' \
	"a port of a bridge that it is not" '^there, but not drawn: net [0-9]+ link cutaway0-[0-9]+ in cutaway0$' \
	"another way out" '^drawn, but not there: net [0-9]+ route default → 192.0.2.1 by eth0$' \
	"a port that is not published" '^drawn, but not there: published 0.0.0.0:99->80/tcp$' <<<"$row"'
	row("host"; "container:red"; "'"$pid"'"; word("'"$pid"'"; "71111"))
	| row("host"; "namespaces"; "uts"; if .text | test("^[0-9]+$") then .text = "999" else . end)
	| row("host"; "security"; "red"; if .text | test("caps$") then .text = "41 caps" else . end)
	| row("host"; "mounts"; "red"; if .text | test("^[0-9]+$") then .text = "1" else . end)
	| if .view == "host" then without("container:green") | without("container:blue") else . end
	| row("kernel"; "sharing"; "red"; word("own"; "·"))
	| row("kernel"; "cgroup-tree"; "red"; if .text | test("/64M$") then .text = "1M/128M"
		elif .text | test("/20$") then .text = "19/20" else . end)
	| row("kernel"; "cgroup-tree"; "green"; .text |= sub("(?<in>^ +)green$"; "\(.in)no-such-group"))
	| row("kernel"; "cgroup-tree"; "empty"; .text |= sub("empty$"; "elsewhere"))
	| if .view != "network" then . else .texts |= map(word("eth0"; "eth9")
		| .text |= (sub("10.88.0.1/24"; "192.0.2.1/24") | sub("^in cutaway0, "; "")
			| sub("^default → [0-9.]+"; "default → 192.0.2.1") | sub("0.0.0.0:8080"; "0.0.0.0:99"))) end'

lie "another name of the host" '^drawn, but not there: red: host name another$' \
	"another user" '^drawn, but not there: red: root outside 0$' \
	"a namespace of its own that it shares" '^drawn, but not there: red: time own 4026530001$' \
	"another namespace" '^drawn, but not there: red: uts own 4026530000$' \
	"no filter" '^drawn, but not there: red: filter none$' \
	"a power that it does not have" '^drawn, but not there: red: may sys_admin$' \
	"a mount that is not there" '^drawn, but not there: red: mount /no/such/place ' \
	"a layer more" '^drawn, but not there: red: layers 2$' \
	"another parent" '^drawn, but not there: red: started by 1$' \
	"another image" '^drawn, but not there: image base 000000000000$' \
	"all that is said of one" '^there, but not drawn: green: host name green$' <<<"$row"'
	if .view == "container" and .subject == "green" then .boxes = [] | .texts = [] else . end
	| if .view != "container" or .subject != "red" then . else
	pair("host name"; word("red"; "another"))
	| pair("users"; .text |= sub("^100000 "; "0 "))
	| pair("  its parent"; if .in | endswith(":host") then .text = "1 init" else . end)
	| pair("time namespace"; word("same as the host"; "4026530001"))
	| pair("uts namespace"; if .in | endswith(":inside") then .text = "4026530000" else . end)
	| pair("filter"; if .in | endswith(":inside") then .text = "none" else . end)
	| .texts |= map(.text |= (sub("·+ net_raw"; "sys_admin net_raw") | sub("^/proc proc$"; "/no/such/place proc")
		| sub("1 of 1$"; "1 of 2"))) end
	| row("image"; "image:base:manifest"; "digest"; if .text != "digest" then .text = "000000000000…" else . end)'

rmdir "${group%/red}/empty"
run env CUTAWAY=false "$compare"
is "nothing drawn is no agreement" "$STATUS" 2
done_testing
