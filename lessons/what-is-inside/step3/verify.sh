#!/bin/bash
# All that the program needs is there, and it has run to its end.
cutaway check image.lab/native 'container.native = exited' 'container.native.exit = 0' \
  'container.native.image ~ lab/native' || exit 1
if [ "$(cutaway trace --json lab/native /guest 2>/dev/null | jq .program.starts)" != true ]; then
  echo "something that /guest needs is missing in lab/native"
  exit 1
fi
