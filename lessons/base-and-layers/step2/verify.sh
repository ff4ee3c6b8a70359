#!/bin/bash
# The layers have been listed, the two files each in its own.
cutaway check image.lab/shop || exit 1
found=$(grep -cxE '(\./)?(hours|colour)' "$LAB/contents" 2>/dev/null)
if [ "${found:-0}" != 2 ] || [ "$(grep -c '^== ' "$LAB/contents")" != 3 ]; then
  echo "the contents of the three layers are not listed in \$LAB/contents yet"
  exit 1
fi
