#!/usr/bin/env bash
# docker run --runtime cutaway: the engine most people know, over our runtime. Its daemons are started
# here, in namespaces of their own.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
. "$ROOT/tests/lib/engine.sh"
. "$ROOT/tests/lib/engine_containers.sh"

engine_apart "docker over our runtime" dockerd containerd docker runc iptables busybox

engine_containerd || done_testing
engine_daemon dockerd "$WORK/dockerd.log" dockerd -D -H "unix://$ENGINE/docker.sock" --containerd "$ENGINE/containerd.sock" \
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
calls_before=$(wc -l <"$WORK/dockerd.log")
# shellcheck disable=SC2154 # engine_daemon sets it
run timeout 120 "$CUTAWAY" watch -q --bodies -o "$WORK/watched" --also "$(cat "$ENGINE/docker.pid")" --also "$daemon_containerd" \
	docker -H "unix://$ENGINE/docker.sock" run --rm -e PASSWORD=geheim box sh -c 'echo inside; exit 3'
is "watched: exit status and output" "$STATUS:$OUT" 3:inside
requests=$(jq -r --arg to "$ENGINE/docker.sock" 'select(.api == "http" and .to == $to) | .request' "$WORK/watched" |
	sed -E 's,/v[0-9.]+/,/,; s,[0-9a-f]{64},ID,; s,\?.*,,')
like "watched: a container is created" "$requests" '^POST /containers/create$'
like "watched: then started" "$requests" '^POST /containers/ID/start$'
like "watched: and waited for" "$requests" '^POST /containers/ID/wait$'
# The daemon's own account of what it was asked, in its log.
logged() { tail -n +"$((calls_before + 1))" "$WORK/dockerd.log" | sed -nE 's/.*msg="Calling (.*)"$/\1/p' | sed -E 's,/v[0-9.]+/,/,; s,[0-9a-f]{64},ID,; s,\?.*,,'; }
logged_too() { [ "$(logged | sort)" = "$(sort <<<"$requests")" ]; }
ok "watched: the same requests as the daemon logs" wait_until 10 logged_too || diag "$(diff <(logged | sort) <(sort <<<"$requests"))"
said() { jq -r --arg api "$1" "select(.api == \$api) | $2" "$WORK/watched" | sed -E 's/[0-9a-f]{64}/ID/'; }
like "watched: the daemon answers" "$(said http 'select(.of) | .answer + " to " + .to + " on " + .of' | sed -E 's/\?.*//; s,/v[0-9.]+/,/,')" '^201 Created to docker on POST /containers/create$'
like "watched: with what it is" "$(said http 'select(.answer) | .body // empty')" '^\{"Id":"ID","Warnings":\[\]\}$'
like "watched: the body of a request, variables masked" "$(said http 'select(.request) | .body // empty')" '"Env":\["PASSWORD=…"\]'
is "watched: the daemon's name and number" "$(said http 'select(.request) | .to_pid' | sort -u)" "$(cat "$ENGINE/docker.pid")"
# That connection began before: methods are known or told not to be, none is another's; what they
# cause tells of those that matter which they are.
methods=$(said grpc 'select(.request) | .request')
like "watched: dockerd asks containerd" "$methods" .
is "watched: nothing is guessed" "$(grep -vE '^/containerd\.services\.[a-z]+\.v1\.[A-Z][a-z]+/[A-Z][A-Za-z]+$|^\(method [A-Z]: named before we looked\)$' <<<"$methods")" ""
drawn=$("$CUTAWAY" watch --replay "$WORK/watched" --level api --format json | jq -r '.messages[] | select(.name == "grpc" and .answer == null) | .inferred // .text')
is "watched: and those of the task are concluded" "$(grep -oE 'Tasks/(Create|Start|Delete)$' <<<"$drawn")" $'Tasks/Create\nTasks/Start\nTasks/Delete'
is "watched: none is concluded that docker does not use" "$(grep -vE '(Tasks/(Create|Start|Delete|Get)|Containers/(Create|Get|Delete)|Leases/(Create|Delete))$|^grpc \(method' <<<"$drawn")" ""
is "watched: containerd has its shim do as much" "$(said ttrpc 'select(.request) | .request' | grep -E '/(Create|Start|Shutdown)$')" \
	$'/containerd.task.v2.Task/Create\n/containerd.task.v2.Task/Start\n/containerd.task.v2.Task/Shutdown'
is "watched: and the shim its runtime" "$(said oci .request | head -n 2)" $'create ID\nstart ID'
unlike "watched: in what is said is no secret" "$(jq -c 'select(.api)' "$WORK/watched")" geheim
# Of a daemon that is not followed the client's reads tell the answers, whichever thread of it reads.
run timeout 120 "$CUTAWAY" watch -q -o "$WORK/watched" docker -H "unix://$ENGINE/docker.sock" run --rm box sh -c 'exit 4'
is "watched, the client alone: exit status" "$STATUS" 4
is "watched, the client alone: its answers" "$(said http 'select(.of) | .answer + " from " + .comm + " on " + .of' | sed -E 's,/v[0-9.]+/,/,; s,\?.*,,' | sort)" \
	"101 UPGRADED from dockerd on POST /containers/ID/attach
200 OK from dockerd on HEAD /_ping
200 OK from dockerd on POST /containers/ID/wait
201 Created from dockerd on POST /containers/create
204 No Content from dockerd on POST /containers/ID/start"
engine_end dockerd
engine_end containerd
done_testing
