#!/usr/bin/env bash
# cutaway watch of all that makes containers: each ends as it does unwatched, says the same, and what
# is told of it are the calls that strace(1) tells, as often and, thread by thread, in the same order.
# Not in user-mode-linux: the engines take minutes there, and no kernel changes what is told.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/user.sh"
. "$ROOT/tests/lib/engine.sh"
engine_apart "cutaway watch of other tools" strace jq
cd "$WORK" || exit 1

mkdir -p root/{bin,etc,proc,sys,dev,tmp,usr,run} bundle
cp "$(command -v busybox)" root/bin/busybox
cp root/bin/busybox root/bin/hostname
ln -s ../bin root/usr/bin
: >root/etc/os-release
"$OCI" spec >/dev/null && mv config.json bundle/
jq '.process.terminal = false | .process.args = ["hostname"] | .root.path = env.PWD + "/root"' bundle/config.json >config.json
mv config.json bundle/

# Of both the same calls: NAME RESULT, a line each, of one thread after the other.
calls='unshare|setns|mount|umount2|pivot_root|chroot|sethostname|setresuid|setgroups|capset|move_mount|fsmount|open_tree|fsopen|fsconfig|mount_setattr|clone3|openat2|keyctl|bpf|seccomp|setresgid'
by_strace() {
	local file
	for file in strace.[0-9]*; do
		echo "thread $(sed -nE 's/ = (-1 )?([A-Z0-9]+|[0-9]+)( .*)?$/ = \2/; s/^('"$calls"')\(.* = ([A-Z0-9]+)$/\1 \2/p' "$file" |
			sed -E 's/ [0-9]+$/ ok/' | paste -sd,)"
	done | grep -v '^thread $'
}
by_watch() {
	jq -rs 'map(select((.call // "") | test("^('"$calls"')$"))) | group_by(.tid)[] | "thread " + (map(.call + " " + (.error // "ok")) | join(","))' kept
}
each_call() { sed 's/^thread //' | tr , '\n' | grep -vE "$apart" | sort | uniq -c; }
# What Go begins threads with, of which it has now more and now fewer.
declare -A apart_of=([order]='^$' [calls]='^(clone3 |$)')

# as_unwatched NAME COMMAND...: status and output; the record is in ./kept.
as_unwatched() {
	local name=$1 status out
	shift
	out=$(timeout 120 "$@" 2>err </dev/null)
	status=$?
	is "$name: runs" "$status" 0 || diag "$(tail -n 5 err)"
	is "$name: watched it ends the same and says the same" \
		"$(timeout 120 "$CUTAWAY" watch -q -o kept "${also[@]}" -- "$@" 2>err </dev/null; echo "status $?")" \
		"$(printf '%s\n' "$out" | sed '/^$/d'; echo "status $status")" || diag "$(tail -n 5 err)"
}
also=()

# compared HOW NAME COMMAND...: HOW is "order", or "calls" where threads share the work as it comes.
compared() {
	local how=$1 name=$2 apart=${apart_of[$1]}
	shift 2
	as_unwatched "$name" "$@"
	rm -f strace.*
	timeout 120 strace -ff -qq -e signal=none -e trace="${calls//|/,}" -o strace "$@" >/dev/null 2>&1 </dev/null
	like "$name: strace saw something" "$(by_strace)" '^thread '
	by_strace | each_call >strace.calls
	by_watch | each_call >watch.calls
	ok "$name: the same calls, as often" diff -u strace.calls watch.calls
	[ "$how" = order ] || return 0
	by_strace | sort >strace.order
	by_watch | sort >watch.order
	ok "$name: in the same order" diff -u strace.order watch.order
}

there() {
	command -v "$1" >/dev/null && return
	skip "$1, watched" "$1, which is not installed"
	return 1
}

compared order unshare unshare -m -u -i -n -p -f --mount-proc sh -c 'hostname lab; hostname'
compared order cutaway-oci "$OCI" --root "$PWD/ours" run -b bundle once
compared order "cutaway run" "$CUTAWAY" run --rm base echo lab
! there runc || compared calls runc runc --root "$PWD/runc" run -b bundle once
! there crun || compared order crun crun --root "$PWD/crun" run -b bundle once
! there bwrap || compared order bwrap bwrap --unshare-all --bind root / --proc /proc --dev /dev --hostname lab hostname
! there systemd-nspawn || compared order systemd-nspawn \
	systemd-nspawn -q --register=no --keep-unit --pipe -D "$PWD/root" --hostname lab /bin/hostname
