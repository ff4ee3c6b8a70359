#!/usr/bin/env bash
# build: every instruction, what it writes and what it says of the image; the cache; that the same
# files give the same digest; that nothing leads out of the context or of the root; and that a build
# that fails leaves the store as it was.
# Not in user-mode-linux: its tmpfs takes no user attributes, so that an ordinary user has no opaque directories.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"

cd "$WORK" || exit 1
store=$XDG_DATA_HOME/cutaway/store
unset SOURCE_DATE_EPOCH

# build NAME [OPTION]...: the Containerfile is standard input, the context ./NAME
build() {
	local name=$1
	shift
	mkdir -p "$name"
	cat >"$name/Containerfile"
	run "$CUTAWAY" build -t "$name" "$@" "$name"
}
in_image() { # NAME COMMAND...
	local name=$1
	shift
	run "$CUTAWAY" run --rm "$name" "$@"
}
config_of() { # NAME: the configuration, on one line
	local digest config
	digest=$("$CUTAWAY" images --json | jq -r ".[] | select(.name == \"$1:latest\") | .digest")
	config=$(jq -r .config.digest "$store/blobs/sha256/${digest#sha256:}")
	cat "$store/blobs/sha256/${config#sha256:}"
}
everything() {
	(cd "$store" && find . -type f ! -name .lock -exec sha256sum {} + | sort -k 2 | sha256sum)
}

# ---- one of each ----
mkdir -p all/dir/deep
echo a >all/a.txt && echo b >all/b.txt && echo x >all/dir/deep/x && ln -s x all/dir/deep/link
chmod 640 all/a.txt
build all --build-arg WHO=you <<'END'
# escape=\
ARG TAG=base
FROM ${TAG} AS first
ARG WHO=nobody
ENV GREETING="hello $WHO" OTHER=${NONE:-standard}
ENV older form  of it
LABEL one=1 "two words"="a b"
RUN echo "$GREETING, $WHO" > /greeting \
  # in between
  && mkdir /d && ln /greeting /d/second
