#!/usr/bin/env bash
# podman of an ordinary user over our runtime: subordinate ids through newuidmap, no control groups
# (those of v1 cannot be handed on) and no network.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
. "$ROOT/tests/lib/engine.sh"

engine_apart "podman of an ordinary user over our runtime" podman conmon newuidmap busybox

# podman and newuidmap ask for a name: files of accounts of our own, in this mount namespace.
for file in passwd group; do
	cp "/etc/$file" "$ENGINE/$file"
done
echo "cutaway-user:x:$USER_UID:$USER_UID::/:/bin/sh" >>"$ENGINE/passwd"
echo "cutaway-user:x:$USER_UID:" >>"$ENGINE/group"
for file in subuid subgid; do
	echo "cutaway-user:300000:65536" >"$ENGINE/$file"
done
for file in passwd group subuid subgid; do
	chmod 644 "$ENGINE/$file"
	mount --bind "$ENGINE/$file" "/etc/$file"
done
user_home=$ENGINE/user
as_user true
if ! as_user unshare -Ur true 2>/dev/null; then
	skip "podman of an ordinary user over our runtime" "user namespaces for ordinary users"
	done_testing
fi
cp "$OCI" "$user_home/build/"
engine_image
chmod 644 "$ENGINE_IMAGE"
# The singular is what podman 4.3 reads.
cat >"$ENGINE/containers.conf" <<TOML
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[network]
network_backend = "cni"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "cutaway-oci"
runtime_supports_nocgroup = ["cutaway-oci"]
runtime_supports_nocgroups = ["cutaway-oci"]
stop_timeout = 0
image_copy_tmp_dir = "$user_home/tmp"
[engine.runtimes]
cutaway-oci = ["$user_home/build/cutaway-oci"]
TOML
podman() {
	as_user env CONTAINERS_CONF="$ENGINE/containers.conf" timeout 120 podman --storage-driver vfs "$@"
}
options=(--cgroups=disabled --network none)

ok "import" podman import "$ENGINE_IMAGE" box || done_testing
# shellcheck disable=SC2016 # expands inside
run podman run --name first "${options[@]}" box sh -c 'id -u; awk "{ print \$1, \$2, \$3 }" /proc/self/uid_map; exit 4'
is "run: its exit status" "$STATUS" 4
is "run: root inside is the user outside, the others are subordinate ones" "$OUT" \
	"0"$'\n'"0 $USER_UID 1"$'\n'"1 300000 65536"
run podman rm first
is "rm" "$STATUS" 0
run podman run --name second --user anna "${options[@]}" box id -u
is "run: as another user" "$STATUS $OUT" "0 1000"
podman rm second >/dev/null
podman run -d --name long "${options[@]}" box sleep 1000 >/dev/null
is "detached: it runs" "$(podman inspect --format '{{.State.Status}}' long)" running
run podman exec long sh -c 'id -u; exit 6'
is "exec: output and status" "$STATUS $OUT" "6 0"
ok "rm -f: a running one" podman rm -f long
is "nothing is left" "$(podman ps -aq)" ""
is "nothing is left of ours" "$(as_user cutaway-oci list -q)" ""
done_testing
