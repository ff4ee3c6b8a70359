#!/usr/bin/env bash
# What it costs a `docker run` to be watched together with dockerd and containerd, beside strace of the
# same processes and calls. The daemons are started here, in namespaces of their own. Prints a table in
# Markdown.
#
#   tests/bench/watch_docker.sh [ROUNDS]     (10); root, docker, containerd, runc and strace
ROOT=$(realpath "$(dirname "$(realpath "$0")")/../..")
BUILD=${BUILD:-$ROOT/build} CUTAWAY=${CUTAWAY:-$ROOT/build/cutaway} ROUNDS=${1:-${ROUNDS:-10}}
[ -n "${ENGINE_APART:-}" ] || WORK=$(mktemp -d /tmp/cutaway-bench-docker.XXXXXX)
export ROOT BUILD CUTAWAY ROUNDS WORK
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/engine.sh"
say=$WORK/said
for program in dockerd containerd docker runc strace busybox; do
	if ! command -v $program >/dev/null; then
		echo "Not measured: that takes $program."
		exit 0
	fi
done
[ -n "${ENGINE_APART:-}" ] || trap 'rm -rf --one-file-system "$WORK"' EXIT
engine_apart "docker watched" dockerd containerd docker runc strace busybox

calls=$(sed -n 's/^ *{"\([a-z0-9_]*\)", {.*/\1/p' "$ROOT/kernel/watch/call.c" | paste -sd,)
engine_containerd >"$say" || { cat "$say" && exit 1; }
engine_daemon dockerd "$WORK/dockerd.log" dockerd -H "unix://$ENGINE/docker.sock" --containerd "$ENGINE/containerd.sock" \
	--data-root "$ENGINE/docker" --exec-root "$ENGINE/docker.exec" --pidfile "$ENGINE/docker.pid"
engine_word engine docker -H "unix://$ENGINE/docker.sock"
wait_until 60 engine version >"$say" 2>&1 || { cat "$say" "$WORK/dockerd.log" && exit 1; }
engine_image
engine import "$ENGINE_IMAGE" box >"$say" 2>&1 || { cat "$say" && exit 1; }
# shellcheck disable=SC2154 # engine_daemon sets it
docker=$(cat "$ENGINE/docker.pid") containerd=$daemon_containerd
container=(docker -H "unix://$ENGINE/docker.sock" run --rm box /bin/true)

# strace ends with the command when it is told to, and leaves the daemons as they were.
cat >"$ENGINE/bin/straced" <<STRACED
#!/bin/bash
exec strace -f -e signal=none -e trace=$calls -o "$WORK/strace.\$RANDOM" "\$@"
STRACED
cat >"$ENGINE/bin/straced_all" <<STRACED
#!/bin/bash
strace -f -e signal=none -e trace=$calls -o "$WORK/strace" -p $docker -p $containerd 2>"$WORK/attached" &
until [ "\$(grep -c attached "$WORK/attached")" -ge 2 ]; do sleep 0.002; done
straced "\$@"
status=\$?
kill \$!
wait
exit \$status
STRACED
chmod 755 "$ENGINE"/bin/straced*
"$BUILD/bench/time_pairs" "$ROUNDS" \
	"docker run --rm box /bin/true" "${container[@]}" -- \
	"cutaway watch, client, dockerd and containerd" "$CUTAWAY" watch -q -o "$WORK/record" --also "$docker" --also "$containerd" "${container[@]}" -- \
	"strace -f, the same processes and calls" straced_all "${container[@]}"
engine_end dockerd
engine_end containerd
