#!/bin/bash
# The slow one has been throttled.
cutaway check 'container.quick = running' 'container.slow = running' || exit 1
dir=$(cutaway inspect --format cgroup_dirs.cpu slow) || exit 1
throttled=$(sed -n 's/^nr_throttled //p' "$dir/cpu.stat")
if [ "${throttled:-0}" -lt 3 ]; then
  echo "the container slow has hardly been throttled ($throttled periods): give it the work of the page"
  exit 1
fi
