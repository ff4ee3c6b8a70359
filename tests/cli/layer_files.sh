#!/usr/bin/env bash
# What files of a layer have beside their bytes: attributes, further names that lead to lower layers,
# directories that a layer does not mention; and images of as many layers as an image may have.
# Not in user-mode-linux: its tmpfs takes no user attributes, and its kernel has one way less to mount many layers.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

cd "$WORK" || exit 1
"$CUTAWAY" images >/dev/null
machine=$(jq -r 'select(.architecture) | .architecture' "$XDG_DATA_HOME"/cutaway/store/blobs/sha256/* 2>/dev/null | head -n 1)
type=application/vnd.oci.image
busybox=$(command -v busybox)
tar_options=(--owner=0 --group=0 --mtime=@0 --sort=name)
sum() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }
mkdir -p low/bin low/tmp low/srv/data && cp "$busybox" low/bin/busybox && chmod 1777 low/tmp && chmod 700 low/srv/data
for one in sh ls cat stat chown touch chmod; do ln -s busybox low/bin/$one; done
echo lower >low/srv/data/file
tar -C low "${tar_options[@]}" -cf low.tar .

# image NAME TAR...: the archive NAME.image of an image with these layers.
image() {
	local name=$1 layers='' ids='' one
	shift
	rm -rf l && mkdir -p l/blobs/sha256
	for one; do
		cp "$one" "l/blobs/sha256/$(sum "$one")"
		layers+=",{\"mediaType\":\"$type.layer.v1.tar\",\"digest\":\"sha256:$(sum "$one")\",\"size\":$(size "$one")}"
		ids+=",\"sha256:$(sum "$one")\""
	done
	printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' "$machine" "${ids#,}" >c
	cp c "l/blobs/sha256/$(sum c)"
	printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
		$type $type "$(sum c)" "$(size c)" "${layers#,}" >m
	cp m "l/blobs/sha256/$(sum m)"
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s:1"}}]}' \
		$type "$(sum m)" "$(size m)" "$name" >l/index.json
	echo '{"imageLayoutVersion":"1.0.0"}' >l/oci-layout
	tar -C l -cf "$name.image" . && chmod a+r "$name.image"
}
# The attributes of a file on this machine, as GNU tar tells them: "x: LENGTH NAME".
attributes() { tar -C "${1%/*}" --xattrs --xattrs-include='*' -cf - "${1##*/}" | tar --xattrs -tvv | sed -n 's/^ *\(x: .*\)/\1/p'; }
unpacked() { echo "$XDG_DATA_HOME"/cutaway/layers/"$(sum "$1")"*; }

# ---- attributes ----
mkdir -p attributes/priv && echo x >attributes/plain && cp "$busybox" attributes/priv/chown && chmod 755 attributes/priv/chown
tar -C attributes "${tar_options[@]}" --format=posix --pax-option='SCHILY.xattr.user.color:=blue,SCHILY.xattr.user.overlay.opaque:=y,SCHILY.xattr.trusted.overlay.opaque:=y,SCHILY.xattr.trusted.x:=y' -cf user.tar plain
image user low.tar user.tar
run "$CUTAWAY" load user.image
run "$CUTAWAY" run --name user-$$ user:1 /bin/chmod 600 /plain
is "user.*: the image runs" "$STATUS$ERR" 0
is "user.* of a layer is there; what would tell overlayfs what to do is not" "$(attributes "$(unpacked user.tar)/plain")" "x: 4 user.color"
"$CUTAWAY" commit user-$$ committed >/dev/null
"$CUTAWAY" rm user-$$ >/dev/null
"$CUTAWAY" save -o committed.tar committed
mkdir committed && tar -C committed -xf committed.tar
top=$(jq -r '.layers[-1].digest | sub("sha256:"; "")' "committed/blobs/sha256/$(jq -r '.manifests[0].digest | sub("sha256:"; "")' committed/index.json)")
like "commit writes it into the layer" "$(tar --xattrs -tvvf "committed/blobs/sha256/$top")" '^ *x: 4 user.color$'

