#!/bin/bash
# It runs, and there is a gap in what it has written.
cutaway check 'container.pulse = running' '!container.pulse.cgroup.frozen' || exit 1
if ! cutaway logs pulse | awk 'NR > 1 && $1 - last >= 3 { gap = 1 } { last = $1 } END { exit !gap }'; then
  echo "pulse has not been frozen for 3 seconds yet: there is no gap between its lines"
  exit 1
fi
