#!/bin/bash
# The image knows the package of its C library.
cutaway check image.lab/known 'image.lab/known.layers = 4' \
  'image.lab/known.layer.3 = image.lab/native.layer.3' || exit 1
if ! cutaway trace lab/known /guest | grep -q ' libc6\| glibc\| libc-bin'; then
  echo "the C library in lab/known is of no package yet"
  exit 1
fi
