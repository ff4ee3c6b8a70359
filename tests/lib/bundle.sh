# shellcheck shell=bash
# OCI bundles for a test: source after tap.sh.
#
#   bundle_make [WORD…]  $bundle with a root of busybox (for these words; else for all), $OCI and a
#                        container name $name
#   config SCRIPT        writes config.json that runs it. What it has besides: PROCESS, LINUX, TOP
#                        (members, each with a comma in front), MOUNTS (the same, entries),
#                        NAMESPACES, READONLY, TERMINAL, CWD. What all of a test have: ALL_TOP and
#                        ALL_MOUNTS, like TOP and MOUNTS, and ALL_NAMESPACES where none are said
#   run_in SCRIPT        config and `cutaway-oci run`; $STATUS $OUT $ERR
#   refused TEXT REGEX   runs what was configured: it fails, and says why
#   private_mounts "$@"  first of all: runs the test again with a mount table of its own
OCI=$CUTAWAY-oci
. "$ROOT/tests/lib/capabilities.sh"
bundle=$WORK/bundle
name=oci-test-$$
# shellcheck disable=SC2034 # for the caller
own_user='"uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}], "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]'

ALL_NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}]'

private_mounts() {
	[ "$(id -u)" = 0 ] && [ -z "${PRIVATE_MOUNTS:-}" ] || return 0
	PRIVATE_MOUNTS=1 exec unshare -m --propagation private "$0" "$@"
}

# As that of tap.sh, by files: a container keeps its standard output, and a pipe would be waited for.
# shellcheck disable=SC2034 # for the caller
run() {
	"$@" >"$WORK/.stdout" 2>"$WORK/.stderr" </dev/null
	STATUS=$?
	OUT=$(<"$WORK/.stdout")
	ERR=$(<"$WORK/.stderr")
}

bundle_make() {
	local word words=$*
	chmod 755 "$WORK"
	mkdir -p "$bundle/rootfs"/{bin,etc,tmp,data}
	cp "$(command -v busybox)" "$bundle/rootfs/bin/busybox"
	for word in ${words:-$("$bundle/rootfs/bin/busybox" --list)}; do
		[ "$word" = busybox ] || ln -s busybox "$bundle/rootfs/bin/$word"
	done
}

config() {
	local script=${1//\\/\\\\}
	script=${script//\"/\\\"}
	cat >"$bundle/config.json" <<JSON
{"ociVersion": "1.1.0",
 "process": {"terminal": ${TERMINAL:-false}, "cwd": "${CWD:-/}", "user": ${USER_JSON:-{\"uid\": 0, \"gid\": 0\}},
  "args": ["sh", "-c", "$script"], "env": ["PATH=/bin"]
  ${PROCESS:-}$(with_capabilities)},
 "root": {"path": "rootfs", "readonly": ${READONLY:-false}},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]}
  ${ALL_MOUNTS:-}${MOUNTS:-}],
 "linux": {"namespaces": ${NAMESPACES:-$ALL_NAMESPACES}
  ${LINUX:-}}
 ${ALL_TOP:-}${TOP:-}}
JSON
}

run_in() {
	config "$1"
	run timeout 20 "$OCI" run -b "$bundle" "$name"
}

refused() {
	run timeout 20 "$OCI" run -b "$bundle" "$name"
	is "refused: $1" "$STATUS" 1
	like "refused: $1, and why" "$ERR" "$2"
}
