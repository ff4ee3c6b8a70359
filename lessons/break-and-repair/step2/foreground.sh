# shellcheck shell=bash disable=SC2086,SC2015
# A process in a user namespace of its own, with a map that somebody got wrong.
pgrep -u "$(id -u)" -fx 'sleep 4802' >/dev/null || (unshare --user sleep 4802 &)
for _ in {1..100}; do p=$(pgrep -n -u "$(id -u)" -fx 'sleep 4802') && [ "$(readlink /proc/$p/ns/user)" != "$(readlink /proc/$$/ns/user)" ] && break; sleep 0.1; done
[ -s /proc/$p/uid_map ] && [ -n "$(cat /proc/$p/uid_map)" ] || { echo "1000 $(id -u) 1" > /proc/$p/uid_map; }
mkdir -p $LAB/data
