#!/usr/bin/env bash
# docker run --runtime cutaway: the engine most people know, over our runtime. Its daemons are started
# here, in namespaces of their own.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
. "$ROOT/tests/lib/engine.sh"
. "$ROOT/tests/lib/engine_containers.sh"

engine_apart "docker over our runtime" dockerd containerd docker runc iptables busybox

engine_containerd || done_testing
engine_daemon dockerd "$WORK/dockerd.log" dockerd -H "unix://$ENGINE/docker.sock" --containerd "$ENGINE/containerd.sock" \
	--data-root "$ENGINE/docker" --exec-root "$ENGINE/docker.exec" --pidfile "$ENGINE/docker.pid" \
	--add-runtime "cutaway=$OCI" --userland-proxy=true
engine_word engine docker -H "unix://$ENGINE/docker.sock"
if ! ok "dockerd answers" wait_until 60 engine version; then
	diag "$(tail -n 20 "$WORK/dockerd.log")"
	done_testing
fi
ok "it is seen to be connected to containerd" wait_until 20 "$CUTAWAY" check 'daemon.dockerd.servers.containerd' 'daemon.containerd.clients.dockerd'
like "and drawn so" "$("$CUTAWAY" draw toolchain --size 120x40)" 'dockerd.*containerd'
like "by its socket" "$("$CUTAWAY" draw toolchain --size 120x40)" '/run/engine/containerd\.sock'
engine_word container docker -H "unix://$ENGINE/docker.sock" run --runtime cutaway
engine_word peer docker -H "unix://$ENGINE/docker.sock" run --runtime runc
engine_image
like "its runtimes: ours is one" "$(engine info)" 'Runtimes:.* cutaway'
ok "import" engine import "$ENGINE_IMAGE" box || done_testing

INIT=() PORT=18080 UPDATE=(-m 32m --memory-swap 32m) EXEC_NOT_FOUND=126 OOM_TOLD=true
# The directory is named after the runtime that is the default, whichever is used.
STATES=$ENGINE/docker.exec/runtime-runc/moby
# Docker 20.10 has names for 38 capabilities.
ALL_POWERS=$(printf %016x $((0x$(awk '/^CapBnd/ { print $2 }' /proc/self/status) & 0x3fffffffff)))

left_of() {
	awk '{ print $5 }' /proc/self/mountinfo
	find /sys/fs/cgroup -type d
	ls /sys/class/net
	find "$ENGINE"/docker.exec /run -mindepth 1 | grep -vE '\.(log|sock)$'
}

# shellcheck disable=SC2317 # called by wait_until
health_is() {
	[ "$(inspect healthy '{{.State.Health.Status}}')" = "$1" ]
}

test_life
test_ends
test_shared
test_health
test_terminal
test_many
test_as_runc

# What the client asks of the daemon, and that a watched run is no other than one that is not.
run timeout 120 "$CUTAWAY" watch -o "$WORK/watched" --also "$(cat "$ENGINE/docker.pid")" \
	docker -H "unix://$ENGINE/docker.sock" run --rm box sh -c 'echo inside; exit 3'
is "watched: exit status and output" "$STATUS:$OUT" 3:inside
requests=$(jq -r --arg to "$ENGINE/docker.sock" 'select(.api == "http" and .to == $to) | .request' "$WORK/watched" |
	sed -E 's,/v[0-9.]+/,/,; s,[0-9a-f]{64},ID,; s,\?.*,,')
like "watched: a container is created" "$requests" '^POST /containers/create$'
like "watched: then started" "$requests" '^POST /containers/ID/start$'
like "watched: and waited for" "$requests" '^POST /containers/ID/wait$'
engine_end dockerd
engine_end containerd
done_testing
