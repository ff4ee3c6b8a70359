#!/bin/bash
# The slow one has been throttled. Once is proof; where all processors are busy with other things, it
# hardly gets what it may have, and that is seldom.
cutaway check 'container.quick = running' 'container.slow = running' || exit 1
dir=$(cutaway inspect --format cgroup_dirs.cpu slow) || exit 1
throttled=$(sed -n 's/^nr_throttled //p' "$dir/cpu.stat")
if [ "${throttled:-0}" -lt 1 ]; then
  echo "the container slow has not been throttled: give it the work of the page"
  exit 1
fi
