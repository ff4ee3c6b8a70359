#!/usr/bin/env bash
# What is in an image: tree, trace and inspect, as text and as JSON, of images made here; what is
# hostile in one is refused or shown in safety.
# Not in user-mode-linux: no kernel changes it.
. "$ROOT/tests/lib/tap.sh"
cd "$WORK" || exit 1

# make_image NAME LAYER.tar...: an archive as docker writes it, loaded.
make_image() {
	local name=$1 ids='' list='' history='' layer
	shift
	for layer; do
		ids+=,\"sha256:$(sha256sum "$layer" | cut -d' ' -f1)\"
		list+=,\"$layer\"
		history+=",{\"created_by\":\"made of $layer\"}"
	done
	printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/app"]},"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
		"$architecture" "${ids#,}" "${history#,}" >config.json
	printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":[%s]}]' "$name" "${list#,}" >manifest.json
	tar -cf "image.tar" config.json manifest.json "$@" && "$CUTAWAY" load image.tar >/dev/null
}
# layer NAME: the directory NAME as a layer, NAME.tar
layer() {
	tar -C "$1" -cf "$1.tar" --owner=0 --group=0 --numeric-owner --mtime=@0 --format=gnu --sort=name .
}
architecture=$("$CUTAWAY" inspect --format config.architecture base)

# ---- three layers ----
mkdir -p one/etc one/opt/data one/bin two/etc two/opt three/opt/data
printf '%01000d' 1 >one/etc/conf
printf '%02000d' 2 >one/opt/data/large
echo gone >one/etc/gone
echo same >one/etc/same
printf '#!/bin/sh -e\n' >one/bin/script
chmod 755 one/bin/script
printf '%01500d' 3 >two/etc/conf
cp one/etc/same two/etc/same && chmod 600 two/etc/same
touch two/etc/.wh.gone three/opt/data/.wh..wh..opq
echo new >three/opt/data/new
ln one/etc/conf one/etc/hard
ln -s conf one/etc/soft
printf 'x' >"three/opt/"$'odd\033[31mname\n'
for name in one two three; do layer $name; done
make_image shop:1 one.tar two.tar three.tar

run "$CUTAWAY" tree shop:1
is "tree: exit status" "$STATUS$ERR" 0
like "tree: a layer and what it does" "$OUT" '^layer 2  sha256:[0-9a-f]{12}  1.5 kB in files: 0 added, 2 changed, 1 removed'
like "tree: by which command it was made" "$OUT" '^ +made of two.tar$'
like "tree: added" "$OUT" '^\+ -rw-r--r-- +0:0 +2.0 kB  /opt/data/large$'
like "tree: changed" "$OUT" '^~ -rw-r--r-- +0:0 +1.5 kB  /etc/conf$'
like "tree: removed by a whiteout" "$OUT" '^- +/etc/gone$'
like "tree: removed by an opaque directory" "$OUT" '^- +/opt/data/large$'
like "tree: a symbolic link" "$OUT" '^\+ lrwxrwxrwx .* /etc/soft -> conf$'
like "tree: a hard link" "$OUT" '^\+ -rw-r--r-- .* /etc/hard = /etc/conf$'
like "tree: odd names are safe to show" "$OUT" '/opt/odd\\x1[Bb]\[31mname\\x0[Aa]$'
unlike "tree: no escape gets out" "$OUT" $'\033'
# conf 1000 (its bytes are still seen as /etc/hard), large 2000, gone 5 and one same 5 are wasted.
like "tree: efficiency" "$OUT" '^efficiency [0-9.]+ %: 2.0 kB of [0-9.]+ kB in files are wasted$'
like "tree: the worst file first" "$OUT" '^ +2.0 kB in 1 copy, none is seen +/opt/data/large$'
run "$CUTAWAY" tree --layer 2 shop:1
is "tree --layer: only that one" "$(grep -c '^layer' <<<"$OUT")$(grep -c /opt/data/new <<<"$OUT")" 10
run "$CUTAWAY" tree --layer 4 shop:1
like "tree --layer: no such layer" "$STATUS$ERR" '^1.*it has 3 layers'
run "$CUTAWAY" tree --show removed shop:1
unlike "tree --show removed: nothing else" "$OUT" '^[+~]'
run "$CUTAWAY" tree --layer 2 --show unchanged shop:1
like "tree --show unchanged: what lower layers have" "$OUT" '^  -rw.* /opt/data/large$'
run "$CUTAWAY" tree --all shop:1
like "tree --all: with the layer that it comes from" "$OUT" '^ +2 ~ -rw-r--r-- .* /etc/conf$'
like "tree --all: what is removed" "$OUT" '^ +3 - .* /opt/data/large$'
run "$CUTAWAY" tree --all --name CONF shop:1
is "tree --name: files, and the directories they are in" "$(grep -c '^ ' <<<"$(grep / <<<"$OUT" | grep -v ' in ')")" 2
for words in '--layer 0' '--layer x' '--show nonsense' '--show' '--name' ''; do
	# shellcheck disable=SC2086 # words
	run "$CUTAWAY" tree $words
	is "tree $words: wrong usage" "$STATUS" 2
done
run "$CUTAWAY" tree no-such
like "tree: no such image" "$STATUS$ERR" '^1.*no-such'
run "$CUTAWAY" tree --json shop:1
is "tree --json: kinds" "$(jq -r '[.layers[] | "\(.added) \(.changed) \(.removed)"] | join(",")' <<<"$OUT")" "11 0 0,0 2 1,2 1 1"
is "tree --json: a file of a layer" "$(jq -c '.layers[1].files[] | select(.path == "/etc/conf") | [.kind, .size, .mode, .layer]' <<<"$OUT")" '["changed",1500,"0644",2]'
is "tree --json: why it is removed" "$(jq -c '[.layers[].files[] | select(.kind == "removed") | [.path, .by, .of]]' <<<"$OUT")" \
	'[["/etc/gone","whiteout",null],["/opt/data/large","opaque directory","/opt/data"]]'
is "tree --json: efficiency" "$(jq -c '.efficiency | [.stored - .seen == .wasted, .wasted, .files[0].path, (.efficiency * .stored | round) == .seen]' <<<"$OUT")" \
	'[true,2010,"/opt/data/large",true]'
is "tree --json: odd names are what they are" "$(jq -r '.layers[2].files[].path | select(contains("odd")) | @json' <<<"$OUT")" '"/opt/odd\u001b[31mname\n"'

# ---- one file ----
run "$CUTAWAY" trace shop:1 /etc/conf
like "trace: who adds it" "$STATUS$OUT" '^ +1  sha256:[0-9a-f]{12}  sha256:[0-9a-f]{12}  adds it +-rw-r--r-- 0:0 1.0 kB'
like "trace: who changes it" "$OUT" '^ +2 .* changes it +-rw-r--r-- 0:0 1.5 kB'
like "trace: that is a copy-up" "$OUT" 'a copy-up: the whole file is carried once more$'
like "trace: what a container sees" "$OUT" '^sees   -rw-r--r-- 0:0 1.5 kB'
like "trace: from which layer" "$OUT" '^ +from layer 2;'
run "$CUTAWAY" trace shop:1 /etc/same
like "trace: the same bytes once more" "$OUT" 'carried once more, with the same bytes$'
run "$CUTAWAY" trace shop:1 /etc/gone
like "trace: a whiteout" "$STATUS$OUT" '^ +2 .* removes it +a whiteout of /etc/gone$'
like "trace: then there is none" "$OUT" '^sees   nothing'
run "$CUTAWAY" trace shop:1 opt/data/large
like "trace: an opaque directory over it" "$OUT" '^ +3 .* removes it +/opt/data is an opaque directory'
run "$CUTAWAY" trace --json shop:1 /etc/conf
is "trace --json" "$(jq -c '[[.layers[] | [.layer, .kind, .size]], .seen.layer]' <<<"$OUT")" '[[[1,"added",1000],[2,"changed",1500]],2]'
is "trace --json: blob and diff_id" "$(jq -r '.layers[1].diff_id' <<<"$OUT")" "sha256:$(sha256sum two.tar | cut -d' ' -f1)"
run "$CUTAWAY" trace shop:1 /no/such
like "trace: no layer has it" "$STATUS$ERR" '^1.*no layer of shop:1 says anything of it'
run "$CUTAWAY" trace shop:1 /bin/script
like "trace: a script whose interpreter is not there" "$OUT" '^/bin/script needs /bin/sh, which no layer has: it cannot start here$'
run "$CUTAWAY" trace shop:1
is "trace: which file? usage" "$STATUS" 2

# ---- a program and its libraries ----
mkdir -p prog/usr/bin prog/usr/lib/greet libs/lib source
cat >source/greet.c <<'C'
int greet(void);
int greet(void) { return 7; }
C
cat >source/app.c <<'C'
int greet(void);
int main(void) { return greet(); }
C
printf 'GREET_1.0 { global: none; };\nGREET_2.0 { global: greet; };\n' >source/two.map
printf 'GREET_1.0 { global: greet; local: *; };\n' >source/one.map
built() {
	gcc -shared -fPIC -Wl,-soname,libgreet.so.1 -Wl,--version-script=source/two.map -o source/libgreet.so.1 source/greet.c &&
		gcc -shared -fPIC -Wl,-soname,libgreet.so.1 -Wl,--version-script=source/one.map -o source/old.so source/greet.c &&
		gcc -o prog/usr/bin/app source/app.c source/libgreet.so.1 "-Wl,-rpath,\$ORIGIN/../lib/greet" -Wl,--enable-new-dtags &&
		gcc -o prog/usr/bin/musl source/app.c source/libgreet.so.1 -Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1
}
ok "programs to look at are built" built
cp source/libgreet.so.1 prog/usr/lib/greet/
interpreter=$(readelf -l prog/usr/bin/app | sed -nE 's/.*interpreter: (.*)\]/\1/p')
libc=$(gcc -print-file-name=libc.so.6)
mkdir -p "libs${interpreter%/*}" libs/etc/ld.so.conf.d libs/srv/lib libs/var/lib/dpkg/info
cp -L "$interpreter" "libs$interpreter"
cp -L "$libc" libs/srv/lib/libc.so.6
printf 'include /etc/ld.so.conf.d/*.conf\n' >libs/etc/ld.so.conf
printf '# here\n/srv/lib\n' >libs/etc/ld.so.conf.d/srv.conf
printf 'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\nPackage: other\nVersion: 1\n' >libs/var/lib/dpkg/status
printf '/.\n/srv/lib/libc.so.6\n%s\n' "$interpreter" >libs/var/lib/dpkg/info/libc6:amd64.list
layer prog
layer libs
make_image whole:1 libs.tar prog.tar
make_image half:1 prog.tar
run "$CUTAWAY" trace whole:1 /usr/bin/app
like "a program: its interpreter, its layer, its package" "$STATUS$OUT" "^  $interpreter +layer 1 +libc6 2.36-9$"
like "a library by the loader's configuration" "$OUT" '^ +/srv/lib/libc.so.6$'
like "a library by the program's own path" "$OUT" '^  libgreet.so.1 +layer 2 +\(of no package\)$'
like "everything is here" "$OUT" '^Everything that it needs is here.$'
run "$CUTAWAY" trace --json whole:1 /usr/bin/app
is "as JSON" "$(jq -c '[.program.form, .program.starts, (.program.needs | map(select(.name == "libc.so.6")) | .[0] | [.path, .layer, .package.name, .package.version])]' <<<"$OUT")" \
	'["dynamic",true,["/srv/lib/libc.so.6",1,"libc6","2.36-9"]]'
run "$CUTAWAY" trace half:1 /usr/bin/app
like "no interpreter: said plainly" "$OUT" "^/usr/bin/app needs $interpreter, which no layer has: it cannot start here$"
like "no library: said plainly" "$OUT" '^/usr/bin/app needs libc.so.6, which no layer has: it cannot start here$'
run "$CUTAWAY" trace whole:1 /usr/bin/musl
like "another libc" "$OUT" '^/usr/bin/musl needs /lib/ld-musl-x86_64.so.1, which no layer has: it cannot start here$'
mkdir -p older/usr/lib/greet && cp source/old.so older/usr/lib/greet/libgreet.so.1
layer older
make_image older:1 libs.tar prog.tar older.tar
run "$CUTAWAY" trace older:1 /usr/bin/app
like "an older library: the version that it has not" "$OUT" '^/usr/bin/app needs GREET_2.0 of libgreet.so.1, and the one here has it not: it cannot start here$'
like "an older library: what it has" "$OUT" 'its newest is GREET_1.0$'
mkdir -p alpine/lib/apk/db alpine/var/lib/rpm && touch alpine/var/lib/rpm/rpmdb.sqlite
printf 'C:x\nP:greet\nV:1.2-r3\nF:usr/lib/greet\nR:libgreet.so.1\nZ:x\n\nP:other\nV:9\nF:etc\n' >alpine/lib/apk/db/installed
layer alpine
make_image alpine:1 prog.tar alpine.tar
run "$CUTAWAY" trace --json alpine:1 /usr/lib/greet/libgreet.so.1
is "a package of apk" "$(jq -r '.program.package | .name + " " + .version' <<<"$OUT")" 'greet 1.2-r3'
if command -v rpm >/dev/null; then
	is "an rpm database that is none: told" "$(jq -r .program.rpm <<<"$OUT")" 'present, not read: it is damaged: rpm cannot read it'
	mkdir -p rpms/var/lib/rpm
	cat >greet.spec <<-'SPEC'
		Name: greet-rpm
		Version: 1.2
		Release: 3
		Summary: greets
		License: none
		BuildArch: noarch
		%description
		greets
		%install
		mkdir -p %{buildroot}/usr/lib/greet
		touch %{buildroot}/usr/lib/greet/libgreet.so.1
		%files
		/usr/lib/greet/libgreet.so.1
	SPEC
	rpmbuild --quiet --define "_topdir $WORK/rpmbuild" -bb greet.spec >rpmbuild.log 2>&1
	rpm --dbpath "$PWD/rpms/var/lib/rpm" --justdb --nodeps -i "$WORK"/rpmbuild/RPMS/noarch/*.rpm >>rpmbuild.log 2>&1
	layer rpms
	make_image fedora:1 prog.tar rpms.tar
	run "$CUTAWAY" trace --json fedora:1 /usr/lib/greet/libgreet.so.1
	is "a package of rpm" "$(jq -r '.program.package | .name + " " + .version' <<<"$OUT")" 'greet-rpm 1.2-3' || diag "$(<rpmbuild.log)"
	run "$CUTAWAY" trace fedora:1 /usr/lib/greet/libgreet.so.1
	like "a package of rpm, in words" "$STATUS$OUT" 'libgreet.so.1 is .*; greet-rpm 1.2-3$'
	run env PATH="${CUTAWAY%/*}:$WORK/no-programs" "$CUTAWAY" trace fedora:1 /usr/lib/greet/libgreet.so.1
	like "no program rpm: told" "$STATUS$OUT" '^The image has a database of rpm; the program rpm, which reads it, is not on this machine\.$'
	is "nothing is left of the copy" "$(find "$TMPDIR" -name 'cutaway-rpm*')" ""
else
	skip "packages of rpm" "the program rpm"
fi
run "$CUTAWAY" trace base /bin/busybox
like "a static program" "$OUT" 'a static program: it needs no other file'
head -c 100 prog/usr/bin/app >prog/usr/bin/cut
printf '\177ELF\2\1\1' >prog/usr/bin/short
layer prog
make_image broken:1 prog.tar
for program in cut short; do
	run "$CUTAWAY" trace broken:1 /usr/bin/$program
	is "a damaged program is shown as a file: $program" "$STATUS$ERR" 0
done

# ---- the whole image ----
run "$CUTAWAY" inspect shop:1
like "inspect: manifest" "$STATUS$OUT" '^manifest  sha256:[0-9a-f]{64}$'
like "inspect: configuration" "$OUT" '^  Cmd +\["/app"\]$'
is "inspect: both digests of each layer, computed" "$(grep -c 'digest and diff_id are right' <<<"$OUT")" 3
like "inspect: efficiency" "$OUT" '^efficiency [0-9.]+ %'
run "$CUTAWAY" inspect --json shop:1
is "inspect --json" "$(jq -c '[.name, (.layers | length), ([.layers[].verified] | all), .layers[0].diff_id == .config.rootfs.diff_ids[0], .layers[0].digest == .manifest.layers[0].digest]' <<<"$OUT")" \
	'["shop:1",3,true,true,true]'
run "$CUTAWAY" inspect --format layers.1.changed shop:1
is "inspect --format: one member" "$STATUS$OUT" 02
run "$CUTAWAY" inspect --format no.such shop:1
is "inspect --format: no such member" "$STATUS" 1
run "$CUTAWAY" inspect --type nonsense shop:1
is "inspect --type: wrong usage" "$STATUS" 2
run "$CUTAWAY" inspect no-such
like "inspect: neither container nor image" "$STATUS$ERR" '^1.*no container and no image'

# ---- the kernel sees what the tree says ----
"$CUTAWAY" save --format docker-archive -o base.tar base && tar -xf base.tar --wildcards '*.tar'
mapfile -t base < <(tar -tf base.tar | grep '\.tar$')
make_image shop:2 "${base[0]}" one.tar two.tar three.tar
run "$CUTAWAY" run --rm shop:2 sh -c 'find /opt /etc/conf /etc/gone /etc/same | grep -v -e odd -e name | grep . | sort | tr "\n" " "'
is "an opaque directory and a whiteout, in a container" "$OUT" "/etc/conf /etc/same /opt /opt/data /opt/data/new "
is "the same in the tree" "$("$CUTAWAY" tree --all --json shop:2 | jq -r '.files[] | select(.kind != "removed") | .path' |
	grep -E '^/(opt|etc/(conf|gone|same)$)' | grep -v odd | sort | tr '\n' ' ')" "$OUT"

# ---- a container ----
name=look-$$
"$CUTAWAY" run -d --name $name base sleep 1000 >/dev/null
"$CUTAWAY" exec $name sh -c 'echo more >>/etc/passwd; rm /etc/group; echo hi >/new; rm -r /root; mkdir /root; touch /root/x'
run "$CUTAWAY" trace $name /etc/passwd
like "container: the layer" "$STATUS$OUT" '^ +1 .* adds it'
like "container: copied up" "$OUT" '^upper  changes it, copied up:'
like "container: the directory" "$OUT" '^ +in /.*upper$'
like "container: the kernel is asked" "$OUT" 'asked of the kernel'
run "$CUTAWAY" trace $name /etc/group
like "container: a whiteout" "$OUT" '^upper  removes it: a whiteout of /etc/group'
like "container: the kernel shows none" "$OUT" '^sees   nothing: there is no such file'
run "$CUTAWAY" trace $name /new
like "container: new in it" "$STATUS$OUT" '^upper  adds it'
run "$CUTAWAY" trace --json $name /bin/busybox
is "container: of most files it says nothing" "$(jq -r '.upper.says + " " + .seen.type' <<<"$OUT")" 'nothing file'
run "$CUTAWAY" trace $name /no-such
is "container: neither has it" "$STATUS" 1
run "$CUTAWAY" inspect --format status $name
is "inspect: a container goes first" "$STATUS$OUT" 0running
"$CUTAWAY" rm -f $name >/dev/null
is "nothing was left behind" "$("$CUTAWAY" ps -a -q)" ""

# ---- damaged and hostile ----
blob=$("$CUTAWAY" inspect --format layers.1.digest shop:1)
file=$XDG_DATA_HOME/cutaway/store/blobs/${blob/://}
cp "$file" kept && printf 'X' | dd of="$file" bs=1 seek=700 conv=notrunc status=none
run "$CUTAWAY" tree shop:1
is "tree: a damaged layer" "$STATUS" 1
run "$CUTAWAY" inspect shop:1
like "inspect: which layer is damaged" "$OUT" 'NOT verified'
like "inspect: and how" "$STATUS$ERR" '^1.*'
cp kept "$file"
ok "tree: whole again" "$CUTAWAY" tree shop:1
# What `load` refuses, as if something else had put it into the store.
store=$XDG_DATA_HOME/cutaway/store
put() { # FILE: as a blob; its digest and size, for JSON
	local digest
	digest=$(sha256sum "$1" | cut -d' ' -f1)
	cp "$1" "$store/blobs/sha256/$digest"
	printf '"digest":"sha256:%s","size":%s' "$digest" "$(stat -c %s "$1")"
}
plant() { # NAME LAYER.tar
	local layer config
	layer=$(put "$2")
	printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
		"$architecture" "$(sha256sum "$2" | cut -d' ' -f1)" >config.json
	config=$(put config.json)
	printf '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",%s}]}' \
		"$config" "$layer" >manifest.json
	jq -c --arg name "$1" ".manifests |= map(select(.annotations[\"org.opencontainers.image.ref.name\"] != \$name)) + [{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",$(put manifest.json),\"annotations\":{\"org.opencontainers.image.ref.name\":\$name}}]" \
		"$store/index.json" >index.new && cp index.new "$store/index.json"
}
mkdir -p bad && echo x >bad/x
hostile() { # TEXT TRANSFORM REGEX
	tar -C bad -cf bad.tar --transform "$2" -P x
	plant bad:1 bad.tar
	run "$CUTAWAY" tree bad:1
	like "hostile: $1" "$STATUS$ERR" "^1.*$3"
}
hostile "a name with .." 's,x,../../x,' 'leads out of the layer'
hostile "an absolute name" 's,x,/etc/x,' 'leads out of the layer'
hostile "a whiteout of .." 's,x,.wh...,' 'leads out of the layer'
hostile "a name too long" "s,x,$(printf 'n%.0s' {1..300})," 'too long'
tar -C bad -cf bad.tar x && truncate -s 700 bad.tar
plant bad:1 bad.tar
run "$CUTAWAY" tree bad:1
is "hostile: an archive cut off" "$STATUS" 1
done_testing