RUN ["/bin/sh", "-c", "echo exec > /exec"]
SHELL ["/bin/sh", "-e", "-c"]
RUN false; true; echo shell > /never || true
END
like "build: a RUN that fails: line, text, status" "$STATUS$ERR" '^1cutaway build: line 13: RUN false; true.*: exit status 1$'
sed -i '$d' all/Containerfile
cat >>all/Containerfile <<'END'
WORKDIR /app
WORKDIR sub
COPY *.txt dir ./
COPY --chown=7:8 --chmod=4711 ["b.txt", "/own"]
USER 1000:2000
EXPOSE 80 53/udp 8000-8001
VOLUME /data ["/more"]
STOPSIGNAL SIGUSR1
HEALTHCHECK --interval=1m30s --retries=3 CMD true
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["id -u; pwd; echo $GREETING; echo \"$older\""]
FROM first
COPY --from=first /greeting /copied
END
run "$CUTAWAY" build -t all --build-arg WHO=you all
like "build: VOLUME wants a path" "$STATUS$ERR" "^1.*Containerfile:19:14: '.*/more.*': a volume is named by a path"
sed -i 's/^VOLUME.*/VOLUME ["\/data", "\/more"]/' all/Containerfile
run "$CUTAWAY" build -t all --build-arg WHO=you all
like "build: exit status, the digest last" "$STATUS$OUT" '^sha256:[0-9a-f]{64}$'
is "build: nothing on standard error" "$STATUS$ERR" 0
like "build: each instruction is a step" "$OUT" '^STEP 7/21: RUN \["/bin/sh"'
like "build: what was done before is taken" "$OUT" '^Using cache$'
digest=${OUT##*$'\n'}
in_image all
is "what the image says runs: entry point, command, user, directory, environment" "$STATUS$OUT" "01000
/app/sub
hello you
form  of it"
run "$CUTAWAY" run --rm --user 0 all "cat /greeting /d/second /exec /copied; stat -c '%a %u:%g %h %n' /app /app/sub /app/sub/a.txt /own /d/second; readlink deep/link; cat deep/x"
is "files: what each step wrote, with owner, mode and links" "$STATUS$OUT" "0hello you, you
hello you, you
exec
hello you, you
755 0:0 1 /app
755 0:0 1 /app/sub
640 0:0 1 /app/sub/a.txt
4711 7:8 1 /own
644 0:0 2 /d/second
x
x"
is "the configuration, in full" "$(config_of all | jq -cS '.config | del(.Env)')" '{"Cmd":["id -u; pwd; echo $GREETING; echo \"$older\""],"Entrypoint":["/bin/sh","-c"],"ExposedPorts":{"53/udp":{},"80/tcp":{},"8000/tcp":{},"8001/tcp":{}},"Healthcheck":{"Interval":90000000000,"Retries":3,"Test":["CMD-SHELL","true"]},"Labels":{"one":"1","two words":"a b"},"Shell":["/bin/sh","-e","-c"],"StopSignal":"SIGUSR1","User":"1000:2000","Volumes":{"/data":{},"/more":{}},"WorkingDir":"/app/sub"}'
is "the environment" "$(config_of all | jq -r '.config.Env[1:][]')" 'GREETING=hello you
OTHER=standard
older=form  of it'
is "history: a line each, those without a layer marked" \
	"$(config_of all | jq -r '[.history[] | select(.empty_layer)] | length') $(config_of all | jq '(.history | map(select(.empty_layer | not)) | length) == (.rootfs.diff_ids | length)')" "12 true"
run "$CUTAWAY" history all
like "history: the command of a step" "$OUT" '\(no layer\) +USER 1000:2000$'
run "$CUTAWAY" build -q -t all --build-arg WHO=you all
is "again: all from the cache, the same digest" "$STATUS$OUT" "0$digest"
run "$CUTAWAY" build -t all --build-arg WHO=me all
unlike "another argument: done again" "$OUT" "$digest"

# ---- what others say of it ----
if command -v skopeo >/dev/null; then
	run "$CUTAWAY" save -o all.tar all
	run skopeo --tmpdir "$WORK" inspect --config oci-archive:all.tar:all:latest
	is "skopeo reads it" "$STATUS$(jq -r .config.StopSignal <<<"$OUT")" 0SIGUSR1
else
	skip "skopeo reads it" "no skopeo here (Debian package skopeo)"
fi
if command -v umoci >/dev/null; then
	mkdir layout && "$CUTAWAY" save all | tar -C layout -xf -
	run umoci raw unpack --rootless --image layout:all:latest unpacked
	is "umoci unpacks it" "$STATUS$(cat unpacked/exec)" 0exec
else
	skip "umoci unpacks it" "no umoci here (Debian package umoci)"
fi

# ---- removing, replacing: whiteouts and opaque directories ----
build gone <<'END'
FROM base
RUN mkdir -p /t/in && echo 1 > /t/in/old && echo 1 > /t/file && echo 1 > /t/other
RUN rm /t/file && rm -r /t/in && mkdir /t/in && echo 2 > /t/in/new && mv /t/other /t/moved
END
is "build: a layer that removes" "$STATUS$ERR" 0
in_image gone sh -c 'cd /t && find . | sort'
is "what was removed is gone, what was there again is new" "$STATUS$OUT" "0.
./in
./in/new
./moved"
"$CUTAWAY" save --format docker-archive -o gone.tar gone
mkdir gone.d && tar -C gone.d -xf gone.tar
layer=$(jq -r '.[0].Layers[-1]' gone.d/manifest.json)
is "in the layer: files .wh., the directory opaque" "$(tar -tf "gone.d/$layer" | sort)" "t/
t/.wh.file
t/.wh.other
t/in/
t/in/.wh..wh..opq
t/in/new
t/moved"

# ---- the same digest ----
build same --no-cache <<'END'
FROM base
RUN echo one > /one && mkdir /dir && touch /dir/z /dir/a
COPY Containerfile /here/
WORKDIR /there
END
first=${OUT##*$'\n'}
export SOURCE_DATE_EPOCH=1000000000
run "$CUTAWAY" build -q -t same --no-cache same
second=$OUT
touch same/Containerfile
run "$CUTAWAY" build -q -t same --no-cache same
is "SOURCE_DATE_EPOCH: the same digest twice" "$STATUS$OUT" "0$second"
unlike "and it is another than with the clock" "$first" "$second"
in_image same stat -c '%Y %n' /one /dir /here/Containerfile /there
is "no time is later" "$OUT" "1000000000 /one
1000000000 /dir
1000000000 /here/Containerfile
1000000000 /there"
is "created is that time" "$(config_of same | jq -r .created)" 2001-09-09T01:46:40Z
unset SOURCE_DATE_EPOCH

# ---- the cache ----
mkdir -p cache && echo 1 >cache/file && echo 1 >cache/ignored && echo ignored >cache/.dockerignore
build cache <<'END'
FROM base
COPY . /c/
RUN cp /c/file /copy
END
first=${OUT##*$'\n'}
touch cache/file && echo 2 >cache/ignored
run "$CUTAWAY" build -q -t cache cache
is "another time, another file that is left out: from the cache" "$OUT" "$first"
echo 2 >cache/file
run "$CUTAWAY" build -t cache cache
is "other content: done again" "$(grep -c 'Using cache' <<<"$OUT")" 0
in_image cache sh -c 'cat /copy; ls -A /c'
is "what is left out is not there" "$OUT" "2
.dockerignore
Containerfile
file"
chmod 600 cache/file
run "$CUTAWAY" build -t cache cache
is "another mode: done again" "$(grep -c 'Using cache' <<<"$OUT")" 0
blob=$(find "$XDG_DATA_HOME/cutaway/build/blobs/sha256" -type f | head -n 1)
run "$CUTAWAY" rmi --prune
is "rmi --prune forgets the steps" "$STATUS$(ls "$blob" 2>/dev/null)" 0
run "$CUTAWAY" build -t cache cache
is "then all is done again" "$STATUS$(grep -c 'Using cache' <<<"$OUT")" 00

# ---- two at once ----
mkdir -p twice && printf 'FROM base\nRUN echo 1 > /one\nRUN echo 2 > /two\n' >twice/Containerfile
for i in 1 2 3; do
	"$CUTAWAY" build -q -t "twice$i" twice >"twice.$i" 2>&1 &
done
wait
is "three builds at once: all are whole" "$(cat twice.? | grep -cE '^sha256:[0-9a-f]{64}$')" 3
for i in 1 2 3; do
	in_image "twice$i" cat /one /two
	is "and the image of each runs" "$STATUS$OUT" "01
2"
done

# ---- a build that fails ----
was=$(everything)
build fail <<'END'
FROM base
RUN echo before > /before
RUN echo on standard error >&2; exit 7
END
is "a failed RUN: the line and the status" "$STATUS$ERR" "1on standard error
cutaway build: line 3: RUN echo on standard error >&2; exit 7: exit status 7"
is "the store is as it was" "$(everything)" "$was"
build fail <<'END'
FROM base
RUN ["/no/such"]
END
like "a program that is not there" "$STATUS$ERR" '^1.*RUN \["/no/such"\].*no such program'
build fail <<'END'
FROM no/such
END
like "an image that is not there" "$STATUS$ERR" '^1.*no/such'
is "no container is left" "$("$CUTAWAY" ps -a -q)" ""
is "and no directory to work in" "$(find "$XDG_DATA_HOME/cutaway/build" -maxdepth 1 -name 'work-*')" ""
is "the store is as it was" "$(everything)" "$was"

# ---- a build that is killed ----
mkdir killed && printf 'FROM base\nRUN echo x >/x\nRUN sleep 1000\n' >killed/Containerfile
"$CUTAWAY" build -t killed killed >/dev/null 2>&1 &
pid=$!
step_runs() {
	"$CUTAWAY" ps | grep -q "^build-$pid-3 .* running "
}
ok "its step is a container that runs" wait_until 60 step_runs
kill -9 $pid
wait $pid 2>/dev/null
is "killed: the store is as it was" "$(everything)" "$was"
run "$CUTAWAY" clean
is "clean: no container is left of it" "$STATUS$("$CUTAWAY" ps -a -q)" 0
printf 'FROM base\nRUN echo x >/x\nWORKDIR /w\n' >killed/Containerfile
run "$CUTAWAY" build -t killed killed
is "the step before was kept" "$STATUS$(grep -c 'Using cache' <<<"$OUT")" 01
is "and nothing else" "$(find "$XDG_DATA_HOME/cutaway/build" -maxdepth 1 -name 'work-*')" ""

# ---- what is refused, and where ----
refused() { # TEXT PLACE REGEX: the Containerfile is standard input
	cat >fail/Containerfile
	run "$CUTAWAY" build fail
	like "refused: $1" "$STATUS$ERR" "^1cutaway build: read: Containerfile:$2: .*$3"
}
refused "unknown instruction" 2:1 'did you mean RUN\?' <<<$'FROM base\nRNU true'
refused "unknown flag" 3:3 'did you mean --from\?' <<<$'FROM base\nCOPY \\\n  --form=x a b'
refused "a here-document without its end" 2:9 "no end: a line 'EOF'" <<<$'FROM base\nRUN cat <<EOF\nx\nEOFF'
refused "a URL" 2:5 'is a URL' <<<$'FROM base\nADD https://example.org/x /x'
refused "COPY out of the context" 2:1 'leads out of the context' <<<$'FROM base\nCOPY ../all/a.txt /x'
refused "COPY of nothing" 2:1 'no-such' <<<$'FROM base\nCOPY no-such /x'
refused "RUN before FROM" 1:1 'before the first FROM' <<<$'RUN true\nFROM base'
refused "a port that is none" 2:8 'is no port' <<<$'FROM base\nEXPOSE http'
refused "a signal that is none" 2:12 'is no signal' <<<$'FROM base\nSTOPSIGNAL SIGX'
refused "an owner that is not there" 2:1 'the image has no user' <<<$'FROM base\nCOPY --chown=nobody-here Containerfile /x'
run "$CUTAWAY" build --target no-such all
like "no such stage" "$STATUS$ERR" '^1.*no-such'
run "$CUTAWAY" build -t 'Bad Name' all
is "a bad name" "$STATUS" 1
run "$CUTAWAY" build
is "no context: usage" "$STATUS" 2
mkdir -p empty
run "$CUTAWAY" build empty
like "no Containerfile" "$STATUS$ERR" '^1.*no Containerfile and no Dockerfile'

# ---- stages ----
build stages --target two <<'END'
FROM base AS one
RUN echo one > /one
FROM scratch AS two
COPY --from=one /one /bin/busybox /bin/
COPY --from=0 /one /again
COPY --from=base /etc/passwd /etc/
CMD ["/bin/busybox", "cat", "/bin/one", "/again"]
FROM base
RUN exit 1
END
is "--target: a stage, and what it needs" "$STATUS$ERR" 0
in_image stages
is "FROM scratch with files of another stage" "$STATUS$OUT" "0one
one"
is "another image as source" "$(config_of stages | jq '.rootfs.diff_ids | length')" 3
build child <<'END'
FROM stages
RUN ["/bin/busybox", "touch", "/new"]
END
is "an image that was built is a base again" "$STATUS$ERR" 0
is "its layers are shared" "$(config_of child | jq -c '.rootfs.diff_ids[:3]')" "$(config_of stages | jq -c '.rootfs.diff_ids')"
build trigger <<'END'
FROM base
ONBUILD RUN echo triggered > /trigger
ONBUILD ENV FROM_TRIGGER=yes
END
build triggered <<<'FROM trigger'
in_image triggered sh -c 'cat /trigger; echo $FROM_TRIGGER'
is "ONBUILD: done by who builds on it" "$STATUS$OUT" "0triggered
yes"
is "and by that one only" "$(config_of triggered | jq -c .config.OnBuild)" null

# ---- an ordinary user ----
if [ "$(id -u)" = 0 ]; then
	user_place
	# shellcheck disable=SC2154 # user_home: user.sh
	cp -r all "$user_home/home/all" && chmod -R a+rX "$user_home/home/all"
	printf 'FROM base\nRUN rm -r /home && mkdir /home && echo hi > /home/hi\nCOPY --chmod=600 a.txt /x/\nWORKDIR /w\nCMD ["cat", "/home/hi"]\n' >"$user_home/home/all/Containerfile"
	run as_user cutaway build -t mine all
	is "an ordinary user builds" "$STATUS$ERR" 0
	run as_user cutaway run --rm mine
	is "and runs it" "$STATUS$OUT" 0hi
	run as_user cutaway run --rm mine stat -c '%a %u %n' /x/a.txt /w
	is "all belongs to root inside" "$STATUS$OUT" "0600 0 /x/a.txt
755 0 /w"
fi
# ---- here-documents ----
build documents --build-arg WHO=you <<'END'
FROM base
ARG WHO
RUN <<EOF
set -e
mkdir /d
echo "$WHO" >/d/ran
EOF
RUN cat <<'one' >/d/one && cat <<-two >/d/two
$WHO
one
		tab $WHO
	two
COPY --chmod=600 <<a <<"b" /d/
to "$WHO" and \$WHO
# no comment
a
to $WHO
b
COPY <<EOF /d/alone
EOF
USER 1
END
is "here-documents: builds" "$STATUS" 0 || diag "$ERR"
in_image documents sh -c 'cd /d && cat ran one two; stat -c "%n %a %s" alone b'
is "RUN: a script, and what a command reads" "$OUT" $'you\n$WHO\ntab you\nalone 644 0\nb 600 8'
run "$CUTAWAY" run --rm -u 0 documents cat /d/a /d/b
is "COPY: files, with variables where they are wanted" "$OUT" $'to "you" and $WHO\n# no comment\nto $WHO'
like "history has the script, in one line" "$("$CUTAWAY" history --json documents | jq -r '.[].created_by')" 'RUN <<EOF.nset -e.nmkdir /d'
run "$CUTAWAY" build -t documents --build-arg WHO=you documents
all=$(grep -c 'Using cache' <<<"$OUT$ERR")
sed -i 's/^# no comment/& here/' documents/Containerfile
run "$CUTAWAY" build -t documents --build-arg WHO=you documents
is "what stands in one counts for the cache" "$((all - $(grep -c 'Using cache' <<<"$OUT$ERR")))" 2
build mixed <<'END'
FROM base
COPY <<a Containerfile /d/
x
a
END
like "COPY: with other sources" "$STATUS$ERR" '^1.*Containerfile:2:6: here-documents do not go together'

done_testing
