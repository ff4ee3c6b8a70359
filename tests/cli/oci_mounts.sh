#!/usr/bin/env bash
# What config.json can say of mounts, devices and the root, from inside and from outside: each option,
# each type, propagation both ways, owners that are mapped, and what is refused.
# Not in user-mode-linux: proven there by hand, left out for its time.
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/bundle.sh"
private_mounts "$@"

if [ "$(id -u)" != 0 ]; then
	skip "mounts of OCI containers as root" "root"
	done_testing
fi
bundle_make

# source NAME: a tmpfs of the host with a second one below it, at $WORK/NAME and $WORK/NAME/sub.
source_tree() {
	mkdir -p "$WORK/$1"
	mount -t tmpfs -o "mode=755${2:+,$2}" "$1" "$WORK/$1"
	mkdir "$WORK/$1/sub"
	mount -t tmpfs -o "mode=755${2:+,$2}" "$1-sub" "$WORK/$1/sub"
}

# entry DESTINATION SOURCE OPTION...: a bind mount, for $MOUNTS.
entry() {
	local to=$1 from=$2
	shift 2
	printf ', {"destination": "%s", "type": "bind", "source": "%s", "options": [%s]}' "$to" "$from" \
		"$(printf '"%s",' "$@" | sed 's/,$//')"
}

# flags OUTPUT POINT: the options of that mount in what /proc/mounts said.
flags() {
	awk -v at="$2" '$2 == at { last = $4 } END { print last }' <<<"$1"
}

# ---- options of one mount, and of all below it ---------------------------------------------------
source_tree plain
mounts=
i=0
expect=()
while read -r options wanted wanted_below; do
	IFS=, read -ra words <<<"$options"
	mounts+=$(entry "/o/$i" "$WORK/plain" "${words[@]}")
	expect+=("$options $wanted $wanted_below")
	i=$((i + 1))
done <<'TABLE'
bind rw,relatime -
rbind rw,relatime rw,relatime
rbind,ro ro,relatime rw,relatime
rbind,rro ro,relatime ro,relatime
rbind,ro,rw rw,relatime rw,relatime
rbind,rro,rrw rw,relatime rw,relatime
rbind,nosuid,nodev,noexec rw,nosuid,nodev,noexec,relatime rw,relatime
rbind,nosuid,suid,nodev,dev,noexec,exec rw,relatime rw,relatime
rbind,rnosuid,rnodev,rnoexec rw,nosuid,nodev,noexec,relatime rw,nosuid,nodev,noexec,relatime
rbind,rnosuid,rsuid,rnodev,rdev,rnoexec,rexec rw,relatime rw,relatime
rbind,noatime rw,noatime rw,relatime
rbind,rnoatime rw,noatime rw,noatime
rbind,rnoatime,ratime rw,relatime rw,relatime
rbind,rnoatime,rrelatime rw,relatime rw,relatime
rbind,strictatime rw rw,relatime
rbind,rstrictatime rw rw
rbind,rstrictatime,rnostrictatime rw,relatime rw,relatime
rbind,rrelatime,rnorelatime rw,relatime rw,relatime
rbind,nodiratime rw,nodiratime,relatime rw,relatime
rbind,rnodiratime rw,nodiratime,relatime rw,nodiratime,relatime
rbind,rnodiratime,rdiratime rw,relatime rw,relatime
rbind,nosymfollow rw,relatime,nosymfollow rw,relatime
rbind,rnosymfollow rw,relatime,nosymfollow rw,relatime,nosymfollow
rbind,rnosymfollow,rsymfollow rw,relatime rw,relatime
TABLE
MOUNTS=$mounts run_in 'cat /proc/mounts'
only_flags() { sed -E 's/(,(inode64|mode=755|size=[^,]*))+//' <<<"$1"; }
for i in "${!expect[@]}"; do
	read -r options wanted wanted_below <<<"${expect[i]}"
	is "options: $options" "$(only_flags "$(flags "$OUT" "/o/$i")")" "$wanted"
	is "options: $options, below" "$(only_flags "$(flags "$OUT" "/o/$i/sub")")" "${wanted_below#-}"
done
MOUNTS=', {"destination": "/t", "type": "tmpfs", "source": "t", "options": ["size=64k", "mode=750", "uid=3", "gid=4", "sync", "dirsync", "lazytime", "silent", "loud", "async", "defaults", "nr_inodes=9"]},
 {"destination": "/r", "type": "tmpfs", "source": "r"}, {"destination": "/r", "type": "tmpfs", "source": "r", "options": ["remount", "ro", "nosuid"]},
 {"destination": "/tmp", "type": "tmpfs", "source": "tmp"}' \
	run_in 'cat /proc/mounts; stat -c "%n %a %u %g" /t /tmp'
