#!/usr/bin/env bash
# Records a machine into a tree that `cutaway state --root TREE` reads: what kernel/observe needs
# of /proc and /sys/fs/cgroup, and no more.
#
#   tests/record.sh TREE [PID]...     no PID: all processes
#
# Mount tables and network files are recorded once for each namespace. Kept small on purpose: a
# tree is a test's input, to be read by people.
set -euo pipefail

usage() {
	sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

[[ $# -ge 1 && $1 != -* ]] || usage
tree=$1
shift
[[ ! -e $tree ]] || { echo "record.sh: $tree: is there already" >&2; exit 1; }
pids=("$@")
[[ ${#pids[@]} -gt 0 ]] || mapfile -t pids < <(cd /proc && printf '%s\n' [0-9]* | sort -n)

ns_types=(user pid mnt uts ipc net cgroup time)
process_files=(stat status cmdline cgroup uid_map gid_map)
net_files=(dev igmp route fib_trie if_inet6 tcp tcp6 udp udp6)
cgroup_files=(notify_on_release cgroup.controllers cgroup.events memory.current memory.max
	pids.current pids.max cpu.stat cpu.max memory.usage_in_bytes memory.limit_in_bytes cpu.cfs_quota_us
	cpu.cfs_period_us cpuacct.usage freezer.state
	io.stat cpu.pressure memory.pressure io.pressure
	blkio.throttle.io_service_bytes_recursive)

# A file of /proc has no size, so it is read and not copied; one that vanished is left out.
take() {
	mkdir -p "$tree${1%/*}"
	cat "$1" >"$tree$1" 2>/dev/null || rm -f "$tree$1"
}

declare -A seen=()
first_in() { # NAMESPACE-LINK: whether it was not met before
	[[ -n $1 && -z ${seen[$1]:-} ]] && seen[$1]=1
}

record_process() {
	local proc=/proc/$1 file type link
	[[ -d $proc ]] || return 0
	for file in "${process_files[@]}"; do take "$proc/$file"; done
	mkdir -p "$tree$proc/ns"
	for type in "${ns_types[@]}"; do
		link=$(readlink "$proc/ns/$type") || continue
		ln -s "$link" "$tree$proc/ns/$type"
	done 2>/dev/null
	mkdir -p "$tree$proc/fd"
	for file in "$proc"/fd/*; do
		link=$(readlink "$file") || continue
		[[ $link != socket:* ]] || ln -s "$link" "$tree$file"
	done 2>/dev/null
	rmdir --ignore-fail-on-non-empty "$tree$proc/fd"
	if first_in "$(readlink "$proc/ns/mnt" 2>/dev/null)"; then take "$proc/mountinfo"; fi
	if first_in "$(readlink "$proc/ns/net" 2>/dev/null)"; then
		for file in "${net_files[@]}"; do take "$proc/net/$file"; done
	fi
}

# The groups that the recorded processes are in, in every hierarchy that is mounted.
record_cgroups() {
	local target group file
	while read -r target; do
		mkdir -p "$tree$target"
		while read -r group; do
			[[ -d $target$group ]] || continue
			mkdir -p "$tree$target$group"
			for file in "${cgroup_files[@]}"; do
				if [[ -e $target$group/$file ]]; then take "$target${group%/}/$file"; fi
			done
		done < <(cut -d: -f3- "$tree"/proc/[0-9]*/cgroup | sort -u)
	done < <(awk '$(NF-2) ~ /^cgroup2?$/ { print $5 }' /proc/self/mountinfo)
}

# Named sockets that are connected and held by a recorded process. Peers are not told in /proc:
# net/unix_peers is of ss(8), two inodes a line.
record_sockets() {
	mkdir -p "$tree/proc/net"
	find "$tree/proc" -path "*/fd/*" -type l -printf '%l\n' 2>/dev/null | tr -dc '0-9\n' | sort -u >"$tree/proc/net/held"
	ss -xnaH 2>/dev/null | awk '{
		for (i = 1; i <= NF; i++) if ($i ~ /^u_/) break
		if ($(i + 7)) print $(i + 5), $(i + 7)
	}' | awk 'NR == FNR { held[$1]; next } ($1 in held || $2 in held) && $2 != 0' "$tree/proc/net/held" - >"$tree/proc/net/unix_peers"
	awk 'NR == FNR { held[$1]; next } FNR == 1 || ($7 in held && NF > 7)' "$tree/proc/net/held" /proc/net/unix >"$tree/proc/net/unix"
	rm "$tree/proc/net/held"
}

for pid in "${pids[@]}"; do record_process "$pid"; done
record_sockets
record_cgroups
for name in hostname osrelease arch; do take /proc/sys/kernel/$name; done
mkdir -p "$tree/proc"
grep MemTotal /proc/meminfo >"$tree/proc/meminfo"
grep '^cpu' /proc/stat >"$tree/proc/stat"
