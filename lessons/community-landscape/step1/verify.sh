#!/bin/bash
# The list is there, and right about the two that every machine has.
for program in unshare nsenter; do
  if ! grep -qx "$program util-linux" "$LAB/owners" 2>/dev/null; then
    echo "\$LAB/owners does not say yet that $program is of util-linux"
    exit 1
  fi
done
