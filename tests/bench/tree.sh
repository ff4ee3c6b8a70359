#!/usr/bin/env bash
# `cutaway tree` with a large image: time until it is opened, peak memory, and the time that its
# screen takes for a key. Prints tables in Markdown.
#
#   tests/bench/tree.sh [ROUNDS [FILES]]     (11 and 100000)
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-11} files=${2:-100000}
build=${BUILD:-$PWD/build}
work=$(mktemp -d /tmp/cutaway-bench-tree.XXXXXX)
export XDG_DATA_HOME=$work/data
trap 'rm -rf --one-file-system "$work"' EXIT
cd "$work"

# make_image NAME LAYER.tar: as a layout, its layer compressed as registries have it
make_image() {
	local diff config manifest layer
	diff=$(sha256sum "$2" | cut -d' ' -f1)
	rm -rf layout && mkdir -p layout/blobs/sha256
	gzip -n -c "$2" >layout/layer
	cp layout/layer "$2.gz"
	put() { # FILE: stored; its digest and size
		local sum
		sum=$(sha256sum "$1" | cut -d' ' -f1)
		mv "$1" "layout/blobs/sha256/$sum"
		printf '"digest":"sha256:%s","size":%s' "$sum" "$(stat -c %s "layout/blobs/sha256/$sum")"
	}
	layer=$(put layout/layer)
	printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$diff" >layout/config
	config=$(put layout/config)
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip",%s}]}' \
		"$config" "$layer" >layout/manifest
	manifest=$(put layout/manifest)
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' \
		"$manifest" "$1" >layout/index.json
	printf '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
	tar -C layout -cf image.tar .
	"$build/cutaway" load image.tar >/dev/null
}
mkdir tree
for ((d = 0; d < files / 100; d++)); do mkdir "tree/directory-$d" && (cd "tree/directory-$d" && printf 'the content of a small file, %s\n' "$d" | tee file-{1..99}.txt >/dev/null); done
tar -C tree -cf many.tar .
make_image many:1 many.tar
truncate -s "${LARGE:-1G}" large
tar -cf large.tar large
rm large
make_image large:1 large.tar
rm -rf tree layout ./*.tar large.tar.gz

echo "### tree of an image with $(((files / 100) * 100)) files"
echo
echo "All that the screen does before it is shown, both digests of the layer included. Floor: the names alone, by tar."
echo
"$build/bench/time_pairs" "$rounds" "cutaway tree" "$build/cutaway" tree --efficiency many:1 -- "tar -tzf" tar -tzf many.tar.gz
echo
echo "| peak memory of | KiB |"
echo "| --- | ---: |"
peak() { # NAME IMAGE: median of 5
	for ((i = 0; i < 5; i++)); do "$build/bench/max_rss" "$build/cutaway" tree --efficiency "$2"; done |
		sort -n | awk -v name="$1" '{ v[NR] = $1 } END { printf "| %s | %d |\n", name, v[int((NR + 1) / 2)] }'
}
peak "many files" many:1
peak "a layer of one file of 1 GiB" large:1
