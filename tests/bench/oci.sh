#!/usr/bin/env bash
# cutaway-oci beside its peers, in turn: run, exec, peak memory, and 200 containers at once. Prints
# tables in Markdown and writes the curve to tests/bench/many.svg (or $MANY_SVG).
#
#   tests/bench/oci.sh [ROUNDS [CONTAINERS]]     (100 and 200); root
#
# What they keep of a container is on a tmpfs for each, as /run is on most machines.
#
# In a mount namespace of its own without the unified hierarchy: Debian's crun refuses to work when
# there are control groups of both versions.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1:-}" != --inside ]; then
	exec unshare -m --propagation private "$0" --inside "$@"
fi
shift
rounds=${1:-100} many=${2:-200}
build=${BUILD:-$PWD/build}
oci=$build/cutaway-oci
! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
work=$(mktemp -d /tmp/cutaway-bench-oci.XXXXXX)
export XDG_RUNTIME_DIR=$work/run
cleanup() {
	local id
	"$oci" delete --force --regex '^bench-' 2>/dev/null || true
	for id in crun runc; do "$id" --root "$work/$id" delete --force "bench-$id" 2>/dev/null || true; done
	for id in run crun runc; do umount "$work/$id" 2>/dev/null || true; done
	rm -rf --one-file-system "$work"
}
trap cleanup EXIT
mkdir -p "$work"/{run,crun,runc,bundle/rootfs/{bin,proc,dev,sys,tmp}}
for id in run crun runc; do mount -t tmpfs tmpfs "$work/$id"; done
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/busybox"
for word in sh true sleep; do ln -s busybox "$work/bundle/rootfs/bin/$word"; done
# One configuration for all: that of `runc spec`, without a terminal.
(cd "$work/bundle" && runc spec)
# Its ambient capabilities are none that the kernel gives; cutaway-oci would say so each time.
sed -i -e 's/"terminal": true/"terminal": false/' -e 's,"sh","/bin/true",' \
	-e '/"ambient": \[/,/\]/ { /CAP_/d }' "$work/bundle/config.json"
cd "$work/bundle"

echo "### run and end: /bin/true"
echo
echo "The configuration of \`runc spec\`; floor: tests/bench/floor.c."
echo
"$build/bench/time_pairs" "$rounds" \
	crun crun --root "$work/crun" run bench-crun -- \
	runc runc --root "$work/runc" run bench-runc -- \
	"cutaway-oci" "$oci" run bench-cutaway -- \
	"bwrap --unshare-all" bwrap --unshare-all --bind rootfs / --proc /proc --dev /dev /bin/true -- \
	floor "$build/bench/floor" "$work/bundle/rootfs" /bin/true
echo
echo "### peak memory"
echo
echo "| what | KiB |"
echo "| --- | ---: |"
peak() { # NAME COMMAND...: median of 11
	local name=$1
	shift
	for ((i = 0; i < 11; i++)); do "$build/bench/max_rss" "$@"; done |
		sort -n | awk -v name="$name" '{ v[NR] = $1 } END { printf "| %s | %d |\n", name, v[int((NR + 1) / 2)] }'
}
peak "crun run" crun --root "$work/crun" run bench-crun
peak "runc run" runc --root "$work/runc" run bench-runc
peak "cutaway-oci run" "$oci" run bench-cutaway
echo
echo "### exec of /bin/true in a running container"
echo
sed -i 's,"/bin/true","/bin/sleep"\, "1000000",' config.json
# They keep what they were started with.
crun --root "$work/crun" run -d bench-crun </dev/null >/dev/null 2>&1
runc --root "$work/runc" run -d bench-runc </dev/null >/dev/null 2>&1
"$oci" run -d bench-cutaway </dev/null >/dev/null 2>&1
"$build/bench/time_pairs" "$rounds" \
	crun crun --root "$work/crun" exec bench-crun /bin/true -- \
	runc runc --root "$work/runc" exec bench-runc /bin/true -- \
	cutaway-oci "$oci" exec bench-cutaway /bin/true
crun --root "$work/crun" delete --force bench-crun
runc --root "$work/runc" delete --force bench-runc
"$oci" delete --force bench-cutaway
echo

echo "### $many containers alive at once"
echo
now_us() { # $EPOCHREALTIME with any decimal sign
	local t=${EPOCHREALTIME//[!0-9]/}
	echo "$t"
}
for ((i = 1; i <= many; i++)); do
	a=$(now_us)
	"$oci" run -d "bench-$i" </dev/null >/dev/null 2>&1
	echo "$i $(($(now_us) - a))"
done >"$work/create.txt"
alive=$("$oci" list | grep -c ' running ')
for ((i = 1; i <= many; i++)); do
	a=$(now_us)
	"$oci" delete --force "bench-$i"
	echo "$i $(($(now_us) - a))"
done >"$work/delete.txt"
left=$("$oci" list -q | wc -l)
groups=$(find /sys/fs/cgroup -type d -name '*bench-[0-9]*' | wc -l)
processes=$(pgrep -cf 'sleep 1000000' || true)
mounts=$(grep -F "$work" /proc/self/mountinfo | grep -cvE "$work/(run|crun|runc) " || true)
echo "| | made, ms | deleted, ms |"
echo "| --- | ---: | ---: |"
medians() { # FROM TO
	local file
	for file in create delete; do
		awk -v from="$1" -v to="$2" '$1 >= from && $1 <= to { print $2 }' "$work/$file.txt" | sort -n |
			awk '{ v[NR] = $1 } END { printf " %.2f |", v[int((NR + 1) / 2)] / 1000 }'
	done
}
part=$((many / 4))
echo "| the first $part, median |$(medians 1 $part)"
echo "| the last $part, median |$(medians $((many - part + 1)) "$many")"
echo
echo "Alive at once: $alive. Left after the last delete: $left containers, $groups control groups," \
	"$processes processes, $mounts mounts. The curve: many.svg."
awk -v what="made and started" -v what2="deleted" -f "$OLDPWD/tests/bench/plot.awk" \
	"$work/create.txt" "$work/delete.txt" >"${MANY_SVG:-$OLDPWD/tests/bench/many.svg}"
[ "$alive" = "$many" ] && [ "$left$groups$processes$mounts" = 0000 ]
