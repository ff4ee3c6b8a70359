#!/usr/bin/env bash
# An ordinary user with subordinate ids: a whole range of users inside, and all of it removed again;
# without them, or with ones that cannot be used, one user as ever, and the reason told.
# Not in user-mode-linux: its time; proven there by hand
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

if [ "$(id -u)" != 0 ]; then
	skip "subordinate ids" "only root can give a user some, and this is uid $(id -u)"
	done_testing
fi
if [ ! -u /usr/bin/newuidmap ] || [ ! -u /usr/bin/newgidmap ]; then
	skip "subordinate ids" "no newuidmap with a set-user-ID bit here (Debian package uidmap)"
	done_testing
fi
# The files of this machine stay as they are: others are put over them, for us alone.
if [ -z "${SUBORDINATE_APART:-}" ]; then
	SUBORDINATE_APART=1 exec unshare --mount "$0"
fi
name=sub-$$
etc=$WORK/etc
user_place
mkdir "$etc"
{
	cat /etc/passwd
	echo "cutaway-test:x:$USER_UID:$USER_UID::/nonexistent:/bin/sh"
} >"$etc/passwd"
: >"$etc/subuid"
: >"$etc/subgid"
cp /usr/bin/newuidmap "$etc/plain" # without the set-user-ID bit
printf '#!/bin/sh\necho "newuidmap: not today" >&2\nexit 1\n' >"$etc/refuses"
chmod 4755 "$etc/refuses"
: >"$etc/nothing"
for file in passwd subuid subgid; do
	[ -e /etc/$file ] && mount --bind "$etc/$file" /etc/$file && continue
	skip "subordinate ids" "nothing can be put over /etc/$file"
	done_testing
done

ct() {
	as_user cutaway "$@"
}
give() { # SUBUID-LINES SUBGID-LINES
	echo "$1" >"$etc/subuid"
	echo "$2" >"$etc/subgid"
}
maps() {
	ct run --rm base sh -c 'cat /proc/self/uid_map /proc/self/gid_map' 2>"$WORK/err" | awk '{ $1 = $1; print }'
}
single="0 $USER_UID 1
0 $USER_UID 1"
whole="0 $USER_UID 1
1 300000 65536
0 $USER_UID 1
1 400000 65536"
# shellcheck disable=SC2154 # user_home: user.sh
data=$user_home/data/cutaway

# ---- an image whose files belong to several users ----
digest_of() {
	sha256sum "$1" | cut -d' ' -f1
}
add_blob() { # FILE: into the store, by its digest; prints it
	local digest
	digest=$(digest_of "$1")
	cp "$1" "$data/store/blobs/sha256/$digest"
	echo "$digest"
}
make_image() {
	local top=$WORK/image diff layer config manifest
	mkdir -p "$top/bin" "$top/home/ann" "$data/store/blobs/sha256"
	cp "$(command -v busybox)" "$top/bin/busybox"
	ln -s busybox "$top/bin/sh"
	ln -s busybox "$top/bin/stat"
	echo hers >"$top/home/ann/letter"
	chmod 700 "$top/home/ann"
	tar -C "$top" --owner=0 --group=0 -cf "$WORK/layer.tar" bin
	tar -C "$top" --owner=1000 --group=2000 -rf "$WORK/layer.tar" home
	diff=$(digest_of "$WORK/layer.tar")
	gzip -n "$WORK/layer.tar"
	layer=$(add_blob "$WORK/layer.tar.gz")
	echo "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$diff\"]}}" >"$WORK/config"
	config=$(add_blob "$WORK/config")
	cat >"$WORK/manifest" <<-END
		{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
		"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$(stat -c %s "$WORK/config")},
		"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:$layer","size":$(stat -c %s "$WORK/layer.tar.gz")}]}
	END
	manifest=$(add_blob "$WORK/manifest")
	echo '{"imageLayoutVersion":"1.0.0"}' >"$data/store/oci-layout"
	cat >"$data/store/index.json" <<-END
		{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:$manifest","size":$(stat -c %s "$WORK/manifest"),
		"annotations":{"org.opencontainers.image.ref.name":"owned"}}]}
	END
	chown -R "$USER_UID:$USER_UID" "$data"
	echo "$diff"
}
diff_id=$(make_image)

# ---- a whole range ----
give "cutaway-test:300000:65536" "$USER_UID:400000:65536"
ok "doctor: subordinate ids work" ct doctor --has "subordinate ids"
is "a range: the maps" "$(maps)" "$whole"
is "a range: nothing to tell" "$(cat "$WORK/err")" ""
run ct run --plan --name "$name" base true
like "a range: the plan shows the command" "$OUT" "newuidmap PID 0 $USER_UID 1 1 300000 65536"
like "a range: and that for groups" "$OUT" "newgidmap PID 0 $USER_UID 1 1 400000 65536"
run ct run --rm --user 1000:1000 base id
like "a range: another user than root" "$OUT" 'uid=1000 gid=1000'
[ "$STATUS" = 0 ] || diag "$ERR"
is "a range: no group of ours is kept" "$(ct run --rm base sed -n 's/^Groups:[[:space:]]*//p' /proc/self/status | tr -d ' ')" ""

