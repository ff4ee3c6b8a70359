#!/usr/bin/env bash
# build, with files and images that try to lead it astray: nothing outside of the context is read,
# nothing outside of the root is written, and whatever a program of RUN leaves becomes a right layer
# or is refused by name.
# Not in user-mode-linux: no kernel changes it, and minutes.
. "$ROOT/tests/lib/tap.sh"

cd "$WORK" || exit 1
mkdir outside && echo secret >outside/secret
build() { # NAME [OPTION]...
	local name=$1
	shift
	mkdir -p "$name"
	cat >"$name/Containerfile"
	run "$CUTAWAY" build -t "$name" "$@" "$name"
}
in_image() {
	local name=$1
	shift
	run "$CUTAWAY" run --rm "$name" "$@"
}

# ---- links of the context ----
mkdir -p from/dir
ln -s "$WORK/outside" from/absolute
ln -s ../outside from/up
ln -s ../../outside/secret from/dir/deep
ln -s "$WORK/outside/secret" from/dir/link
ln -s loop from/loop
mkfifo from/pipe
echo fine >from/fine && ln -s fine from/to-fine && ln -s /fine from/root-fine
for what in absolute/secret absolute up/secret dir/deep loop; do
	build from <<<"FROM base"$'\n'"COPY $what /x/"
	like "COPY $what: not out of the context" "$STATUS$ERR" "^1.*Containerfile:2:1: find: $what"
done
build from <<<$'FROM base\nCOPY pipe /x/'
like "COPY of a pipe: refused, and not waited for" "$STATUS$ERR" '^1.*pipe: it is no file'
rm from/pipe
for what in ../outside /../outside dir/../../outside; do
	build from <<<"FROM base"$'\n'"COPY $what /x/"
	like "COPY $what: refused" "$STATUS$ERR" '^1.*leads out of the context'
done
build from <<<$'FROM base\nCOPY to-fine root-fine dir /x/'
in_image from sh -c 'cat /x/to-fine /x/root-fine; readlink /x/link; readlink /x/deep'
is "links inside the context are followed when named, copied in a directory" "$STATUS$OUT" "0fine
fine
$WORK/outside/secret
../../outside/secret"
mkdir -p away && echo hidden >away/hidden && ln -s hidden away/link && echo hidden >away/.containerignore
build away <<<$'FROM base\nCOPY link /x'
like "a link to what is left out" "$STATUS$ERR" '^1.*left out of the context'
build away <<<$'FROM base\nCOPY . /x/'
in_image away ls -A /x
unlike "and it is not in the directory" "$OUT" '^hidden$'
printf '**\n!keep/it\n' >away/.containerignore && mkdir away/keep && echo it >away/keep/it && echo not >away/keep/not
build away -f away/Containerfile <<<$'FROM base\nCOPY . /x/'
in_image away sh -c 'cd /x && find . | sort'
is ".containerignore: all but one file" "$OUT" ".
./keep
./keep/it"

# ---- links of the image ----
mkdir -p into && echo mine >into/file
build into <<END
FROM base
RUN ln -s $WORK/outside /out && ln -s ../../../../../../$WORK/outside /up && ln -s /etc /inside && echo old >/old && ln -s old /link
COPY file /inside/file
COPY file /link
END
in_image into sh -c 'cat /etc/file /link /old'
is "COPY through a link stays inside; one that has the name is replaced" "$STATUS$OUT" "0mine
mine
old"
for to in /out/file /up/file /out; do
	printf 'FROM into\nCOPY file %s\nRUN true\n' "$to" >into/Containerfile
	run "$CUTAWAY" build -t escaped into
	is "COPY to $to: nothing outside is written" "$(ls outside)" secret
done
printf 'FROM into\nWORKDIR /up/made\n' >into/Containerfile
run "$CUTAWAY" build -t escaped into
is "WORKDIR through a link: nothing outside is made" "$(ls outside)" secret