like "tmpfs: what the file system knows is handed on" "$(flags "$OUT" /t)" 'rw,dirsync,relatime,lazytime,size=64k,nr_inodes=9,mode=750,uid=3,gid=4|rw,dirsync,lazytime,relatime,size=64k,nr_inodes=9,mode=750,uid=3,gid=4'
like "tmpfs: mode and owner" "$OUT" '^/t 750 3 4$'
like "remount: other flags for what is there" "$(flags "$OUT" /r)" '^ro,nosuid'
chmod 1777 "$bundle/rootfs/tmp"
run timeout 20 "$OCI" run -b "$bundle" "$name"
like "tmpfs: without a mode, that of the directory it covers" "$OUT" '^/tmp 1777 0 0$'
mount -o remount,bind,nosuid,nodev "$WORK/plain"
MOUNTS=$(entry /o "$WORK/plain" rbind ro) run_in 'cat /proc/mounts'
is "options: what the source is restricted to stays" "$(only_flags "$(flags "$OUT" /o)")" ro,nosuid,nodev,relatime

# ---- destinations and sources ----------------------------------------------------------------------
echo text >"$WORK/file"
mkdir -p "$bundle/beside"
echo beside >"$bundle/beside/it"
MOUNTS="$(entry relative/a "$WORK/plain" bind)$(entry /new//b/../c/ "$WORK/plain" bind)$(entry /new/d/file "$WORK/file" bind)$(entry /from-bundle beside bind)" \
	run_in 'cat /proc/mounts; cat /new/d/file /from-bundle/it'
