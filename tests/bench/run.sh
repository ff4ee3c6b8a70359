#!/usr/bin/env bash
# The numbers, beside named peers, in one run: `make bench`. Prints tables and writes
# tests/bench/RESULTS.md. Never part of `make test`: a loaded machine is not a failure.
#
# Runs in a private mount namespace, since other runtimes may leave mounts behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(id -u)" != 0 ]; then
	echo "make bench needs root: runc and crun do not run here without it" >&2
	exit 1
fi
if [ "${1:-}" != --inside ]; then
	exec unshare -m --propagation private "$0" --inside
fi
ROOT=$PWD BUILD=$PWD/build
rounds=${ROUNDS:-60}
WORK=$(mktemp -d /tmp/cutaway-bench.XXXXXX)
trap 'rm -rf --one-file-system "$WORK"' EXIT
mkdir -p "$WORK"/{home,data,state,run,bundle,scratch}
export HOME=$WORK/home XDG_DATA_HOME=$WORK/data XDG_STATE_HOME=$WORK/state XDG_RUNTIME_DIR=$WORK/run
export CUTAWAY=$BUILD/cutaway BUILD ROOT WORK LC_ALL=C.UTF-8 TERM=xterm-256color
out=$ROOT/tests/bench/RESULTS.md

say() {
	printf '%s\n' "$@" | tee -a "$out"
}

: >"$out"
say "# Numbers" "" \
	"$(date -u +%F), Linux $(uname -r), $(nproc) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "" \
	"Made by \`make bench\`; $rounds rounds, the commands of a table in turn." ""

# ---- a container that does nothing ----
# The same files for everybody: the base image as cutaway unpacked it.
"$CUTAWAY" run --rm --userns host base /bin/true
layer=$(find "$XDG_DATA_HOME/cutaway/layers" -mindepth 1 -maxdepth 1 -type d ! -name '*.*' | head -n 1)
cp -a "$layer" "$WORK/bundle/rootfs"
mkdir -p "$WORK/bundle/rootfs"/{proc,dev,sys,tmp}
(cd "$WORK/bundle" && runc spec)
sed -i -e 's/"terminal": true/"terminal": false/' -e 's,"sh","/bin/true",' "$WORK/bundle/config.json"

say "## run and end: \`/bin/true\` in a container" "" \
	"runc as \`runc spec\` configures it; bwrap with \`--unshare-all\`; bare: tests/bench/bare.c." ""
"$BUILD/bench/time_pairs" "$rounds" \
	runc runc --root "$WORK/runc" run --bundle "$WORK/bundle" bench-runc -- \
	"cutaway run --rm" "$CUTAWAY" run --rm base /bin/true -- \
	"cutaway run --rm --userns host" "$CUTAWAY" run --rm --userns host base /bin/true -- \
	"bwrap --unshare-all" bwrap --unshare-all --bind "$WORK/bundle/rootfs" / --proc /proc --dev /dev /bin/true -- \
	"bare clone3, mounts, execve" "$BUILD/bench/bare" "$WORK/bundle/rootfs" "$WORK/scratch" /bin/true |
	tee -a "$out"
say ""

# crun of Debian 12 refuses control groups of both versions side by side.
say "## the same beside crun" ""
unshare -m --propagation private bash -c '
	! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
	exec "$@"' crun "$BUILD/bench/time_pairs" "$rounds" \
	crun crun --root "$WORK/crun" run --bundle "$WORK/bundle" bench-crun -- \
	"cutaway run --rm" "$CUTAWAY" run --rm base /bin/true | tee -a "$out"
say ""

# ---- as an OCI runtime ----
say "## cutaway-oci, as an engine calls it" ""
tests/bench/oci.sh "${OCI_ROUNDS:-100}" 200 | tee -a "$out"
say "" "![200 containers alive at once](many.svg)" ""

# ---- images ----
say "## what is inside of an image" ""
tests/bench/tree.sh | tee -a "$out"
say ""

# ---- registries ----
say "## unpacking, beside umoci, podman and tar" ""
tests/bench/unpack.sh "${UNPACK_ROUNDS:-5}" | tee -a "$out"
say ""

say "## pull and push, beside skopeo" ""
tests/bench/registry.sh | tee -a "$out"
say ""

# ---- being watched ----
say "## being watched, beside strace" ""
tests/bench/watch.sh "${WATCH_ROUNDS:-30}" | tee -a "$out"
say ""
tests/bench/watch_docker.sh "${WATCH_DOCKER_ROUNDS:-10}" | tee -a "$out"
say ""

# ---- start and rest ----
say "## start and rest" "" "| what | measured |" "| --- | ---: |"
median_of() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
repeat() {
	local i
	for ((i = 0; i < 11; i++)); do "$@"; done
}
# The prompt begins with the page: "[1 0/9] …".
prompt="0/$(($(find lessons/containers-are-linux -maxdepth 1 -name 'step*' | wc -l) + 1))]"
say "| first prompt, \`cutaway shell\` (median of 11) | $(repeat "$BUILD/bench/first_text" 100 30 "$prompt" \
	"$CUTAWAY" shell --fresh | median_of) ms |"
say "| first prompt, \`cutaway\` with the drawing (median of 11) | $(repeat "$BUILD/bench/first_text" 100 30 \
	"$prompt" "$CUTAWAY" --fresh | median_of) ms |"
say "| \`bash --norc -i\`, for comparison | $(repeat "$BUILD/bench/first_text" 100 30 '# ' bash --norc -i |
	median_of) ms |"
say "| CPU of the lab at rest, stage and shell, over 20 s | $("$ROOT/tests/bench/idle.sh") |"
say ""

# ---- drawing ----
say "## drawing" ""
tests/bench/draw.sh | tee -a "$out"
say ""

# ---- looking ----
if [ -x tests/bench/observe.sh ]; then
	say "## one observation of many processes" ""
	tests/bench/observe.sh 2>&1 | tee -a "$out"
fi
