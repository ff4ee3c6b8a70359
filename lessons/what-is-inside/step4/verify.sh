#!/bin/bash
# Upon the image that works: a program that asks for too much.
cutaway check image.lab/newer 'image.lab/newer.layers = 4' \
  'image.lab/newer.layer.3 = image.lab/native.layer.3' || exit 1
if [ "$(cutaway trace --json lab/newer /guest 2>/dev/null | jq .program.starts)" != false ]; then
  echo "/guest in lab/newer asks for nothing that is not there"
  exit 1
fi
