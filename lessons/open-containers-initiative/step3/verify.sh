#!/bin/bash
# The calls that all three make, with the end of every run in it.
cutaway check file.common || exit 1
for call in mount execve; do
  if ! grep -qx $call "$LAB/common"; then
    echo "\$LAB/common does not have $call: are all three records there?"
    exit 1
  fi
done
