#!/usr/bin/env bash
# commit and diff: what a container has written, as a list and as an image; what an image says of
# the container that is made of it: its user by name, its signal to stop.
# Not in user-mode-linux: its tmpfs takes no user attributes, so that an ordinary user has no opaque directories.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

cd "$WORK" || exit 1
name=commit-$$
change='touch /new; rm /etc/passwd; rm -r /home; mkdir /home; echo x >/home/y; mkdir -p /a/b; chmod 700 /var'

# ---- diff ----
run "$CUTAWAY" run --name $name base sh -c "$change"
run "$CUTAWAY" diff $name
is "diff: added, changed, deleted" "$STATUS$OUT" "0A /a
A /a/b
C /etc
D /etc/passwd
C /home
A /home/y
A /new
C /var"
run "$CUTAWAY" diff --json $name
is "diff --json: the same" "$STATUS$(jq -r '.[] | "\(.change) \(.path)"' <<<"$OUT" | head -n 4 | tail -n 2)" "0changed /etc
deleted /etc/passwd"
run "$CUTAWAY" diff base
like "diff of an image: its topmost layer" "$STATUS$OUT" '^A /bin/busybox$'
run "$CUTAWAY" diff no-such
like "diff: neither container nor image" "$STATUS$ERR" '^1.*find container or image: no-such'
run "$CUTAWAY" run --name odd-$$ base sh -c 'mkdir /o; printf x >"/o/$(printf "a\nb\033[31m")"'
run "$CUTAWAY" diff odd-$$
is "diff: an odd name stays on its line" "$STATUS$(wc -l <<<"$OUT")" 02
unlike "diff: what a terminal would act upon is not printed" "$OUT" "$(printf '\033')"
run "$CUTAWAY" run --name opaque-$$ base sh -c 'rm -r /etc; mkdir /etc; touch /etc/own /etc/hosts'
run "$CUTAWAY" diff opaque-$$
like "diff: a directory that was removed and made again: what is gone" "$OUT" '^D /etc/passwd$'
like "and what is new" "$OUT" '^A /etc/own$'

# ---- commit ----
run "$CUTAWAY" commit -m hello -a me -c 'CMD ["cat", "/home/y"]' -c 'ENV A="b c"' $name tried
like "commit: the digest" "$STATUS$OUT" '^0sha256:[0-9a-f]{64}$'
run "$CUTAWAY" run --rm tried
is "commit: the image runs, with the command it was given" "$STATUS$OUT" 0x
run "$CUTAWAY" run --rm tried sh -c 'echo $A; ls -d /etc/passwd'
is "commit: what was removed is gone" "$OUT" "b c"
is "history: what the container ran, and the comment" \
	"$("$CUTAWAY" history --json tried | jq -r '.[-3] | .comment + " " + (.created_by | .[:16])')" 'hello sh -c touch /new'
run "$CUTAWAY" diff tried
is "diff of the image: what diff of the container was" "$(wc -l <<<"$OUT")" 8
run "$CUTAWAY" commit -c 'RUN true' $name x
like "commit: RUN is no change of the configuration" "$STATUS$ERR" '^1.*--change:1:1: RUN'
run "$CUTAWAY" commit no-such x
is "commit: no such container" "$STATUS" 1
run "$CUTAWAY" commit
is "commit: usage" "$STATUS" 2

run "$CUTAWAY" run -d --name live-$$ base sh -c 'echo 1 >/live; while :; do sleep 1; done'
wait_until 20 "$CUTAWAY" exec live-$$ cat /live
run "$CUTAWAY" commit live-$$ lived
like "commit: one that runs" "$STATUS$OUT" '^0sha256'
run "$CUTAWAY" run --rm lived cat /live
is "and its files are there" "$STATUS$OUT" 01
is "it runs on" "$("$CUTAWAY" ps | grep -c "^live-$$ .* running ")" 1
run "$CUTAWAY" rm -f live-$$

SOURCE_DATE_EPOCH=1000 run "$CUTAWAY" commit $name once
first=$OUT
SOURCE_DATE_EPOCH=1000 run "$CUTAWAY" commit $name twice
is "SOURCE_DATE_EPOCH: the same digest twice" "$STATUS$OUT" "0$first"
"$CUTAWAY" rm -a >/dev/null

# ---- what an image says ----
mkdir says
cat >says/Containerfile <<'END'
FROM base
RUN echo 'web:x:77:88::/srv/web:/bin/sh' >>/etc/passwd && echo 'extra:x:99:web' >>/etc/group && mkdir -p /srv/web
USER web
STOPSIGNAL USR1
CMD ["sh", "-c", "trap 'exit 5' USR1; touch /tmp/ready; while :; do sleep 0.1; done"]
END
run "$CUTAWAY" build -t says says
is "an image with a user by name" "$STATUS$ERR" 0
if [ "$(id -u)" = 0 ]; then
	run "$CUTAWAY" run --rm says id
	is "run: the user that the image names, with its groups" "$STATUS$OUT" "0uid=77(web) gid=88 groups=99(extra)"
	run "$CUTAWAY" run --rm says sh -c 'echo $HOME'
	is "run: its home" "$OUT" /srv/web
	run "$CUTAWAY" run --rm -u root:extra says id
	is "run --user: names of the image" "$STATUS$OUT" "0uid=0(root) gid=99(extra)"
	run "$CUTAWAY" run --rm -u nobody-here says id
	like "run --user: no such name" "$STATUS$ERR" '^125.*nobody-here: the image has no user of that name'
fi
run "$CUTAWAY" run -d --name says-$$ says
if [ "$STATUS" = 0 ]; then
	wait_until 20 "$CUTAWAY" exec says-$$ ls /tmp/ready
	run "$CUTAWAY" stop says-$$
	like "stop: the signal that the image says" "$("$CUTAWAY" inspect says-$$)" '"exit_code": 5,'
fi
"$CUTAWAY" rm -f says-$$ >/dev/null
like "no container is left" "$("$CUTAWAY" ps -a -q)x" '^x$'

# ---- an ordinary user ----
if [ "$(id -u)" = 0 ]; then
	run as_user cutaway run --name mine base sh -c "$change"
	run as_user cutaway diff mine
	is "an ordinary user: diff" "$STATUS$(grep -c . <<<"$OUT")" 08
	run as_user cutaway commit mine mine
	like "commit" "$STATUS$OUT" '^0sha256'
	run as_user cutaway run --rm mine sh -c 'cat /home/y; ls /etc/passwd'
	like "and the image runs" "$OUT" '^x$'
	run as_user cutaway rm mine
fi
done_testing
