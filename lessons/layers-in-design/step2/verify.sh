#!/bin/bash
# The key has been found in the image that it was removed from.
cutaway check image.lab/bad || exit 1
if ! grep -qxF "$(cat "$LAB/app/key" 2>/dev/null || echo none)" "$LAB/stolen" 2>/dev/null; then
  echo "the key has not been found in a layer yet: it should be in \$LAB/stolen"
  exit 1
fi
