# shellcheck shell=bash disable=SC2086,SC2015
# The container scribe, with what is wrong with it.
echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_KILL_PROCESS", "names": ["mkdir", "mkdirat"]}]}' > $LAB/filter.json
ct check -q container.scribe || ct run -d --name scribe --security-opt seccomp=$LAB/filter.json base sh -c 'mkdir -p /srv/spool && exec sleep 4806' >/dev/null
ct check -q --wait 20 'container.scribe = exited'