if there lxc-start; then
	printf '%s\n' "lxc.rootfs.path = dir:$PWD/root" 'lxc.uts.name = lab' 'lxc.net.0.type = empty' 'lxc.mount.auto = proc:mixed sys:ro' >lxc.conf
	compared order lxc lxc-start -F -P "$PWD" -n lab -f lxc.conf -- /bin/hostname
fi
limits=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024)
if there podman; then
	p=/run/pod
	compared calls podman podman --root $p/r --runroot $p/u --tmpdir $p/t --storage-driver vfs \
		run --rm --network none --hostname lab "${limits[@]}" --rootfs "$PWD/root" /bin/hostname
fi

# ---- daemons -----------------------------------------------------------------------------------
engine_image
if there ctr && engine_containerd; then
	tar -C root -cf - . | (cd "$WORK" && cat >layer.tar)
	"$CUTAWAY" images >/dev/null && "$CUTAWAY" save -o base.tar base
	ctr -a "$ENGINE/containerd.sock" images import --base-name docker.io/library/base base.tar >/dev/null 2>err || diag "$(<err)"
	image=$(ctr -a "$ENGINE/containerd.sock" images list -q | head -n 1)
	also=(--also containerd)
	as_unwatched ctr ctr -a "$ENGINE/containerd.sock" run --rm --snapshotter native "$image" once echo lab
	ok "ctr: what its daemon had made was seen" jq -es 'any(.[]; .call == "pivot_root" and .error == null)' kept
	if there dockerd && there docker; then
		engine_daemon dockerd "$WORK/dockerd.log" dockerd -H "unix://$ENGINE/docker.sock" --containerd "$ENGINE/containerd.sock" \
			--data-root "$ENGINE/docker" --exec-root "$ENGINE/docker.run" --pidfile "$ENGINE/docker.pid" --iptables=false --bridge=none
		export DOCKER_HOST=unix://$ENGINE/docker.sock
		if ok "docker answers" wait_until 60 docker version; then
			docker import "$ENGINE_IMAGE" box >/dev/null
			also=(--also dockerd --also containerd)
			as_unwatched docker docker run --rm --network none --hostname lab box hostname
			ok "docker: what its daemons had made was seen" jq -es 'any(.[]; .call == "pivot_root" and .error == null)' kept
			ok "docker: and what it asked for" jq -es 'any(.[]; (.request // "") | test("POST .*/containers/create"))' kept
			engine_end dockerd
		fi
	fi
	engine_end containerd
	also=()
fi

# ---- an ordinary user --------------------------------------------------------------------------
# No filter stops the command then, so that it stops at every call.
user_place
cp -r root "$user_home/root"
chown -R $USER_UID:$USER_UID "$user_home/root"
for tool in unshare bwrap podman; do
	command=(unshare -Ur -m -u sh -c 'hostname lab; hostname')
	[ $tool != bwrap ] || command=(bwrap --unshare-all --bind "$user_home/root" / --proc /proc --dev /dev --hostname lab hostname)
	[ $tool != podman ] || command=(podman --root "$user_home/run/r" --runroot "$user_home/run/u" --tmpdir "$user_home/run/t" --storage-driver vfs
		run --rm --network none --cgroups disabled --hostname lab "${limits[@]}" --rootfs "$user_home/root" /bin/hostname)
	there $tool || continue
	out=$(as_user timeout 120 "${command[@]}" 2>err </dev/null)
	status=$?
	if [ $status != 0 ] && [ $tool = podman ]; then
		skip "an ordinary user's podman, watched" "podman that an ordinary user without a name can run: $(tail -n 1 err)"
		continue
	fi
	is "$tool, of a user: runs" "$status:$out" 0:lab || diag "$(<err)"
	is "$tool, of a user: watched it ends the same and says the same" \
		"$(as_user timeout 120 "$user_home/build/cutaway" watch -q -o "$user_home/kept" -- "${command[@]}" 2>err </dev/null; echo "status $?")" \
		"$out"$'\n'"status $status" || diag "$(<err)"
	ok "$tool, of a user: its host name was seen" jq -es 'any(.[]; .call == "sethostname" and .error == null)' "$user_home/kept"
done
done_testing