if [ "$(id -u)" = 0 ] && setcap cap_chown+ep attributes/priv/chown 2>/dev/null; then
	tar -C attributes "${tar_options[@]}" --format=posix --xattrs --xattrs-include='security.*' -cf capability.tar priv/chown
	image capability low.tar capability.tar
	"$CUTAWAY" load capability.image >/dev/null
	powers=(--security-opt no-new-privileges=false)
	run "$CUTAWAY" run --rm -u 1000:1000 "${powers[@]}" capability:1 /bin/sh -c 'touch /tmp/f && /priv/chown 5 /tmp/f && stat -c %u /tmp/f'
	is "a program has the capability that its layer says" "$STATUS$OUT" 05 || diag "$ERR"
	run "$CUTAWAY" run --rm -u 1000:1000 "${powers[@]}" capability:1 /bin/sh -c 'touch /tmp/f && /bin/busybox chown 5 /tmp/f'
	like "and another has not" "$STATUS$ERR" '^1.*not permitted'
	run "$CUTAWAY" run --name capable-$$ capability:1 /bin/touch /priv/chown
	"$CUTAWAY" commit capable-$$ capable >/dev/null
	"$CUTAWAY" rm capable-$$ >/dev/null
	run "$CUTAWAY" run --rm -u 1000:1000 "${powers[@]}" capable /bin/sh -c 'touch /tmp/f && /priv/chown 5 /tmp/f && stat -c %u /tmp/f'
	is "and has it still in an image of what a container copied up" "$STATUS$OUT" 05 || diag "$ERR"
	run as_user cutaway load "$WORK/capability.image"
	run as_user cutaway run --rm capability:1 /priv/chown 0 /bin/busybox
	is "an ordinary user may have the image" "$STATUS$ERR" 0
else
	skip "capabilities of programs" "it takes root and setcap (Debian package libcap2-bin)"
fi

# ---- hard links into a lower layer, directories without an entry ----
# A tar of the link alone: the file that it leads to is taken out of it again.
mkdir -p link/srv/data && echo other >link/srv/data/file && ln link/srv/data/file link/second
tar -C link "${tar_options[@]}" -cf link.tar srv/data/file second
tar --delete -f link.tar srv/data/file
is "the layer has a link and not the file" "$(tar -tvf link.tar | sed 's/.* \(second\)/\1/')" "second link to srv/data/file"
mkdir -p parents/tmp && echo new >parents/tmp/new && tar -C parents "${tar_options[@]}" -cf parents.tar tmp/new
image link low.tar link.tar parents.tar
run "$CUTAWAY" load link.image
check() {
	run "$@" run --rm link:1 /bin/sh -c 'cat /second && stat -c "%h %a" /srv/data/file && ls -i /second | { read -r a b; ls -i /srv/data/file | { read -r c d; test $a = $c && echo one; }; }'
	is "$1: a hard link to a file of a lower layer: both are the same file" "$STATUS$OUT" $'0lower\n2 644\none' || diag "$ERR"
	run "$@" run --rm link:1 /bin/stat -c '%a %u' /srv/data /tmp
	is "$1: directories on the way that the layer does not mention are as they are below" "$OUT" $'700 0\n1777 0'
}
check "$CUTAWAY"
if [ "$(id -u)" = 0 ]; then
	run as_user cutaway load "$WORK/link.image"
	check as_user cutaway
fi
run "$CUTAWAY" tree link:1
like "tree: it shares the bytes of the other layer" "$STATUS$OUT" '^\+ -rw-r--r-- +0:0 +6 B +/second = /srv/data/file$'
printf 'FROM link:1\nCOPY second /second\n' >Containerfile && echo lower >second && "$CUTAWAY" build -q -t copied . >/dev/null
run "$CUTAWAY" trace copied /second
like "trace: the same bytes once more" "$STATUS$OUT" 'carried once more, with the same bytes'
sed 's/lower/below/' low/srv/data/file >x && mv x low/srv/data/file && chmod 644 low/srv/data/file && tar -C low "${tar_options[@]}" -cf other.tar .
image otherwise other.tar link.tar
"$CUTAWAY" load otherwise.image >/dev/null
run "$CUTAWAY" run --rm otherwise:1 /bin/cat /second
is "the same layer above another one: the file of that one" "$STATUS$OUT" 0below
run "$CUTAWAY" run --rm link:1 /bin/cat /second
is "and the first image has its own still" "$STATUS$OUT" 0lower
rm -rf gone && mkdir gone && : >gone/wh && tar -C gone "${tar_options[@]}" --transform 's,^wh$,srv/.wh.data,' -cf gone.tar wh
image hidden low.tar gone.tar link.tar
"$CUTAWAY" load hidden.image >/dev/null
run "$CUTAWAY" run --rm hidden:1 /bin/cat /second
like "a link to what a layer between has removed: refused" "$STATUS$ERR" '^125.*unpack layer: second: No such file'
mkdir -p twice/d && chmod 755 twice/d && tar -C twice "${tar_options[@]}" -cf twice.tar d && chmod 711 twice/d && tar -C twice "${tar_options[@]}" -rf twice.tar d
image twice low.tar twice.tar
"$CUTAWAY" load twice.image >/dev/null
run "$CUTAWAY" run --rm twice:1 /bin/stat -c %a /d
is "a directory twice: the last one counts" "$STATUS$OUT" 0711
"$CUTAWAY" rmi copied link:1 otherwise:1 hidden:1 >/dev/null
is "rmi takes what was unpacked for a place in an image" "$(find "$XDG_DATA_HOME/cutaway/layers" -maxdepth 1 -name "$(sum link.tar)*")" ""

