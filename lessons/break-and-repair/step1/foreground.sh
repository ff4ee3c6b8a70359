# shellcheck shell=bash disable=SC2086,SC2015
# The container blind, with what is wrong with it.
ct check -q container.blind || ct run -d --name blind --cap-add SYS_ADMIN --security-opt seccomp=unconfined base sh -c 'umount -l /proc; exec sleep 4801' >/dev/null
ct check -q --wait 20 '!container.blind.mount./proc'
