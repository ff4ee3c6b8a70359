# shellcheck shell=bash
# What one container or lab could leave: source after tap.sh.
#
#   container_left NAME    prints what is still there of a container: processes, control groups,
#                          mounts, files of its run; succeeds when there is nothing
#   data_files             the directories that containers have in the data directory
#   labs_left              the same for labs of this test
#   field FILE NAME        a number or text out of a JSON file: the first of that name
field() {
	grep -oE "\"$2\": *(\"[^\"]*\"|[^,}]*)" "$1" | head -n 1 | sed -E 's/^[^:]*: *//; s/"//g'
}

# Of the containers of this runtime directory; gone when there is none.
data_files() {
	find "$XDG_DATA_HOME/cutaway" -mindepth 2 -maxdepth 2 -path '*/containers*' 2>/dev/null
}

runtime_dir() {
	echo "$XDG_RUNTIME_DIR/cutaway"
}

# In its own line each: processes in a group of that name, groups, mounts in any mount namespace.
container_left() {
	local name=$1 group file found=0
	while IFS= read -r group; do
		echo "control group $group"
		sed 's/^/process /' "$group/cgroup.procs" 2>/dev/null
		found=1
	done < <(find /sys/fs/cgroup -type d -path "*/cutaway*/$name" 2>/dev/null)
	while IFS= read -r file; do
		echo "mount seen by process $(cut -d/ -f3 <<<"$file")"
		found=1
	done < <(grep -lE -- "/containers[^/]*/$name/" /proc/[0-9]*/mountinfo 2>/dev/null)
	if [ -e "$(runtime_dir)/containers/$name/ledger" ]; then
		echo "ledger of $name"
		found=1
	fi
	return $found
}

labs_left() {
	local path found=0
	for path in "$(runtime_dir)"/labs/* "$(runtime_dir)"/containers/*; do
		[ -e "$path" ] || continue
		echo "$path"
		found=1
	done
	return $found
}
