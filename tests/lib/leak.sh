#!/usr/bin/env bash
# What a test run could leave on the machine: leak.sh snapshot FILE, leak.sh compare FILE.
#
# A snapshot lists, one a line: mounts of the initial mount namespace, control groups, network
# links, named network namespaces, files of ours in shared places, and processes. `compare` prints
# what is there now and was not there then, and fails when there is any.
#
# What other people start on the machine meanwhile does not count. Of control groups those below a
# "cutaway" are ours. A new process counts when its environment carries the mark of this run; or when
# it is an orphan, i.e. its chain of parents does not reach a process of the first snapshot (other
# than pid 1), and is one of ours by name or lives in a pid or user namespace of its own.
set -uo pipefail

mounts() {
	# Field 5 is the mount point, what follows " - " the type and source: proc_pid_mountinfo(5).
	sed -E 's/^[0-9]+ [0-9]+ [^ ]+ ([^ ]+) ([^ ]+) .* - ([^ ]+) ([^ ]+) .*/mount \2 \3 \4 \1/' \
		/proc/1/mountinfo 2>/dev/null ||
		sed -E 's/^[0-9]+ [0-9]+ [^ ]+ ([^ ]+) ([^ ]+) .* - ([^ ]+) ([^ ]+) .*/mount \2 \3 \4 \1/' \
			/proc/self/mountinfo
}

files() {
	local path
	for path in /tmp/cutaway* /run/cutaway* /dev/shm/* /var/tmp/cutaway* ~/.uml/* \
		~/.local/share/cutaway ~/.local/state/cutaway; do
		[ -e "$path" ] || continue
		# The places of test runs: ours is not over, others are not our business.
		[[ $path != /tmp/cutaway-tests.* ]] || continue
		echo "file $path"
	done
}

snapshot() {
	mounts
	find /sys/fs/cgroup -mindepth 1 -type d -path '*/cutaway*' 2>/dev/null | sed 's/^/cgroup /'
	for link in /sys/class/net/*; do echo "link ${link##*/}"; done
	for name in /run/netns/*; do [ ! -e "$name" ] || echo "netns ${name##*/}"; done
	files
	for dir in /proc/[0-9]*; do
		start=$(sed -E 's/.*\) //' "$dir/stat" 2>/dev/null | cut -d' ' -f20) || continue
		[ -z "$start" ] || echo "process ${dir#/proc/} $start"
	done
}

parent_of() {
	sed -nE 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null
}

is_ours() {
	local type
	! tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qE 'cutaway|tmux|linux\.uml' || return 0
	for type in pid user; do
		[ "$(readlink "/proc/$1/ns/$type" 2>/dev/null)" = "$(readlink /proc/self/ns/$type)" ] ||
			return 0
	done
	return 1
}

# Whether a process that was not there before is one this run left behind.
left_behind() {
	local pid=$1 before=$2 p parent
	[ "$(readlink "/proc/$pid/exe" 2>/dev/null)" != "" ] || return 1 # kernel threads, zombies
	if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null |
		grep -qxF "CUTAWAY_TEST_RUN=${CUTAWAY_TEST_RUN:-none}"; then
		for ((p = $$; p > 1; p = $(parent_of "$p"))); do
			[ "$p" != "$pid" ] || return 1 # the runner itself
		done
		for ((p = pid; p > 1; p = parent)); do
			[ "$p" != $$ ] || return 1 # a helper of this script
			parent=$(parent_of "$p")
			[ -n "$parent" ] || return 1
		done
		return 0
	fi
	is_ours "$pid" || return 1
	for ((p = pid; p > 1; p = parent)); do
		! grep -q "^process $p " "$before" || return 1
		if tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -q '^XDG_RUNTIME_DIR=' &&
			! tr '\0' '\n' <"/proc/$p/environ" |
				grep -q "^XDG_RUNTIME_DIR=${CUTAWAY_TEST_RUN:-none}"; then
			return 1 # somebody else's lab
		fi
		parent=$(parent_of "$p")
		[ -n "$parent" ] || return 1 # it ended while we looked
	done
}

compare() {
	local before=$1 kind rest pid status=0
	while read -r kind rest; do
		if [ "$kind" = process ]; then
			pid=${rest%% *}
			left_behind "$pid" "$before" || continue
			rest="$rest $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
		fi
		echo "left behind: $kind $rest"
		status=1
	done < <(LC_ALL=C comm -13 <(LC_ALL=C sort "$before") <(snapshot | LC_ALL=C sort))
	return $status
}

case ${1:-} in
snapshot) snapshot >"$2" ;;
compare) compare "$2" ;;
*)
	echo "usage: leak.sh snapshot FILE | leak.sh compare FILE" >&2
	exit 2
	;;
esac
