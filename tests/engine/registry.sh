#!/usr/bin/env bash
# The registry between the tools of others: skopeo, podman and docker push to it and pull from it, and
# every digest stays.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/engine.sh"

engine_apart "registry for engines" skopeo podman dockerd containerd docker runc iptables busybox curl jq
cd "$WORK" || exit 1

"$CUTAWAY" registry --port 0 >out 2>err &
registry=$!
ok "it listens" wait_until 10 grep -q '^listening on ' out || done_testing
url=$(sed -nE 's,^listening on ([a-z]+://[^ ]*): .*,\1,p' out)
host=localhost:${url##*:}
digest_of() { # REPOSITORY REFERENCE
	curl -sI -H 'Accept: */*' "$url/v2/$1/manifests/$2" | tr -d '\r' | sed -nE 's/^Docker-Content-Digest: //Ip'
}
"$CUTAWAY" images >/dev/null
base=$("$CUTAWAY" images --json | jq -r '.[] | select(.name == "base").digest')
"$CUTAWAY" save -o base.tar base

# ---- skopeo: one image, and one for several machines ----
skopeo=(skopeo --tmpdir "$WORK" copy -q --insecure-policy --src-tls-verify=false --dest-tls-verify=false)
ok "skopeo pushes" "${skopeo[@]}" oci-archive:base.tar:base "docker://$host/skopeo/base:1"
is "the digest stays" "$(digest_of skopeo/base 1)" "$base"
ok "skopeo copies within it" "${skopeo[@]}" "docker://$host/base:latest" "docker://$host/skopeo/copy:1"
is "the digest stays" "$(digest_of skopeo/copy 1)" "$base"
ok "skopeo pulls" "${skopeo[@]}" "docker://$host/skopeo/base@$base" oci:pulled:base
is "the digest stays" "$(jq -r '.manifests[0].digest' pulled/index.json)" "$base"
is "skopeo lists tags" "$(skopeo --tmpdir "$WORK" list-tags --tls-verify=false "docker://$host/skopeo/base" | jq -c .Tags)" '["1"]'

put() { # FILE: into the layout; prints "DIGEST SIZE"
	local sum
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	cp "$1" "several/blobs/sha256/$sum"
	echo "sha256:$sum" "$(stat -c %s "$1")"
}
mkdir several && tar -C several -xf base.tar
jq -c '.architecture = "s390x"' "several/blobs/sha256/$(jq -r '.config.digest[7:]' "several/blobs/sha256/${base#*:}")" >config
read -r digest size < <(put config)
jq -c --arg d "$digest" --argjson s "$size" '.config.digest = $d | .config.size = $s' "several/blobs/sha256/${base#*:}" >other
read -r digest size < <(put other)
machine=$(jq -r .architecture "several/blobs/sha256/$(jq -r '.config.digest[7:]' "several/blobs/sha256/${base#*:}")")
jq -nc --arg a "$base" --argjson size "$(stat -c %s "several/blobs/sha256/${base#*:}")" --arg m "$machine" --arg b "$digest" --argjson bs "$size" \
	'{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests:
	([[$a, $size, $m], [$b, $bs, "s390x"]] | map({mediaType: "application/vnd.oci.image.manifest.v1+json", digest: .[0], size: .[1], platform: {os: "linux", architecture: .[2]}}))}' >index
read -r index size < <(put index)
jq -nc --arg d "$index" --argjson s "$size" '{schemaVersion: 2, manifests: [{mediaType: "application/vnd.oci.image.index.v1+json",
	digest: $d, size: $s, annotations: {"org.opencontainers.image.ref.name": "both"}}]}' >several/index.json
ok "skopeo pushes an index and all it names" "${skopeo[@]}" --all oci:several:both "docker://$host/skopeo/both:1"
is "the digest stays" "$(digest_of skopeo/both 1)" "$index"
ok "skopeo pulls all of it" "${skopeo[@]}" --all "docker://$host/skopeo/both:1" oci:again:both
is "the digest stays" "$(jq -r '.manifests[0].digest' again/index.json)" "$index"
is "of the other machine too" "$(skopeo --tmpdir "$WORK" --override-arch s390x inspect --tls-verify=false --format '{{.Architecture}}' "docker://$host/skopeo/both:1")" s390x
like "an index is in the list of images" "$("$CUTAWAY" images)" "^$host/skopeo/both:1 "
run "$CUTAWAY" run --rm "$host/skopeo/both:1" echo ran
is "and runs, for this machine" "$STATUS$OUT" 0ran

# ---- podman ----
mount -t tmpfs tmpfs /var/lib
cat >"$ENGINE/containers.conf" <<TOML
[engine]
tmp_dir = "$ENGINE/tmp"
image_copy_tmp_dir = "$ENGINE"
TOML
podman=(env CONTAINERS_CONF="$ENGINE/containers.conf" podman --root "$ENGINE/root" --runroot "$ENGINE/runroot"
	--tmpdir "$ENGINE/tmp" --storage-driver overlay --cgroup-manager cgroupfs)
ok "podman pulls" "${podman[@]}" pull -q --tls-verify=false "$host/skopeo/base:1"
is "the digest stays" "$("${podman[@]}" image inspect --format '{{.Digest}}' "$host/skopeo/base:1")" "$base"
"${podman[@]}" tag "$host/skopeo/base:1" "$host/podman/base:2"
ok "podman pushes" "${podman[@]}" push -q --tls-verify=false --digestfile pushed "$host/podman/base:2"
is "the digest is what it says" "$(digest_of podman/base 2)" "$(cat pushed)"
ok "podman pulls an index" "${podman[@]}" pull -q --tls-verify=false "$host/skopeo/both:1"
run "$CUTAWAY" run --rm "$host/podman/base:2" echo ran
is "what podman pushed runs here" "$STATUS$OUT" 0ran
ok "podman removes nothing of ours" "${podman[@]}" rmi -af

# ---- docker ----
engine_containerd || done_testing
engine_daemon dockerd "$WORK/dockerd.log" dockerd -H "unix://$ENGINE/docker.sock" --containerd "$ENGINE/containerd.sock" \
	--data-root "$ENGINE/docker" --exec-root "$ENGINE/docker.exec" --pidfile "$ENGINE/docker.pid" --userland-proxy=true
engine_word engine docker -H "unix://$ENGINE/docker.sock"
if ! ok "dockerd answers" wait_until 60 engine version; then
	diag "$(tail -n 20 "$WORK/dockerd.log")"
	done_testing
fi
ok "docker pulls what skopeo pushed" engine pull -q "$host/skopeo/base:1"
is "the digest stays" "$(engine image inspect --format '{{index .RepoDigests 0}}' "$host/skopeo/base:1")" "$host/skopeo/base@$base"
ok "docker pulls an index, for this machine" engine pull -q "$host/skopeo/both:1"
engine_image
engine import "$ENGINE_IMAGE" "$host/docker/box:1" >/dev/null
run engine push "$host/docker/box:1"
said=$(sed -nE 's/.*digest: (sha256:[0-9a-f]+) size.*/\1/p' <<<"$OUT")
is "docker pushes: the digest is what it says" "$STATUS$(digest_of docker/box 1)" "0$said"
engine tag "$host/docker/box:1" "$host/docker/again:1"
run engine push "$host/docker/again:1"
like "docker pushes to another repository: the layer is mounted" "$OUT" 'Mounted from docker/box'
engine rmi -f "$host/docker/box:1" "$host/docker/again:1" >/dev/null
ok "docker pulls by digest" engine pull -q "$host/docker/box@$said"
is "what docker pushed is in the list" "$("$CUTAWAY" images --json | jq -r --arg n "$host/docker/box:1" '.[] | select(.name == $n).digest')" "$said"
run "$CUTAWAY" run --rm "$host/docker/box:1" cat /etc/text
is "and runs here" "$STATUS$OUT" 0text
ok "skopeo pulls it" "${skopeo[@]}" "docker://$host/docker/box:1" oci:box:1
engine_end dockerd
engine_end containerd
kill "$registry"
wait "$registry"
is "the registry ends with status 0" $? 0
done_testing
