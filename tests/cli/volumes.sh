#!/usr/bin/env bash
# cutaway run --volume: as root (when we are) and as an ordinary user.
# Not in user-mode-linux: mounts are the same with either version of control groups.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
. "$ROOT/tests/lib/left.sh"

name=volumes-$$

# $1 says who, $2 is a directory that is there and theirs, the rest runs cutaway.
common() {
	local who=$1 dir=$2
	shift 2
	mkdir -p "$dir/data/sub"
	echo one >"$dir/data/file"
	chmod -R a+rwX "$dir/data"

	run "$@" run --rm -v "$dir/data:/volume" base sh -c 'cat /volume/file; echo two >/volume/made'
	is "$who: is seen inside" "$STATUS$OUT" 0one
	is "$who: what is written inside is there outside, and stays" "$(<"$dir/data/made")" two
	run "$@" run --rm -v "$dir/data:/volume:ro" base sh -c 'cat /volume/file; echo >/volume/not'
	is "$who: ro: is read" "$OUT" one
	like "$who: ro: is not written" "$ERR" 'Read-only file system'
	is "$who: ro: and nothing of it is outside" "$(ls "$dir/data")" $'file\nmade\nsub'
	run "$@" run --rm -v "$dir/data/file:/etc/one" -v "$dir/data:/a/b" base cat /etc/one /a/b/made
	is "$who: a file, a directory in one that is not there, two of them" "$OUT" $'one\ntwo'
	run "$@" run --rm -v "$dir/data:/volume" base grep ' /volume ' /proc/self/mounts
	like "$who: neither devices nor set-user-ID files count there" "$OUT" '[ ,]nosuid,nodev,'

	ln -sfn /tmp "$dir/data/link"
	run "$@" run --rm -v "$dir/data/link:/volume" base true
	is "$who: the source may be a link" "$STATUS$ERR" 0
	run "$@" run --rm -v "$dir/data:/bin/busybox" base true
	like "$who: a directory over a file" "$STATUS$ERR" '^125.*step volumes.*/bin/busybox.*another kind'

	run "$@" run -d --step --name "$name" -v "$dir/data:/volume" base sleep 1000
	run "$@" step --to volumes "$name"
	like "$who: the step shows its calls" "$OUT" 'call open_tree\(AT_FDCWD, "/'
	like "$who: the step is verified" "$OUT" '✓ /proc/[0-9]+/mounts: [a-z0-9]+ on /volume'
	run "$@" step --back "$name"
	like "$who: the step is taken back" "$OUT" 'Taken back'
	ok "$who: and nothing is mounted there" "$@" check "!container.$name.mount./volume"
	run "$@" step --all "$name"
	ok "$who: and done again" "$@" check "container.$name.mount./volume"
	run "$@" exec "$name" cat /volume/file
	is "$who: exec sees it" "$OUT" one
	run "$@" rm -f "$name"
	is "$who: the files are still there when the container is gone" "$(<"$dir/data/file")" one
	is "$who: and nothing else is" "$(container_left "$name")" ""
}

run "$CUTAWAY" run base -v
is "behind the image it is the program's" "$STATUS" 127
# What is not understood: the value, and what is said of it.
while read -r value words; do
	run "$CUTAWAY" run --rm -v "$value" base true
	like "wrong usage: $value" "$STATUS $ERR" "^2 .*'$value'.*$words"
done <<'WRONG'
/tmp where it is to be seen inside is missing
data:/data with a '/' in it
/tmp:data should be an absolute path
/tmp:/ should be an absolute path
/tmp:/a/../proc without '.' and '..'
/tmp:/proc/sys the container's own
/tmp:/dev the container's own
/tmp:/a:rx should be ro or rw
/tmp:/a:ro,idmap,x should be ro or rw
/tmp:/a:ro, should be ro or rw
/no/such/place:/a No such file or directory
WRONG

user_place
mkdir "$user_home/home/place"
run as_user cutaway run --rm -v "$user_home/home/place:/volume:idmap" base true
like "user: idmap: is for root" "$STATUS$ERR" '^125.*MOUNT_ATTR_IDMAP: .*only root of the machine|user namespaces'
common user "$user_home/home/place" as_user cutaway
if [ "$(id -u)" = 0 ]; then
	# Where root inside, who is somebody else outside, has no way in.
	mkdir -m 700 "$WORK/closed"
	common root "$WORK/closed" "$CUTAWAY"
	run "$CUTAWAY" run --rm -v "$WORK/closed/data:/volume" base sh -c 'stat -c %u /volume/own; echo >/volume/own'
	run "$CUTAWAY" run --rm -v "$WORK/closed/data:/volume" base stat -c %u /volume/own
	is "root: a file made by root inside is root's inside" "$OUT" 0
	ok "root: and somebody else's outside" test "$(stat -c %u "$WORK/closed/data/own")" != 0
	mkdir -p "$WORK/mapped"
	run "$CUTAWAY" run --rm -v "$WORK/mapped:/volume:idmap" base sh -c 'stat -c %u /volume; touch /volume/own; chown 7:8 /volume/own'
	if grep -q 'no idmapped mounts' <<<"$ERR"; then
		like "root: idmap: what cannot be done is said" "$ERR" 'step volumes: mount_setattr MOUNT_ATTR_IDMAP: .*/mapped: this file system has no idmapped mounts'
		skip "root: idmap" "idmapped mounts of $(stat -f -c %T "$WORK")"
	else
		is "root: idmap: whose it is outside, it is inside" "$STATUS$OUT" 00
		is "root: idmap: and what is made inside is so outside" "$(stat -c %u:%g "$WORK/mapped/own")" 7:8
		run "$CUTAWAY" run --rm -v "$WORK/mapped:/volume:ro,idmap" base touch /volume/own
		like "root: ro,idmap" "$ERR" 'Read-only file system'
		run "$CUTAWAY" run --plan -v "$WORK/mapped:/volume:idmap" base true
		like "root: idmap: the plan says so" "$OUT" 'MOUNT_ATTR_IDMAP'
	fi
fi
done_testing
