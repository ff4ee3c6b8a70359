#!/bin/bash
# Each of the four is under the right roof.
while read -r program roof; do
  if ! grep -qx "$program $roof" "$LAB/roofs" 2>/dev/null; then
    echo "\$LAB/roofs does not have the right roof of $program yet"
    exit 1
  fi
done <<'END'
runc oci
containerd cncf
dockerd none
unshare kernel
END
