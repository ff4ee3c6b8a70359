#!/bin/bash
# The program in the image is for another machine than the image says.
cutaway check image.lab/foreign 'image.lab/foreign.layers = 2' \
  'image.lab/foreign.platform = image.base.platform' || exit 1
if [ "$(cutaway trace --json lab/foreign /guest 2>/dev/null | jq .program.starts)" != false ]; then
  echo "/guest in lab/foreign is for this machine"
  exit 1
fi
