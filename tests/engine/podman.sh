#!/usr/bin/env bash
# podman --runtime cutaway-oci: an engine without a daemon; conmon stays beside each container.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/terminal.sh"
. "$ROOT/tests/lib/engine.sh"
. "$ROOT/tests/lib/engine_containers.sh"

engine_apart "podman over our runtime" podman conmon runc iptables busybox

# Address books of the network plugins.
mount -t tmpfs tmpfs /var/lib
mkdir "$ENGINE/network"
cat >"$ENGINE/containers.conf" <<TOML
[network]
network_backend = "cni"
cni_plugin_dirs = ["/usr/lib/cni"]
network_config_dir = "$ENGINE/network"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
stop_timeout = 0
tmp_dir = "$ENGINE/tmp"
image_copy_tmp_dir = "$ENGINE"
TOML
# Health checks by hand: the timers are systemd's, which need not be there.
podman=(env CONTAINERS_CONF="$ENGINE/containers.conf" DISABLE_HC_SYSTEMD=true podman --root "$ENGINE/root"
	--runroot "$ENGINE/runroot" --tmpdir "$ENGINE/tmp" --storage-driver overlay --cgroup-manager cgroupfs)
engine_word engine "${podman[@]}" --runtime "$OCI"
engine_word container "${podman[@]}" --runtime "$OCI" run
engine_word peer "${podman[@]}" --runtime "$(command -v runc)" run
engine_image
ok "import" engine import "$ENGINE_IMAGE" box || done_testing

INIT=(--init-path "$(command -v docker-init)") PORT=18081 UPDATE=(--memory 32m) EXEC_NOT_FOUND=127
# Its conmon does not see each of them on control groups v1, whichever runtime is used.
OOM_TOLD='(true|false)'
# For root podman says no XDG_RUNTIME_DIR.
STATES=/run/cutaway-oci
ALL_POWERS=$(awk '/^CapBnd/ { print $2 }' /proc/self/status)

left_of() {
	awk '{ print $5 }' /proc/self/mountinfo
	find /sys/fs/cgroup -type d
	ls /sys/class/net
	find "$STATES" "$ENGINE/runroot" "$ENGINE/root/overlay" -mindepth 1 -maxdepth 3
}

# shellcheck disable=SC2317 # called by wait_until
health_is() {
	engine healthcheck run healthy
	[ "$(inspect healthy '{{.State.Health.Status}}')" = "$1" ]
}

test_pod() {
	ok "pod: made, with a container that holds its namespaces" engine pod create --name pod \
		--infra-image box --infra-command 'sleep 1000'
	container -d --pod pod --name server box httpd -f -p 80 -h /etc >/dev/null
	ok "pod: one answers the other" wait_until 60 container --rm --pod pod box wget -q -O - http://127.0.0.1/text
	is "pod: its containers have one network" \
		"$(container --rm --pod pod box readlink /proc/self/ns/net)" "$(engine exec server readlink /proc/self/ns/net)"
	unlike "pod: and each its own processes" "$(container --rm --pod pod box ps)" httpd
	ok "pod: pause" engine pod pause pod
	is "pod: its containers are paused" "$(inspect server '{{.State.Status}}')" paused
	ok "pod: unpause" engine pod unpause pod
	ok "pod: stop" engine pod stop -t 1 pod
	is "pod: its containers have ended" "$(inspect server '{{.State.Status}}')" exited
	ok "pod: rm" engine pod rm -f pod
}

test_life
test_ends
test_shared
test_pod
test_health
test_terminal
test_many
test_as_runc
done_testing
