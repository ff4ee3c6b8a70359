#!/bin/bash
# The image has a program that cannot start there.
cutaway check image.lab/alien 'image.lab/alien.layers = 2' \
  'image.lab/alien.layer.1 = image.base.layer.1' || exit 1
starts=$(cutaway trace --json lab/alien /guest 2>/dev/null | jq .program.starts)
if [ "$starts" != false ]; then
  echo "/guest in lab/alien should be a program with libraries that are not there"
  exit 1
fi
