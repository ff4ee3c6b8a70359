# shellcheck shell=bash disable=SC2086,SC2015
# The container parent, with what is wrong with it.
ct check -q container.parent || ct run -d --name parent base sh -c 'sleep 1 & sleep 1 & sleep 1 & exec sleep 4804' >/dev/null
