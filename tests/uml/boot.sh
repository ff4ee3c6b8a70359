#!/usr/bin/env bash
# Boots user-mode-linux for one script: boot.sh SECONDS RESULT-DIRECTORY SCRIPT [ARGUMENT]
#
# The machine has the host's files as its read-only root, memory for the rest, pure cgroup v2, the
# source tree at /mnt/source and RESULT-DIRECTORY, the only place of the host that it can write to,
# at /mnt/result. SCRIPT (a path below the tree) runs in it as root; $USER_ID is an ordinary user
# with a delegated control group, $DELEGATED. Prints the console; succeeds when the script did.
set -uo pipefail
seconds=$1 result=$(realpath "$2") script=$3 argument=${4:-}
root=$(realpath "$(dirname "$0")/../..")
mkdir -p "$result"
scratch=$(mktemp -d)
trap 'rm -rf --one-file-system "$scratch"' EXIT

# The kernel's command line carries no blanks in a word, a script does.
{
	echo '#!/bin/bash'
	echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp'
	echo 'export LC_ALL=C.UTF-8 TERM=xterm-256color USER_ID=54321'
	printf 'export SOURCE=%q RESULT=%q SCRIPT=%q ARGUMENT=%q\n' "$root" "$result" "$script" "$argument"
	printf 'exec %q\n' "$root/tests/uml/init.sh"
} >"$scratch/init"
chmod 755 "$scratch/init"

# Its memory is a file that it unlinks at once; best kept where there is no disk behind.
memory=$scratch
[ ! -w /dev/shm ] || memory=/dev/shm
rm -f "$result/status"
TMPDIR=$memory timeout --kill-after=10 "$seconds" linux.uml mem=1024M rootfstype=hostfs rootflags=/ \
	ro init="$scratch/init" con=null con0=fd:0,fd:1 quiet uml_dir="$scratch/uml/" </dev/null 2>&1 &
machine=$!
# Ended, we take the machine with us; timeout passes the signal on to all of it.
trap 'kill "$machine" 2>/dev/null; wait "$machine"; exit 143' TERM INT HUP
wait "$machine"
[ "$(cat "$result/status" 2>/dev/null)" = 0 ]
