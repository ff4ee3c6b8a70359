#!/usr/bin/env bash
# What the configuration of an image means for a container of it: the working directory, volumes;
# and names of users that exec is given.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

cd "$WORK" || exit 1
name=config-$$
mkdir context
cat >context/Containerfile <<'END'
FROM base
RUN mkdir -p /seed/deep && echo first >/seed/deep/file && chmod 1770 /seed && ln -s deep/file /seed/link && chown 7:8 /seed/deep 2>/dev/null; echo 'web:x:77:88::/srv/web:/bin/sh' >>/etc/passwd && echo 'extra:x:99:web' >>/etc/group
VOLUME /seed /new/place
RUN echo built >/seed/built
END
chmod -R a+rX context
# An image whose working directory is not there: WORKDIR would make it.
change=(-c 'WORKDIR /not/yet' -c 'USER 0')

common() {
	local who=$1 owner=$2
	shift 2
	run "$@" build -q -t said "$WORK/context"
	is "$who: an image with volumes" "$STATUS$ERR" "0"

	run "$@" run --rm said sh -c 'cat /seed/link /seed/built; stat -c "%a" /seed; stat -c %u:%g /seed/deep; ls -A /new/place; echo x >/new/place/y; grep -c " /seed \| /new/place " /proc/self/mounts'
	is "$who: a volume begins with what the image has there, and is a mount" "$STATUS$(tr '\n' ' ' <<<"$OUT")" "0first built 1770 $owner 2 "
	run "$@" run --name "$name" said sh -c 'echo w >/seed/deep/file; rm /seed/built; echo x >/new/place/y'
	run "$@" diff "$name"
	is "$who: what is written to it is no change of a layer" "$STATUS$(grep -c 'seed/\|place/' <<<"$OUT")" 00
	run "$@" commit "$name" kept
	run "$@" run --rm kept cat /seed/deep/file
	is "$who: and is in no image" "$STATUS$OUT" 0first
	run "$@" rm "$name"

	run "$@" run -d --step --name "$name" said sh -c 'echo more >/seed/more; sleep 1000'
	run "$@" step --to volumes "$name"
	like "$who: the step of volumes tells of them" "$OUT" 'on /seed$'
	run "$@" step --back "$name"
	run "$@" step --all "$name"
	is "$who: taken back and done again" "$STATUS$ERR" 0
	wait_until 20 "$@" exec "$name" cat /seed/more
	run "$@" exec "$name" cat /seed/deep/file /seed/more
	is "$who: it is there" "$OUT" $'first\nmore'
	run "$@" rm -f "$name"

	mkdir -p "$WORK/mine-$who" && echo mine >"$WORK/mine-$who/file" && chmod -R a+rX "$WORK/mine-$who"
	run "$@" run --rm -v "$WORK/mine-$who:/seed" said sh -c 'cat /seed/file'
	is "$who: --volume at the same place is there instead" "$STATUS$OUT" 0mine

	run "$@" run --name "$name" said true
	run "$@" commit "${change[@]}" "$name" nowhere
	is "$who: an image of it" "$STATUS$ERR" 0
	run "$@" rm "$name"
	run "$@" run --rm nowhere sh -c 'pwd; stat -c "%a %u:%g" . /not'
	is "$who: a working directory that the image does not have is made" "$STATUS$OUT" $'0/not/yet\n755 0:0\n755 0:0' || diag "$ERR"
	umask 077
	run "$@" run --rm -w /a/b base stat -c %a /a/b
	umask 022
	is "$who: whatever the umask is" "$STATUS$OUT" 0755
	run "$@" run --rm -w /etc/passwd/x base true
	like "$who: one that cannot be" "$STATUS$ERR" '^125.*chdir: /etc/passwd/x: Not a directory'
	run "$@" run --plan -w /made base true
	like "$who: the plan tells it" "$OUT" 'mkdir\("/made", 0755\)'
}

common "$(id -un)" 7:8 "$CUTAWAY"
if [ "$(id -u)" = 0 ]; then
	common user 0:0 as_user cutaway
	run "$CUTAWAY" run -d --name "$name" said sleep 1000
	run "$CUTAWAY" exec -u web "$name" sh -c 'id; echo $HOME; grep CapEff /proc/self/status'
	is "exec --user: names, with their groups and their home" "$STATUS$OUT" $'0uid=77(web) gid=88 groups=99(extra)\n/srv/web\nCapEff:\t0000000000000000'
	run "$CUTAWAY" exec -u web:extra "$name" id
	is "exec --user: a group" "$STATUS$OUT" '0uid=77(web) gid=99(extra)'
	run "$CUTAWAY" exec -u 1000 "$name" id -u
	is "exec --user: numbers" "$STATUS$OUT" 01000
	run "$CUTAWAY" exec "$name" sh -c 'echo "late:x:55:66::/:/bin/sh" >>/etc/passwd'
	run "$CUTAWAY" exec -u late "$name" id -u
	is "exec --user: one that the container has got since" "$STATUS$OUT" 055
	run "$CUTAWAY" exec -u nobody-here "$name" id
	like "exec --user: none of that name" "$STATUS$ERR" '^125.*nobody-here: the image has no user of that name'
	run "$CUTAWAY" exec -u a/b "$name" id
	is "exec --user: no name" "$STATUS" 2
	run "$CUTAWAY" exec "$name" sh -c 'mv /etc/passwd /etc/p; ln -s /proc/1/root/../../../../../../etc/passwd /etc/passwd'
	run "$CUTAWAY" exec -u web "$name" id
	like "exec --user: no link of the container leads out of it" "$STATUS$ERR" '^125.*no user of that name'
	run "$CUTAWAY" rm -f "$name"
fi
cat >evil <<'END'
FROM base
VOLUME /proc/self
END
mkdir evilc && mv evil evilc/Containerfile
run "$CUTAWAY" build -q -t evil evilc
run "$CUTAWAY" run --rm evil true
like "a volume where none can be" "$STATUS$ERR" "^125.*evil: the image wants a volume at '/proc/self'"
done_testing
