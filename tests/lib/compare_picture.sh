#!/usr/bin/env bash
# Whether the pictures show this machine: all that `cutaway draw all` says beside what others say, who are
# ps, lsns, findmnt, ip, nft, capsh, and the files in /proc, in /sys/fs/cgroup, of our containers and of our
# image store. Nothing here asks a reader of ours. As root, in the place that is drawn.
#
#   compare_picture.sh     prints each difference; exit status 1 when there is one, 2 when nothing was compared.
#                          COMPARE_LOOKS=N: it looks so often; COMPARE_KEEP=DIR: what it saw last, to look into
#
# Both sides become lists of facts, one a line, in the same words: picture_drawn.awk here, picture_there.awk,
# picture_groups.awk, picture.jq and this file there. Drawn and not there is a difference, there and not
# drawn as well. A machine does not stand still while several look at it one after the other: what counts is a
# difference that each of several looks finds.
set -uo pipefail
export LC_ALL=C.UTF-8
: "${CUTAWAY:?}" "${XDG_RUNTIME_DIR:?}" "${XDG_DATA_HOME:?}"
LOOKS=${COMPARE_LOOKS:-6}
lib=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/picture.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

# An awk program over several lists; it knows by `from` which it reads.
with() { # PROGRAM FILE...
	local program=$1 arguments=()
	shift
	for file; do arguments+=(from="$file" "$file"); done
	awk -v self=$$ -f "$lib/$program" "${arguments[@]}"
}

processes() {
	ps -eo pid=,ppid=,euid=,userns=,pidns=,mntns=,utsns=,ipcns=,netns=,cgroupns=,timens=,stat=,comm=
}

# ---- one container ----

