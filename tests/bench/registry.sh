#!/usr/bin/env bash
# Pull and push of an image of ten layers, to and from a registry on loopback, beside skopeo, in
# turn. Prints a table in Markdown.
#
#   tests/bench/registry.sh [ROUNDS [MEGABYTES]]     (20 rounds; 8 MB a layer)
#
# The registry is `cutaway registry` for all; each command begins with an empty store.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-20} megabytes=${2:-8} layers=10
build=${BUILD:-$PWD/build}
cutaway=$build/cutaway
work=$(mktemp -d /tmp/cutaway-bench-registry.XXXXXX)
mkdir -p "$work"/{data,state,run,files,image/blobs/sha256}
export HOME=$work XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state XDG_RUNTIME_DIR=$work/run
server=
cleanup() {
	[ -z "$server" ] || kill "$server"
	rm -rf --one-file-system "$work"
}
trap cleanup EXIT

# Half of each layer can be compressed, as of real ones.
cd "$work"
put() { # FILE: into the layout; prints its digest
	local sum
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	mv "$1" "image/blobs/sha256/$sum"
	echo "sha256:$sum"
}
ids='' descriptors=''
for ((i = 1; i <= layers; i++)); do
	{
		head -c "$((megabytes * 500000))" /dev/urandom
		head -c "$((megabytes * 500000))" /dev/urandom | base64 -w 60 | cut -c 1-8
	} >"files/$i"
	tar -C files -cf layer.tar --owner=0 --group=0 --mtime=@0 "$i"
	rm "files/$i"
	ids+="${ids:+,}\"sha256:$(sha256sum layer.tar | cut -d' ' -f1)\""
	gzip -1nf layer.tar
	size=$(stat -c %s layer.tar.gz)
	descriptors+="${descriptors:+,}{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"size\":$size,\"digest\":\"$(put layer.tar.gz)\"}"
done
arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' "$arch" "$ids" >config
size=$(stat -c %s config)
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":%s,"digest":"%s"},"layers":[%s]}' \
	"$size" "$(put config)" "$descriptors" >manifest
size=$(stat -c %s manifest)
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":%s,"digest":"%s","annotations":{"org.opencontainers.image.ref.name":"ten:1"}}]}' \
	"$size" "$(put manifest)" >image/index.json
printf '{"imageLayoutVersion":"1.0.0"}' >image/oci-layout
tar -C image -cf ten.tar .
"$cutaway" load ten.tar >/dev/null

"$cutaway" registry --port 0 --store "$work/registry" >registry.out 2>&1 &
server=$!
until grep -q '^listening on ' registry.out; do kill -0 "$server" && sleep 0.1; done
at=localhost:$(sed -nE 's,^listening on .*://[^ ]*:([0-9]+):? .*,\1,p' registry.out)
"$cutaway" push -q ten:1 "$at/team/ten:1" >/dev/null

echo "### ten layers of $megabytes MB from a registry on loopback"
echo
# shellcheck disable=SC2016 # the inner shell expands them
"$build/bench/time_pairs" "$rounds" \
	"skopeo copy" bash -c 'rm -rf fresh; exec skopeo --tmpdir . copy -q --insecure-policy --src-tls-verify=false "docker://$0" oci:fresh:ten' "$at/team/ten:1" -- \
	"cutaway pull" bash -c 'rm -rf fresh-data; XDG_DATA_HOME=$PWD/fresh-data exec "$1" pull -q "$0"' "$at/team/ten:1" "$cutaway"
"$cutaway" tag ten:1 "$at/team/ten:1" >/dev/null
echo
echo "### the same, sent to another repository there: both know that it can be mounted"
echo
# shellcheck disable=SC2016
"$build/bench/time_pairs" "$rounds" \
	"skopeo copy" bash -c 'exec skopeo --tmpdir . copy -q --insecure-policy --dest-tls-verify=false oci:image:ten:1 "docker://$0/s/$RANDOM$RANDOM:1"' "$at" -- \
	"cutaway push" bash -c 'exec "$1" push -q ten:1 "$0/c/$RANDOM$RANDOM:1"' "$at" "$cutaway"