# ---- a name that a layer has taken away, and that is there again ----
mkdir again && printf 'FROM base\nRUN mkdir /d && touch /d/f\nRUN rm -r /d\n' >again/Containerfile
"$CUTAWAY" build -q -t again again >/dev/null
run "$CUTAWAY" run -d --name again-$$ again sh -c 'mkdir /d && touch /d/f && echo x >>/etc/passwd; sleep 1000'
wait_until 20 "$CUTAWAY" exec again-$$ grep x /etc/passwd
is "is new, and not copied up from the layer that had it first" \
	"$("$CUTAWAY" check "container.again-$$.upper./d/f = added" "container.again-$$.upper./etc/passwd = changed" 2>&1)$?" 0
run "$CUTAWAY" rm -f again-$$

# ---- many layers ----
{
	echo FROM base
	for i in $(seq 1 125); do echo "COPY file /many/$i"; done
	echo 'RUN rm /many/1 && ls /many | wc -l >/count'
} >Containerfile
echo content >file
run "$CUTAWAY" build -q -t many .
is "an image of 127 layers is built" "$STATUS" 0 || diag "$ERR"
run "$CUTAWAY" run --rm many sh -c 'cat /count /many/125; ls -d /many/1; echo x >/many/2 && cat /many/2'
is "and runs: all layers are there" "$(tr '\n' ' ' <<<"$OUT")" "124 content x " || diag "$ERR"
is "its history" "$("$CUTAWAY" history --json many | jq '[.[] | select(.size > 0)] | length')" 127
run "$CUTAWAY" run -d --name many-$$ many sleep 1000
ok "it is observed" "$CUTAWAY" check "container.many-$$.mount./"
run "$CUTAWAY" diff many-$$
is "diff of it" "$STATUS$OUT$ERR" 0
run "$CUTAWAY" draw container many-$$
is "it is drawn" "$STATUS$ERR" 0
run "$CUTAWAY" rm -f many-$$
echo 'COPY file /one/more' >>Containerfile
run "$CUTAWAY" build -q -t more .
like "one more is refused" "$STATUS$ERR" '^1.*at most 127 layers'
# Paths longer than what fsconfig(2) takes: the other way to mount them.
long=$WORK/$(printf 'd%.0s' {1..180})
mkdir -p few "$long" && cp file few && {
	echo FROM base
	for i in $(seq 1 20); do echo "COPY file /few/$i"; done
	echo 'RUN ls /few | wc -l >/count'
} >few/Containerfile
XDG_DATA_HOME=$long run "$CUTAWAY" build -q -t few few
is "22 layers with long paths: built" "$STATUS" 0 || diag "$ERR"
XDG_DATA_HOME=$long run "$CUTAWAY" run --rm few sh -c 'cat /count /few/20; echo x >/few/1 && cat /few/1'
is "and run" "$STATUS$(tr '\n' ' ' <<<"$OUT")" "020 content x " || diag "$ERR"
like "as descriptors" "$(XDG_DATA_HOME=$long "$CUTAWAY" run --rm few grep ' / ' /proc/self/mounts)" 'lowerdir=(/proc/self/fd/[0-9]+:)+'
if [ "$(id -u)" = 0 ]; then
	sed -i '$d' Containerfile
	chmod a+r file Containerfile && cp file Containerfile "$user_home/home/" && run as_user cutaway build -q -t many .
	run as_user cutaway run --rm many cat /count
	is "an ordinary user: is built and runs" "$STATUS$OUT" 0124 || diag "$ERR"
fi
done_testing
