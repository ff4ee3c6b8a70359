# shellcheck shell=bash disable=SC2086,SC2015
# The container full, with what is wrong with it.
ct check -q container.full || ct run -d --name full --cap-add SYS_ADMIN --security-opt seccomp=unconfined base sh -c 'mount -t tmpfs -o size=1m,nr_inodes=16 tmpfs /tmp; i=0; while touch /tmp/session.$i 2>/dev/null; do i=$((i+1)); done; exec sleep 4803' >/dev/null
for _ in {1..200}; do [ "$(ps -o comm= -p "$(ct inspect --format pid full)")" = sleep ] && break; sleep 0.1; done
