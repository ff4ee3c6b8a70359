#!/usr/bin/env bash
# Unpacking one real Debian image, gzip and zstd, beside its peers, in turn: processor time and wall
# time. Prints tables in Markdown.
#
#   tests/bench/unpack.sh [ROUNDS [ROOT.tar]]     (5; a minimal Debian by mmdebstrap); root
#   $BENCH_PLACE: the directory to do it in (/var/tmp); /dev/shm leaves the disk out
#
# cutaway's `prepare` is what the first `run` of an image does: it takes the layer out and proves both
# of its sums; umoci's and podman's do the same, tar proves nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5} root=${2:-}
cutaway=${BUILD:-$PWD/build}/cutaway
work=$(mktemp -d "${BENCH_PLACE:-/var/tmp}/cutaway-bench-unpack.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
export XDG_DATA_HOME=$work/data XDG_RUNTIME_DIR=$work/run
mkdir -p "$work"/{data,run}
if [ -n "$root" ]; then
	root=$(realpath "$root")
else
	root=$work/root.tar
	if ! mmdebstrap --quiet --variant=minbase "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root"; then
		echo "Not measured: mmdebstrap could not make a Debian here."
		exit 0
	fi
fi
cd "$work"

sum() { sha256sum "$1" | cut -d' ' -f1; }
# layout NAME FILE TYPE: an OCI layout of one image of one layer.
layout() {
	local l=$1 blobs=$1/blobs/sha256 architecture
	architecture=$(dpkg --print-architecture)
	mkdir -p "$blobs"
	cp "$2" "$blobs/$(sum "$2")"
	printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$architecture" "$(sum "$root")" >c
	cp c "$blobs/$(sum c)"
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+%s","digest":"sha256:%s","size":%s}]}' \
		"$(sum c)" "$(stat -c %s c)" "$3" "$(sum "$2")" "$(stat -c %s "$2")" >m
	cp m "$blobs/$(sum m)"
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s:1"}}]}' \
		"$(sum m)" "$(stat -c %s m)" "$l" >"$l/index.json"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$l/oci-layout"
	tar -C "$l" -cf "$l.tar" .
}

# once NAME COMMAND...: one line "NAME WALL CPU" to the file "taken".
once() {
	local name=$1 wall user system
	shift
	TIMEFORMAT='%R %U %S'
	read -r wall user system < <({ time "$@" >/dev/null 2>&1; } 2>&1)
	awk -v name="$name" -v w="$wall" -v u="$user" -v s="$system" 'BEGIN { printf "%s\t%s\t%.3f\n", name, w, u + s }' >>taken
}
table() {
	echo "| what | wall, s | processor, s | wall beside tar | processor beside tar |"
	echo "| --- | ---: | ---: | ---: | ---: |"
	cut -f 1 taken | awk '!seen[$0]++' | while IFS= read -r name; do
		for column in 2 3; do
			awk -F '\t' -v n="$name" -v c=$column '$1 == n { print $c }' taken | sort -n |
				awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
		done | paste -sd '\t' | awk -v name="$name" '{ print name "\t" $0 }'
	done | awk -F '\t' 'NR == 1 { w = $2; c = $3 } { printf "| %s | %.2f | %.2f | %.2f | %.2f |\n", $1, $2, $3, $2 / w, $3 / c }'
}
plain_tar() { mkdir t && "$@" | tar -C t -xpf -; }
podman_load() { podman --root "$work/p" --runroot "$work/pr" --storage-driver vfs load -q -i "$1"; }
both() { "$cutaway" load "$1.tar" && "$cutaway" prepare "$1:1" 0; }

# rounds_of NAME DECOMPRESSOR...
rounds_of() {
	local name=$1
	shift
	: >taken
	for ((i = 0; i < rounds; i++)); do
		once "tar -x with $1" plain_tar "$@"
		rm -rf t
		"$cutaway" load "$name.tar" >/dev/null
		once "cutaway, unpack" "$cutaway" prepare "$name:1" 0
		"$cutaway" rmi "$name:1" >/dev/null
		if [ "$name" = gzip ]; then # umoci of Debian 12 knows no zstd
			once "umoci unpack" umoci unpack --image "$name:$name:1" u
			rm -rf u
		fi
		once "cutaway load, then unpack" both "$name"
		"$cutaway" rmi "$name:1" >/dev/null
		once "podman load" podman_load "$name.tar"
		rm -rf p pr
	done
	table
}
echo "### unpack a minimal Debian ($(($(stat -c %s "$root") / 1000000)) MB, $(tar -tf "$root" | wc -l) files)"
gzip -nc "$root" >root.tar.gz
layout gzip root.tar.gz gzip
zstd -qc "$root" >root.tar.zst
layout zstd root.tar.zst zstd
echo && echo "gzip:" && echo
rounds_of gzip gzip -dc root.tar.gz
echo && echo "zstd:" && echo
rounds_of zstd zstd -qdc root.tar.zst