# ---- archives ----
mkdir -p tar/t && echo in >tar/t/in && ln -s "$WORK/outside" tar/t/l
tar -C tar/t -cf tar/good.tar in
tar -C tar/t -cJf tar/good.tar.xz in 2>/dev/null || cp tar/good.tar tar/good.tar.xz
tar -C tar/t -cPf tar/up.tar --transform 's,^in,../../../up,' in
tar -C tar/t -cPf tar/absolute.tar --transform 's,^in,/absolute,' in
tar -C tar/t -cf tar/through.tar --transform 's,^in$,l/in,' l in
build tar <<'END'
FROM base
ADD good.tar.xz /a/
ADD absolute.tar /a
COPY good.tar /b/
ADD t/in /c
END
in_image tar sh -c 'cat /a/in /a/absolute /c; ls /b /absolute'
is "ADD: archives are unpacked at the destination, COPY leaves them, other files are files" "$OUT" "in
in
in
/b:
good.tar"
build tar <<<$'FROM base\nADD up.tar /a/'
like "ADD: a name that leads out" "$STATUS$ERR" '^1.*leads out of the archive'
build tar <<<$'FROM base\nADD through.tar /a/'
is "ADD: through a link: nothing outside is written" "$(ls outside)" secret
head -c 5000 /dev/urandom >tar/t/big && tar -C tar/t -czf tar/short.tar.gz big && truncate -s 3000 tar/short.tar.gz
build tar <<<$'FROM base\nADD short.tar.gz /a/'
like "ADD: an archive cut off" "$STATUS$ERR" '^1.*unpack'

# ---- what a program leaves ----
long=$(printf 'n%.0s' {1..255})
build odd <<END
FROM base
RUN mkdir /o && cd /o && printf new >"\$(printf 'a\\nb')" && printf long >$long && printf 8 >"\$(printf 'not-\\377-utf8')" && printf u >ümläut && printf c >"\$(printf '\\303\\251')" && printf d >"\$(printf 'e\\314\\201')" && printf -- - >-dash && printf '*' >'*' && ln -s '*' star && ln -s /no/where dangling && ln -s loop loop && mkfifo pipe && : >empty && ln $long hard && chmod 4755 hard && mkdir -m 0 locked && mkdir sticky && chmod 1777 sticky && mkdir "with space"
RUN ls /o | wc -l
END
is "odd names" "$STATUS$ERR" 0
# shellcheck disable=SC2016 # for the shell in the container
in_image odd sh -c 'cd /o && cat "$(printf "a\nb")" n* "$(printf "not-\377-utf8")" ümläut ./-dash "*" hard; echo; stat -c "%A %h" hard locked sticky pipe empty; for l in star dangling loop; do readlink $l; done'
is "each is what it was" "$STATUS$OUT" "0newlong88u-*long
-rwsr-xr-x 2
d--------- 2
drwxrwxrwt 2
prw-r--r-- 1
-rw-r--r-- 1
*
/no/where
loop"
in_image odd sh -c 'cd /o && cat "$(printf "\303\251")" "$(printf "e\314\201")"'
is "a letter with its accent, and one with the accent apart, are two names" "$STATUS$OUT" 0cd
"$CUTAWAY" save odd >odd.tar
LC_ALL=C "$CUTAWAY" rmi odd >/dev/null && LC_ALL=C "$CUTAWAY" load odd.tar >/dev/null
run env LC_ALL=C "$CUTAWAY" run --rm odd cat /o/ümläut
is "in any locale" "$STATUS$OUT" 0u
build odd2 <<<$'FROM base\nRUN touch /.wh.x'
like "a name that layers have for themselves is refused" "$STATUS$ERR" '^1.*\.wh\.x: a name that begins'
build deep <<'END'
FROM base
RUN echo bottom >/bottom; mkdir /deep; mv /bottom /deep/; i=0; n=$(printf 'd%.0s' $(seq 100)); while [ $i -lt 60 ]; do mkdir /new && mv /deep /new/$n && mv /new /deep || exit 1; i=$((i+1)); done
RUN true
END
is "a tree deeper than PATH_MAX" "$STATUS$ERR" 0
is "all of it is in the layer" "$("$CUTAWAY" diff deep | grep -c '^A /deep')" 62
build bare <<<$'FROM base\nRUN rm -rf /bin /etc; exit 0\nRUN ["/bin/true"]'
like "a program that removed its own shell" "$STATUS$ERR" '^1.*no such program'

# ---- what grows while it is copied ----
mkdir -p race && echo 1 >race/file && printf 'FROM base\nCOPY . /x/\n' >race/Containerfile
(while [ ! -e "$WORK/stop" ]; do
	date +%N >race/file
	date +%N >race/other
	rm -f race/other
done) 2>/dev/null &
for i in 1 2 3 4 5; do
	run "$CUTAWAY" build -q -t "race$i" race
	case $STATUS$ERR in
	0* | 1*changed* | 1*"No such file"*) echo fine ;;
	*) echo "$STATUS $ERR" ;;
	esac
done | sort | uniq -c >seen
touch "$WORK/stop"
wait
is "a context that changes: whole, or refused" "$(awk '{ print $1, $2 }' seen)" "5 fine"
is "nothing outside was touched" "$(cat outside/*)" secret
done_testing
