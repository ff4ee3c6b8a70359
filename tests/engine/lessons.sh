#!/usr/bin/env bash
# The lessons about toolchains, and the one that measures docker, where all of the tools are there:
# docker's daemons run, so that nothing is told from a recording and no page is left out.
# Not in user-mode-linux: the engines take minutes there, and tests/replay tells the lessons.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/engine.sh"
engine_apart "lessons with an engine" docker dockerd containerd podman runc crun umoci skopeo systemd-nspawn lxc-start
exec 2>&1

engine_containerd || done_testing
mkdir -p /var/run
engine_daemon dockerd "$WORK/dockerd.log" dockerd --containerd "$ENGINE/containerd.sock" --data-root "$ENGINE/docker" \
	--exec-root "$ENGINE/docker.run" --pidfile "$ENGINE/docker.pid" --iptables=false --bridge=none
ok "docker answers" wait_until 60 docker version || { diag "$(tail "$WORK/dockerd.log")"; done_testing; }

# Only a machine's own systemd can start a unit: that page has its recording here, and systemd.sh tries it.
for lesson in single-host-toolchain open-containers-initiative performance; do
	[ -d "$ROOT/lessons/$lesson" ] || continue
	# shellcheck disable=SC2016 # for the shell that is asked
	run "$CUTAWAY" replay --tap --after-step 'for f in "$LAB"/*; do
			[ -f "$f" ] && head -c 20 "$f" | grep -q cutaway-watch || continue
			[ "$(head -n 1 "$f" | jq -r .started)" \> "'"$(date -u +%Y-%m-%dT%H:%M:%S)"'" ] || echo "${f##*/}"
		done >"'"$WORK/$lesson"'"' "$ROOT/lessons/$lesson"
	tap_forward "$lesson: " <<<"$OUT"
	unlike "$lesson: no page is left out" "$OUT" '# SKIP'
	is "$lesson: what was told from a recording" "$(paste -sd' ' "$WORK/$lesson")" \
		"$([ "$lesson" != single-host-toolchain ] || [ -d /run/systemd/system ] || echo systemd)"
done
is "no image and no container is left" "$(docker images -q; docker ps -aq)" ""
engine_end dockerd
engine_end containerd
done_testing