like "destination: a relative one is below the root" "$OUT" ' /relative/a tmpfs '
like "destination: made when it is missing, a directory" "$OUT" ' /new/c tmpfs '
like "destination: made when it is missing, a file" "$OUT" '^text$'
like "source: a relative one is in the bundle" "$OUT" '^beside$'
rm -rf "$bundle/rootfs/"{relative,new,from-bundle,o,t,r}
ln -s /data/inner "$bundle/rootfs/abs"
ln -s ../../../../../../../../../..//data/up "$bundle/rootfs/up"
mkdir "$bundle/rootfs/data/inner" "$bundle/rootfs/data/up"
MOUNTS="$(entry /abs "$WORK/plain" bind)$(entry /up/x "$WORK/plain" bind)" run_in 'cat /proc/mounts'
like "destination: a link is followed inside" "$OUT" ' /data/inner tmpfs '
like "destination: and does not lead out" "$OUT" ' /data/up/x tmpfs '
ln -s ../not/yet "$bundle/rootfs/data/dangling"
ln -s /data/dangling/x "$bundle/rootfs/data/twice"
ln -s /data/loop-2 "$bundle/rootfs/data/loop"
ln -s ../data/loop/y "$bundle/rootfs/data/loop-2"
MOUNTS="$(entry /data/twice/file "$WORK/file" bind)$(entry /data/dangling "$WORK/plain" bind)" run_in 'cat /proc/mounts'
is "destination: a link to what is not there yet: that is made" "$(awk '$2 ~ "^/not/yet" { print $2 }' <<<"$OUT" | sort | tr '\n' ' ')" "/not/yet /not/yet/x/file "
MOUNTS="$(entry /data/loop/z "$WORK/plain" bind)" config true
refused "a destination whose links lead in a circle" 'open mount point: /data/loop/z: .*ELOOP'
rm -rf "$bundle/rootfs/abs" "$bundle/rootfs/up" "$bundle/rootfs/data"/* "$bundle/rootfs/not"

# ---- types -------------------------------------------------------------------------------------------
mkdir -p "$WORK"/{lower,upper,work}
echo lower >"$WORK/lower/l"
overlay='{"destination": "/ov", "type": "overlay", "source": "overlay", "options": ["lowerdir='$WORK/plain':'$WORK/lower'"]}'
grep -qw overlay /proc/filesystems || overlay='{"destination": "/ov", "type": "bind", "source": "'$WORK/lower'"}'
MOUNTS=', {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
 {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
 {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["mode=1777", "size=64k"]},
 {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "ro"]},
 {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]},
 '$overlay \
	run_in 'cat /proc/mounts; cat /ov/l; test -c /dev/pts/ptmx && test -c /dev/ptmx && echo terminals; ls -l /sys/fs/cgroup'
like "types: devpts" "$(flags "$OUT" /dev/pts)" 'gid=5,mode=620,ptmxmode=666'
like "types: devpts has terminals" "$OUT" '^terminals$'
like "types: mqueue" "$OUT" '^mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec'
like "types: sysfs" "$(flags "$OUT" /sys)" '^ro,nosuid'
like "types: overlay" "$OUT" '^lower$'
like "types: control groups" "$OUT" ' /sys/fs/cgroup(/[a-z]*)? cgroup2? ro,'
if grep -q ' /sys/fs/cgroup/cpu,cpuacct ' <<<"$OUT"; then
	like "types: joint controllers by either name" "$OUT" 'cpuacct -> cpu,cpuacct'
	like "types: control groups in a directory of their own" "$(flags "$OUT" /sys/fs/cgroup)" '^ro,'
fi

# ---- tmpcopyup ----------------------------------------------------------------------------------
tree=$bundle/rootfs/data
mkdir -p "$tree/deep/er"
head -c 200000 /dev/urandom >"$tree/deep/er/large"
echo a >"$tree/a"
chmod 4751 "$tree/a"
chown 12:34 "$tree/deep"
chmod 2750 "$tree/deep"
ln -s a "$tree/link"
chown -h 5:6 "$tree/link"
mkfifo -m 620 "$tree/pipe"
touch -d '2001-02-03 04:05:06 UTC' "$tree/a" "$tree/deep"
chmod 1775 "$tree"
chown 7:8 "$tree"
MOUNTS=', {"destination": "/data", "type": "tmpfs", "source": "t", "options": ["tmpcopyup", "ro"]}' \
	run_in 'cat /proc/mounts; stat -c "%n %F %a %u %g" /data /data/a /data/link /data/pipe /data/deep; stat -c "%n %Y" /data/a /data/deep; readlink /data/link; md5sum </data/deep/er/large; echo x >/data/a; ls -A /data | wc -l'
like "tmpcopyup: it is a tmpfs, read-only when asked" "$(flags "$OUT" /data)" '^ro'
like "tmpcopyup: the top with its mode and owner" "$OUT" '^/data directory 1775 7 8$'
like "tmpcopyup: a file with its mode" "$OUT" '^/data/a regular file 4751 0 0$'
like "tmpcopyup: a file with its time" "$OUT" '^/data/a 981173106$'
like "tmpcopyup: a directory with mode and owner" "$OUT" '^/data/deep directory 2750 12 34$'
like "tmpcopyup: a directory with its time" "$OUT" '^/data/deep 981173106$'
like "tmpcopyup: a link with its owner" "$OUT" '^/data/link symbolic link 777 5 6$'
like "tmpcopyup: where the link leads" "$OUT" '^a$'
like "tmpcopyup: a pipe" "$OUT" '^/data/pipe fifo 620 0 0$'
like "tmpcopyup: the bytes" "$OUT" "^$(md5sum <"$tree/deep/er/large" | cut -d' ' -f1)"
like "tmpcopyup: all of it" "$OUT" '^4$'
like "tmpcopyup: read-only" "$ERR" '/data/a: Read-only'
MOUNTS=', {"destination": "/data", "type": "tmpfs", "source": "t", "options": ["mode=700", "tmpcopyup"]}' \
	run_in 'stat -c "%n %a" /data; echo changed >/data/a; cat /data/a'
is "tmpcopyup: with a mode that is asked for, and to be written" "$OUT" $'/data 700\nchanged'
is "tmpcopyup: what is below stays as it was" "$(<"$tree/a")" a
MOUNTS=', {"destination": "/data", "type": "tmpfs", "source": "t", "options": ["tmpcopyup", "size=64k"]}' config true
refused "a tmpfs too small for what it should have" 'tmpcopyup: copy: /data: .*larger size='
chmod -R a+rX "$tree"
NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX=", $own_user" \
	MOUNTS=', {"destination": "/data", "type": "tmpfs", "source": "t", "options": ["tmpcopyup"]}' \
	run_in 'stat -c "%n %u %g" /data/a; ls -A /data | wc -l'
is "tmpcopyup: in a user namespace, of owners it does not have" "$STATUS$OUT$ERR" $'0/data/a 65534 65534\n4'
rm -rf "$tree"
mkdir "$tree"

# ---- propagation --------------------------------------------------------------------------------
mkdir -p "$WORK/share"
mount -t tmpfs share "$WORK/share"
mount --make-shared "$WORK/share"
mkdir "$WORK/share"/{from-host,from-inside,sub}

# tags OUTPUT POINT: how that mount propagates, without the numbers.
tags() {
	awk -v at="$2" '$5 == at { out = ""; for (i = 7; $i != "-"; i++) { sub(/:.*/, "", $i); out = out " " $i }; last = out } END { print last }' <<<"$1"
}