run ct run --rm owned sh -c 'stat -c %u:%g /home/ann /home/ann/letter /bin/busybox'
is "an image: owners as it says" "$OUT" "1000:2000
1000:2000
0:0" || diag "$ERR"
is "an image: owners on the disk" "$(stat -c %u:%g "$data/layers/$diff_id.300000/home/ann")" 300999:401999

ok "an image: it can be removed" ct rmi owned
is "an image: and its layer with it" "$(ls -d "$data/layers/$diff_id"* 2>/dev/null)" ""

private='mkdir -m 700 /own && echo mine >/own/file && chown -R 1000:1000 /own && mkdir -m 000 /none'
start() {
	ct run -d --name "$name" base sleep 1000 >/dev/null && ct exec "$name" sh -c "$private"
}
upper() {
	find "$data" -maxdepth 3 -path "*/$name/upper"
}
ok "a container with files of other users" start
is "its files belong to subordinate ids" "$(stat -c %u:%g "$(upper)/own/file")" 300999:400999
is "exec: another user than root" "$(ct exec --user 1000:1000 "$name" cat /own/file)" mine
ok "it is removed" ct rm -f "$name"
is "and nothing of it is left" "$(upper)" ""

mkdir "$user_home/home/volume" && printf 'FROM base\nRUN mkdir -m 750 /v && echo mine >/v/file && chown -R 1000:2000 /v\nVOLUME /v\n' >"$user_home/home/volume/Containerfile"
chmod -R a+rX "$user_home/home/volume"
run ct build -q -t volume volume
run ct run --rm volume sh -c 'stat -c "%a %u:%g" /v /v/file; cat /v/file'
is "a volume of an image begins with its owners" "$STATUS$OUT" $'0750 1000:2000\n644 1000:2000\nmine' || diag "$ERR"
run ct run -d --name "$name" volume sleep 1000
ok "and goes with the container, whoever owns its files" ct rm -f "$name"
is "all of it" "$(find "$data" -path "*/$name/volumes*")" ""
run ct rmi volume

ok "another one" start
kill -9 "$(ct inspect --format monitor_pid "$name")"
gone() {
	! ct ps -q | grep -qx "$name"
}
wait_until 10 gone
ok "a crash: clean removes it" ct clean
is "and nothing of that is left" "$(upper)" ""

ok "one more" start
ok "it is stopped" ct stop -t 0 "$name"
give "" ""
run ct rm "$name"
is "no ids any more: removing fails" "$STATUS" 1
like "and names what could not be removed" "$ERR" "$name"
give "cutaway-test:300000:65536" "cutaway-test:400000:65536"
ok "given back, it is removed" ct rm "$name"
is "and nothing of this is left" "$(upper)" ""

# ---- one user, and why ----
# single WHAT REASON: still runs, and says so; REASON "" = says nothing.
falls_back() {
	is "$1: one user" "$(maps)" "$single"
	if [ -n "$2" ]; then
		like "$1: told" "$(cat "$WORK/err")" "only one id is mapped: .*$2"
		like "$1: doctor tells, too" "$(ct doctor | grep -A2 'subordinate ids' | tr -s '\n ' ' ')" "${2%% *}"
		run ct doctor --has "subordinate ids"
		is "$1: doctor --has" "$STATUS" 1
	else
		is "$1: nothing to tell" "$(cat "$WORK/err")" ""
	fi
}
give "" ""
falls_back "no ids" ""
like "no ids: doctor tells how to get some" "$(ct doctor --has "subordinate ids" 2>&1)" 'usermod --add-subuids'
give "cutaway-test:300000:65536" ""
falls_back "user ids only" "/etc/subgid gives you no range"
give "" "cutaway-test:300000:65536"
falls_back "group ids only" "/etc/subuid gives you no range"
give "cutaway-test:300000:100" "cutaway-test:300000:65536"
falls_back "too few" "/etc/subuid gives you only 100 ids"
give "other:290000:20000
cutaway-test:300000:65536" "cutaway-test:300000:65536"
falls_back "those of another, too" "/etc/subuid overlaps that of somebody else"
give "cutaway-test:50000:65536" "cutaway-test:300000:65536"
falls_back "one's own id in them" "/etc/subuid overlaps your own id"
give "cutaway-test:300000
cutaway-test:x:65536
:::
cutaway-test:4294967000:65536" "cutaway-test:300000:65536"
falls_back "lines that are none" "/etc/subuid gives you no range"
give "cutaway-test:300000:65536" "cutaway-test:400000:65536"
mount --bind "$etc/plain" /usr/bin/newuidmap
falls_back "newuidmap without its bit" "/usr/bin/newuidmap is not set-user-ID root"
umount /usr/bin/newuidmap
mount --bind "$etc/nothing" /usr/bin/newgidmap
falls_back "no newgidmap" "there is no program newgidmap"
umount /usr/bin/newgidmap
is "all put right: the whole range" "$(maps)" "$whole"

mount --bind "$etc/refuses" /usr/bin/newuidmap
run ct run --name "$name" base true
is "newuidmap refuses: exit status" "$STATUS" 125
like "newuidmap refuses: its own words" "$ERR" 'step idmap: map ids with: /usr/bin/newuidmap: newuidmap: not today'
umount /usr/bin/newuidmap
is "newuidmap refuses: nothing is left" "$(upper)$(ct ps -a -q)" ""
done_testing
