#!/bin/bash
# The head of the report has what is asked first.
for word in Distribution Kernel Package Version Upstream; do
  if ! grep -q "^$word: ." "$LAB/report" 2>/dev/null; then
    echo "\$LAB/report has no line '$word' yet"
    exit 1
  fi
done
if ! grep -qxF "Version: $(dpkg-query -W -f '${Version}' util-linux)" "$LAB/report"; then
  echo "\$LAB/report has another version of util-linux than this machine"
  exit 1
fi