# propagate OPTION...: starts a container with the shared directory at /share; mounts something on
# each side, and leaves what the other side sees of it in $seen: "inside", "outside".
propagate() {
	MOUNTS=$(entry /share "$WORK/share" "$@") config 'until [ -e /data/go ]; do sleep 0.02; done; mount -t tmpfs inside /share/from-inside; cat /proc/self/mountinfo >/data/mounts.new; mv /data/mounts.new /data/mounts; exec sleep 1000'
	run timeout 20 "$OCI" run -d -b "$bundle" "$name"
	mount -t tmpfs host "$WORK/share/from-host"
	touch "$bundle/rootfs/data/go"
	wait_until 20 test -e "$bundle/rootfs/data/mounts"
	inside=$(<"$bundle/rootfs/data/mounts")
	seen=
	! grep -q ' /share/from-host ' <<<"$inside" || seen+=inside
	! grep -q "$WORK/share/from-inside " /proc/self/mountinfo || seen+=outside
	"$OCI" delete --force "$name"
	umount "$WORK/share/from-host"
	umount "$WORK/share/from-inside" 2>/dev/null
	rm -f "$bundle/rootfs/data"/*
}
propagate rbind
is "propagation: nothing is said: only what comes from the host" "$(tags "$inside" /share)$seen" " masterinside"
propagate rbind rprivate
is "propagation: rprivate" "$(tags "$inside" /share)$seen" ""
propagate bind private
is "propagation: private" "$(tags "$inside" /share)$seen" ""
propagate rbind rslave
is "propagation: rslave" "$(tags "$inside" /share)$seen" " masterinside"
LINUX=', "rootfsPropagation": "private"' propagate bind slave
is "propagation: slave, on a private root" "$(tags "$inside" /share)$seen" " masterinside"
propagate rbind rshared
is "propagation: rshared" "$(tags "$inside" /share)$seen" " sharedinsideoutside"
propagate bind shared
is "propagation: shared" "$(tags "$inside" /share)$seen" " sharedinsideoutside"
propagate bind unbindable
is "propagation: unbindable" "$(tags "$inside" /share)$seen" " unbindable"
propagate rbind runbindable
is "propagation: runbindable" "$(tags "$inside" /share)$seen" " unbindable"
chmod 777 "$bundle/rootfs/data"
NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX=", $own_user" propagate rbind rshared
is "propagation: rshared in a user namespace never reaches the host" "$(tags "$inside" /share)$seen" " shared masterinside"

# The root, on a shared mount of the host, with a mount of its own in it.
mount --bind "$bundle" "$bundle"
mount --make-shared "$bundle"
mkdir "$bundle/rootfs/data/in" "$bundle/rootfs/data/from-host"
root_as() { # WORD: what it is inside, whether each side sees the other's mounts
	LINUX=${1:+', "rootfsPropagation": "'$1'"'} MOUNTS=$(entry /etc "$WORK/lower" bind) READONLY=${READONLY:-false} \
		config 'until [ -e /data/from-host/go ] || [ -e /data/go ]; do sleep 0.02; done; mount -t tmpfs t /data/in; mkdir /dev/copy; mount --bind / /dev/copy || echo unbindable; mount -t tmpfs t /dev/copy/tmp && grep -q " /tmp tmpfs" /proc/mounts && echo copies; cat /proc/self/mountinfo; echo end; exec sleep 1000'
	"$OCI" create -b "$bundle" "$name" >"$WORK/out" 2>&1 </dev/null
	"$OCI" start "$name"
	mount -t tmpfs host "$bundle/rootfs/data/from-host"
	touch "$bundle/rootfs/data/go"
	wait_until 20 grep -q '^end$' "$WORK/out"
	inside=$(<"$WORK/out")
	seen=$(tags "$inside" /)
	! grep -q ' /data/from-host ' <<<"$inside" || seen+=" inside"
	! grep -q "$bundle/rootfs/data/in " /proc/self/mountinfo || seen+=" outside"
	! grep -q '^copies$' <<<"$inside" || seen+=" copies"
	"$OCI" delete --force "$name"
	umount "$bundle/rootfs/data/from-host"
	rm -f "$bundle/rootfs/data/go"
}
root_as ''
is "rootfsPropagation: nothing said: a slave of the host" "$seen" " master inside"
root_as slave
is "rootfsPropagation: slave" "$seen" " master inside"
root_as private
is "rootfsPropagation: private" "$seen" ""
root_as unbindable
is "rootfsPropagation: unbindable" "$seen" " unbindable"
like "rootfsPropagation: unbindable, and it cannot be bound" "$inside" '^unbindable$'
root_as shared
is "rootfsPropagation: shared with its copies, not with the host" "$seen" " shared master inside copies"
READONLY=true root_as rshared
is "rootfsPropagation: rshared, and read-only" "$seen" " shared master inside copies"
umount "$bundle"

# A reader of mountinfo counts on a mount to stand after what it is mounted on, whoever has taken it.
source_tree order
in_order() { # what is mounted below /data, in the order of mountinfo
	MOUNTS=', {"destination": "/data", "type": "tmpfs", "source": "t"}'"$(entry /data/a "$WORK/order" rbind rshared)"', {"destination": "/data/b", "type": "tmpfs", "source": "t"}'"$(entry /data/b/c "$WORK/order" rbind rslave)$(entry /data/d "$WORK/order" bind)" \
		run_in 'cat /proc/self/mountinfo'
	awk '$5 ~ "^/data" { printf "%s ", $5 }' <<<"$OUT"
}
mount --make-rshared "$WORK/order"
is "order: that of config.json, shared binds as others" "$(in_order)" "/data /data/a /data/a/sub /data/b /data/b/c /data/b/c/sub /data/d "
chmod 777 "$bundle/rootfs/data"
is "order: in a user namespace as well" "$(NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX=", $own_user" in_order)" \
	"/data /data/a /data/a/sub /data/b /data/b/c /data/b/c/sub /data/d "
ok "order: the host keeps its own" mountpoint -q "$WORK/order/sub"
umount "$WORK/order/sub" "$WORK/order"

# ---- owners that are mapped ----------------------------------------------------------------------
mapped='"uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}], "gidMappings": [{"containerID": 0, "hostID": 2000, "size": 10}]'
map_entry() { # DESTINATION SOURCE OPTION MEMBERS
	printf ', {"destination": "%s", "type": "bind", "source": "%s", "options": ["rbind", "%s"], %s}' "$@"
}
mkdir -p "$WORK/owned/sub"
touch "$WORK/owned/zero" "$WORK/owned/three" "$WORK/owned/hundred"
chown 3:3 "$WORK/owned/three"
chown 100:100 "$WORK/owned/hundred"
mount -t tmpfs owned-sub "$WORK/owned/sub"
MOUNTS=$(map_entry /m "$WORK/owned" idmap "$mapped") run_in 'stat -c "%n %u %g" /m/zero /m/three /m/hundred /m/sub; touch /m/new 2>/dev/null || echo no owner'
# Whether the kernel has them where the test works: mount_setattr(2), "ID-mapped mounts"; tmpfs since 6.3.
has_idmapped() {
	case $(stat -f -c %T "$WORK") in
	ext2/ext3 | xfs | btrfs) ;;
	tmpfs) printf '6.3\n%s\n' "$(uname -r)" | sort -CV ;;
	*) false ;;
	esac
}
if [ "$STATUS" != 0 ] && ! has_idmapped; then
	like "idmap: the file system of the test has none, and that is said" "$ERR" 'MOUNT_ATTR_IDMAP: /m: the file system of .*/owned has no idmapped mounts'
	skip "idmap" "a file system with idmapped mounts below TMPDIR: it is $(stat -f -c %T "$WORK")"
else
	is "idmap: owners as the map says, others nobody" "$(head -3 <<<"$OUT")" $'/m/zero 1000 2000\n/m/three 1003 2003\n/m/hundred 65534 65534'
	like "idmap: not the mounts below" "$OUT" '^/m/sub 0 0$'
	like "idmap: who is not in the map makes no files" "$OUT" '^no owner$'
	MOUNTS=$(map_entry /m "$WORK/owned" ridmap "$mapped") run_in 'stat -c "%n %u %g" /m/zero /m/sub'
	if [ "$STATUS" = 0 ]; then
		is "ridmap: the mounts below as well" "$OUT" $'/m/zero 1000 2000\n/m/sub 1000 2000'
	else
		like "ridmap: a tmpfs below cannot, and that is said" "$ERR" 'has no idmapped mounts'
	fi
	MOUNTS=$(map_entry /m "$WORK/owned" ro "$mapped") run_in 'stat -c "%n %u %g" /m/zero'
	is "uidMappings alone map as well" "$OUT" "/m/zero 1000 2000"
	MOUNTS=$(entry /m "$WORK/owned" rbind 'idmap=uids=0-1000-2#3-70-+1;gids=0-2000-10') run_in 'stat -c "%n %u %g" /m/zero /m/three /m/hundred /m/sub'
	is "idmap=: a map of its own in the option" "$OUT" $'/m/zero 1000 2000\n/m/three 70 2003\n/m/hundred 65534 65534\n/m/sub 0 0'
	NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX=", $own_user" \
		MOUNTS=$(entry /m "$WORK/owned" bind 'idmap=uids=@0-5-10;gids=0-100007-10') run_in 'stat -c "%n %u %g" /m/zero /m/three'
	is "idmap=: \"@\" counts as the container does" "$OUT" $'/m/zero 5 7\n/m/three 8 10'
	USER_JSON='{"uid": 1000, "gid": 2000}' MOUNTS=$(map_entry /m "$WORK/owned" idmap "$mapped") \
		run_in 'touch /m/mine && stat -c "%n %u %g" /m/mine'
	is "idmap: a file that is made" "$OUT$(stat -c ' %u %g' "$WORK/owned/mine")" "/m/mine 1000 2000 0 0"
	NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX=", $own_user" \
		MOUNTS=$(entry /m "$WORK/owned" bind idmap) run_in 'stat -c "%n %u %g" /m/zero /m/three; touch /m/its'
	is "idmap: as the container's own user namespace" "$OUT$(stat -c ' %u %g' "$WORK/owned/its")" $'/m/zero 0 0\n/m/three 3 3 0 0'
fi
MOUNTS=$(map_entry /m /proc/sys idmap "$mapped") config true
refused "owners of a file system that cannot" 'mount_setattr MOUNT_ATTR_IDMAP: /m: the file system of /proc/sys has no idmapped mounts'
umount "$WORK/owned/sub"

# ---- root and its replacement ---------------------------------------------------------------------
MOUNTS=', {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]}' \
	LINUX=', "maskedPaths": ["/proc/keys"], "readonlyPaths": ["/proc/sys"]' READONLY=true config 'ls -d /*; cat /proc/mounts; cat /proc/keys; echo 1 >/proc/sys/vm/swappiness; echo x >/x'
run timeout 20 "$OCI" run --no-pivot -b "$bundle" "$name"
is "--no-pivot: the root is the new one" "$(grep -E '^/(bin|data|usr|lib|var)$' <<<"$OUT" | tr '\n' ' ')" "/bin /data "
like "--no-pivot: read-only as asked" "$ERR" '/x: Read-only'
like "--no-pivot: what is hidden is hidden" "$ERR" 'swappiness: Read-only'
is "--no-pivot: no /proc and no /sys of the host's" "$(grep -cE ' (proc|sysfs) ' <<<"$OUT")" 3
NAMESPACES='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]' LINUX=", $own_user" config 'id -u; ls /bin/sh'
run timeout 20 "$OCI" run --no-pivot -b "$bundle" "$name"
is "--no-pivot: in a user namespace" "$OUT" $'0\n/bin/sh'
echo secret >"$bundle/rootfs/etc/secret"
touch "$bundle/rootfs/data/seen"
LINUX=', "maskedPaths": ["/etc/secret", "/data", "/none", "/bin/none/x"], "readonlyPaths": ["/etc", "/none/too"]' \
	run_in 'wc -c </etc/secret; ls -A /data; touch /data/x /etc/x; echo end'
is "maskedPaths: a file and a directory are empty, what is not there is ignored" "$OUT" $'0\nend'
like "maskedPaths: nothing is written there" "$ERR" '/data/x: (Read-only|No space)'
like "readonlyPaths" "$ERR" '/etc/x: Read-only'

# ---- devices -------------------------------------------------------------------------------------
rm -rf "$bundle/rootfs/dev"/*
run_in 'ls -l /dev; for n in null zero full random urandom tty; do stat -c "%n %F %a %u %g %t:%T" /dev/$n; done; for n in fd stdin stdout stderr ptmx; do readlink /dev/$n; done; test -e /dev/console || echo no console'
is "devices: those of the specification" "$(grep special <<<"$OUT" | cut -d' ' -f1,4- | tr '\n' ' ')" \
	"/dev/null file 666 0 0 1:3 /dev/zero file 666 0 0 1:5 /dev/full file 666 0 0 1:7 /dev/random file 666 0 0 1:8 /dev/urandom file 666 0 0 1:9 /dev/tty file 666 0 0 5:0 "
is "devices: the links" "$(tail -n 6 <<<"$OUT" | tr '\n' ' ')" "/proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 pts/ptmx no console "
LINUX=', "devices": [{"path": "/dev/a", "type": "c", "major": 1, "minor": 3, "fileMode": 384, "uid": 5, "gid": 6}, {"path": "/dev/sub/b", "type": "b", "major": 7, "minor": 0}, {"path": "/dev/u", "type": "u", "major": 1, "minor": 5}, {"path": "/dev/p", "type": "p", "fileMode": 416}, {"path": "/dev/null", "type": "c", "major": 1, "minor": 3}]' \
	run_in 'stat -c "%n %F %a %u %g %t:%T" /dev/a /dev/sub/b /dev/u /dev/p'
is "devices: mode, owner and numbers, and one that is there already" "$OUT" $'/dev/a character special file 600 5 6 1:3\n/dev/sub/b block special file 666 0 0 7:0\n/dev/u character special file 666 0 0 1:5\n/dev/p fifo 640 0 0 0:0'
LINUX=', "devices": [{"path": "/dev/null", "type": "c", "major": 1, "minor": 5}]' config true
refused "another device where one is" 'devices: make: /dev/null: something else is there already'
LINUX=', "devices": [{"path": "/bin/sh", "type": "c", "major": 1, "minor": 5}]' config true
refused "a device where a program is" 'devices: make: /bin/sh: something else'
# In a user namespace nobody makes a node: they are made outside, with the owner and the mode that are
# asked for; those that every container has are the host's.
in_user='[{"type": "pid"}, {"type": "mount"}, {"type": "user"}]'
chmod 777 "$bundle/rootfs/data"
NAMESPACES=$in_user LINUX=", $own_user"', "devices": [{"path": "/data/full", "type": "c", "major": 1, "minor": 7, "fileMode": 432, "uid": 10, "gid": 11}, {"path": "/dev/sub/b", "type": "b", "major": 7, "minor": 0}, {"path": "/data/p", "type": "p", "fileMode": 416}]' \
	run_in 'stat -c "%n %F %a %u %g %t:%T" /data/full /dev/sub/b /data/p; echo x >/data/full; chown 12 /data/full && stat -c %u /data/full; ls / | tr "\n" " "; mknod /dev/own c 1 7 || echo none of its own'
is "devices: in a user namespace, with mode and owner" "$(head -n 3 <<<"$OUT")" $'/data/full character special file 660 10 11 1:7\n/dev/sub/b block special file 666 0 0 7:0\n/data/p fifo 640 0 0 0:0'
like "devices: in a user namespace, and it works" "$ERR" 'write error: No space left'
like "devices: in a user namespace, its owner can be changed in there" "$OUT" '^12$'
like "devices: in a user namespace, the root is uncovered" "$OUT" '(^| )proc '
like "devices: in a user namespace, none but those" "$OUT" 'none of its own'
is "devices: in a user namespace, none in the bundle" "$(find "$bundle/rootfs/data" -type c -o -type b)" ""
rm -f "$bundle/rootfs/data"/*
NAMESPACES=$in_user LINUX=", $own_user"', "devices": [{"path": "/dev/a", "type": "c", "major": 1, "minor": 7, "uid": 70000}]' config true
refused "a device of somebody who is not in the user namespace" 'device-sources: make device for: /dev/a: its owner 70000:0 is no id'
NAMESPACES=$in_user LINUX=", $own_user"', "devices": [{"path": "/dev/zero", "type": "c", "major": 1, "minor": 5, "uid": 1}]' \
	run_in 'grep -c " /dev/[a-z]* " /proc/mounts; head -c 3 /dev/zero | wc -c; stat -c %u /dev/null'
is "devices: in a user namespace those of every container are the host's, bound" "$OUT" $'6\n3\n65534'

# ---- what is refused --------------------------------------------------------------------------------
refuse_mount() { # TEXT REGEX ENTRY
	MOUNTS=", $3" config true
	refused "$1" "$2"
}
refuse_mount "a source that is not there" 'open_tree: /nowhere/at/all on /m: the source of the mount is not there' \
	'{"destination": "/m", "type": "bind", "source": "/nowhere/at/all"}'
refuse_mount "a source that is not there, to be shared" 'open_tree: /nowhere: the source of mount /m is not there' \
	'{"destination": "/m", "source": "/nowhere", "options": ["bind", "rshared"]}'
refuse_mount "an option that nobody knows" 'mount: /m: the file system does not know one of the options' \
	'{"destination": "/m", "type": "tmpfs", "source": "t", "options": ["flying"]}'
refuse_mount "an option that a bind mount has not" 'mounts.options: .*takes no such option \(of /m\)' \
	'{"destination": "/m", "type": "bind", "source": "/", "options": ["rbind", "flying"]}'
refuse_mount "an option that is no text" 'mounts.options: should be a list of texts' \
	'{"destination": "/m", "type": "tmpfs", "options": [1]}'
refuse_mount "a type that the kernel has not" 'mount: /m: this kernel has no file system of that type' \
	'{"destination": "/m", "type": "flyfs", "source": "t"}'
refuse_mount "no destination" 'mounts.destination: is missing' '{"type": "tmpfs"}'
refuse_mount "a mount over the root" 'mounts.destination: a mount over "/"' '{"destination": "/./", "type": "tmpfs"}'
refuse_mount "tmpcopyup of what is no tmpfs" '"tmpcopyup" is for a tmpfs only \(of /m\)' \
	'{"destination": "/m", "type": "bind", "source": "/", "options": ["rbind", "tmpcopyup"]}'
for words in uids=0-1-1 'uids=0-1;gids=0-1-1' 'uids=0-1-1;gids=0-1-1x' 'uids=0-1-4294967296;gids=0-1-1' 'uids=0-1-1;gids=0-1-1;pids=1' ''; do
	refuse_mount "idmap=$words" 'mounts.options: "idmap=" is of the form' \
		'{"destination": "/m", "type": "bind", "source": "/", "options": ["bind", "idmap='"$words"'"]}'
done
refuse_mount "idmap= of an id that the container has not" 'mounts.options: "idmap=" with "@" names an id' \
	'{"destination": "/m", "type": "bind", "source": "/", "options": ["bind", "idmap=uids=@0-1-1;gids=@0-1-1"]}'
refuse_mount "idmap without a map" 'mounts.options: "idmap" says nothing without uidMappings and gidMappings' \
	'{"destination": "/m", "type": "bind", "source": "/", "options": ["bind", "idmap"]}'
refuse_mount "a map of users without one of groups" 'mounts.gidMappings: is missing' \
	'{"destination": "/m", "type": "bind", "source": "/", "options": ["bind"], "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}'
refuse_mount "a map of nothing" 'mounts.uidMappings: has a range of size 0' \
	'{"destination": "/m", "type": "bind", "source": "/", "uidMappings": [{"containerID": 0, "hostID": 1, "size": 0}]}'
refuse_mount "a map that overlaps itself" 'map owners for mount: /m: .*overlap' \
	'{"destination": "/m", "type": "bind", "source": "/bin", "uidMappings": [{"containerID": 0, "hostID": 1, "size": 9}, {"containerID": 5, "hostID": 20, "size": 9}], "gidMappings": [{"containerID": 0, "hostID": 1, "size": 9}]}'
refuse_mount "a map for what is not bound" 'mounts.uidMappings: only what is bound' \
	'{"destination": "/m", "type": "tmpfs", "source": "t", '"$mapped"'}'
refuse_mount "a remount of nothing" 'mount MS_REMOUNT: /data: nothing is mounted there' \
	'{"destination": "/data", "type": "tmpfs", "options": ["remount", "ro"]}'
mount --make-unbindable "$WORK/share"
refuse_mount "a source that is unbindable" "open_tree: $WORK/share: the source of mount /m is unbindable" \
	'{"destination": "/m", "source": "'"$WORK/share"'", "options": ["bind", "shared"]}'
LINUX=', "rootfsPropagation": "upwards"' config true
refused "a propagation that there is not" 'linux.rootfsPropagation: is no propagation type'
refuse_mount "a file where a directory should be" 'open mount point: /bin/sh: there is a file' \
	'{"destination": "/bin/sh", "type": "tmpfs"}'

umount "$WORK/share" "$WORK/plain/sub" "$WORK/plain"
is "nothing is left to list" "$("$OCI" list -q)" ""
is "no mount is left" "$(grep -F "$WORK" /proc/self/mountinfo)" ""
done_testing