# Names of a set of capabilities, into $names.
declare -A decoded
decode() {
	[ -n "${decoded[$1]:-}" ] || decoded[$1]=$(capsh --decode="$1")
	names=${decoded[$1]#*=}
	names=${names//cap_/}
	read -ra names <<<"${names//,/ }"
}

# What stands in its status: as the host view says it; of a container as its own view does as well.
status_of() { # PID NAME [CONTAINER]
	local key words caps='' mode=0 filters=0 nnp=0 inside='' names
	while read -r key words; do
		case $key in
		NSpid:) inside=${words##*[[:blank:]]} ;;
		CapEff:) caps=$words ;;
		Seccomp:) mode=$words ;;
		Seccomp_filters:) filters=$words ;;
		NoNewPrivs:) nnp=$words ;;
		esac
	done <"/proc/$1/status"
	[ -n "$caps" ] || return
	decode "$caps"
	local said=('no filter' strict filter) own=(none strict "seccomp, $filters") yes=(no yes)
	local noted=(- no_new_privs)
	echo "rights $2 ${#names[@]} caps ${said[mode]} ${noted[nnp]}"
	[ -n "${3:-}" ] || return 0
	printf '%s\n' "$3: pid inside $inside" "$3: filter ${own[mode]}" "$3: no_new_privs ${yes[nnp]}" \
		"$3: capabilities ${#names[@]}"
	[ ${#names[@]} -eq 0 ] || printf "$3: may %s\n" "${names[@]}"
}

# Who its first process and user 0 are, by the id map of the kernel.
users_of() { # PID NAME EUID
	local inside outside count user='nobody (not mapped)' root='nobody (not mapped)'
	while read -r inside outside count; do
		[ "$3" -lt "$outside" ] || [ "$3" -ge $((outside + count)) ] || user=$((inside + $3 - outside))
		[ "$inside" != 0 ] || root=$outside
	done <"/proc/$1/uid_map"
	[ "$user" != 0 ] || user='0 root'
	printf '%s\n' "$2: user inside $user" "$2: root outside $root"
}

mounts_of() { # PID NAME: how many, which, and the layers of the last overlay
	findmnt -N "$1" -rno TARGET,FSTYPE,OPTIONS 2>/dev/null |
		awk -v name="$2" '
		$1 == "/" { root = $2 }
		name != "host" { print name ": mount " $1 " " $2 }
		$2 == "overlay" && match($3, /lowerdir=[^,]*/) { layers = split(substr($3, RSTART, RLENGTH), all, ":") }
		END {
			if (NR) print "mounts " name " " NR " / " root
			if (NR && name != "host") print name ": mounts " NR
			if (layers && name != "host") print name ": layers " layers
		}'
}

containers_there() {
	local name pid euid
	{
		awk '$2 { print $2, $1 }' ours
		sed -nE 's/^(.*): pid outside ([0-9]+)$/\2 \1/p' drawn
	} | sort -u | awk 'FNR == NR { euid[$1] = $3; next } { $1 = $1 " " euid[$1] + 0; print }' after - |
		while read -r pid euid name; do
			[ -d "/proc/$pid" ] || continue
			status_of "$pid" "$name" "$name"
			users_of "$pid" "$name" "$euid"
			echo "$name: host name $(nsenter --uts="/proc/$pid/ns/uts" uname -n)"
			[ "/proc/$pid/ns/mnt" -ef "/proc/$host/ns/mnt" ] || mounts_of "$pid" "$name"
		done
}

# ---- control groups ----

# What the name of our group ends in, kernel/base/place_name.h: FNV-1a of the runtime directory.
place_suffix() {
	local text=$1 hash=2166136261 i code
	suffix=''
	[ "$text" != /run/cutaway ] || return 0
	for ((i = 0; i < ${#text}; i++)); do
		printf -v code %d "'${text:i:1}"
		hash=$((((hash ^ code) * 16777619) & 0xffffffff))
	done
	printf -v suffix -- '-%08x' $hash
}

# Those of ours that there are, in any hierarchy, those that our containers name, and those that the picture
# says.
groups_there() {
	local hierarchies=(/sys/fs/cgroup) hierarchy group file suffix
	place_suffix "$XDG_RUNTIME_DIR/cutaway"
	for hierarchy in /sys/fs/cgroup/{unified,memory,pids,cpu,cpuacct,freezer}; do
		[ ! -d "$hierarchy" ] || hierarchies+=("$hierarchy")
	done
	{
		for hierarchy in "${hierarchies[@]}"; do
			group=/cutaway$suffix
			[ ! -d "$hierarchy$group" ] || find "$hierarchy$group" -type d -printf "$group/%P\n"
		done
		cut -d' ' -f4 ours
		# A long one may be cut where it is a group, and whole where it says what it uses.
		sed -nE 's/^group ([^ ]+)$/\1/p; s/^use ([^ ]+) .*$/\1/p' drawn
	} | sed -E 's,/$,,' | sort -u | while read -r group; do
		for hierarchy in "${hierarchies[@]}"; do
			for file in "$hierarchy$group"/{memory.max,memory.current,pids.max,pids.current,cpu.max,cpu.stat,cgroup.events} \
				"$hierarchy$group"/{memory.limit_in_bytes,memory.usage_in_bytes,cpu.cfs_quota_us,cpu.cfs_period_us} \
				"$hierarchy$group"/{cpuacct.usage,freezer.state,cgroup.procs}; do
				[ ! -e "$file" ] || printf '%s\0' "$file"
			done
		done
	done | xargs -0r grep -H . >files 2>/dev/null
	with picture_groups.awk drawn cgroup files
}

# ---- network ----

# One process of each network namespace leads there.
nets_there() {
	local net pid links routes
	awk '$9 ~ /^[0-9]+$/ && !seen[$9]++ { print $9, $1 }' after | while read -r net pid; do
		links=$(nsenter --net="/proc/$pid/ns/net" ip -j -d addr 2>/dev/null) &&
			routes=$(nsenter --net="/proc/$pid/ns/net" ip -j route 2>/dev/null) || continue
		printf '{"net": "%s", "links": %s, "routes": %s}\n' "$net" "${links:-[]}" "${routes:-[]}"
	done
}

published_there() {
	nft list ruleset | awk '
		/hook/ { reads = /hook prerouting/ }
		reads && match($0, /(tcp|udp) dport [0-9]+ dnat to [0-9.]+:[0-9]+/) {
			split(substr($0, RSTART, RLENGTH), word, " ")
			split(word[6], to, ":")
			at = match($0, /ip daddr [0-9.]+/) ? substr($0, RSTART + 9, RLENGTH - 9) : "0.0.0.0"
			print "published " at ":" word[3] "->" to[2] "/" word[1]
		}'
}

# ---- both sides ----

look() {
	local json=(scenes nets namespaces) file
	processes >before
	"$CUTAWAY" draw all --format scene --size 1000x1000 >scenes || return 2
	processes >after
	lsns --list -J >namespaces
	nets_there >nets
	grep -H . /proc/[0-9]*/cgroup >cgroup 2>/dev/null
	for file in "$XDG_RUNTIME_DIR"/cutaway/containers/*/state.json "$XDG_DATA_HOME/cutaway/store/index.json"; do
		[ ! -e "$file" ] || json+=("$file")
	done
	jq -nrf "$lib/picture.jq" "${json[@]}" >all || return 2
	sed -n 's/^ours\t//p' all >ours
	awk -f "$lib/picture_drawn.awk" all | sort -u >drawn
	host=1
	[ -r /proc/1/ns/mnt ] || host=2
	{
		sed -n 's/^there\t//p' all
		with picture_there.awk drawn ours before after cgroup
		mounts_of $host host
		status_of 1 "pid 1"
		containers_there
		groups_there
		published_there
	} | sort -u >there
}

# A card that counts the processes for which it has no line: as many need not be drawn. Arrows, columns and what
# the host view says of each container are drawn while there are not too many; mounts and capabilities of a
# container have a number, which must be right, besides the names.
differences() {
	grep -vE '^(more|member) ' drawn | comm -23 - there | sed 's/^/drawn, but not there: /'
	grep -vE '^(arrow|column|rights|mounts) |^[^:]+: (mount|may|layers) ' there | comm -13 drawn - |
		awk -v more="$(awk '$1 == "more" { n += $2 } END { print n + 0 }' drawn)" '
			/^process [0-9]+$/ && more-- > 0 { next }
			{ print "there, but not drawn: " $0 }'
}

compared=0
for ((tries = 0; tries < LOOKS; tries++)); do
	look && [ -s drawn ] || continue
	compared=$((compared + 1))
	differences | sort >found
	[ ! -e left ] || comm -12 left found >both
	[ -e left ] || cp found both
	mv both left
	[ -s left ] || exit 0
done
[ $compared -gt 0 ] || exit 2
cat left
[ -z "${COMPARE_KEEP:-}" ] || cp -r . "$COMPARE_KEEP"
exit 1
