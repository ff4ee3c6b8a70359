#!/bin/bash
# A fourth layer upon the three, with a whiteout in it.
cutaway check image.lab/changed 'image.lab/changed.layers = 4' \
  'image.lab/changed.layer.3 = image.lab/shop.layer.3' || exit 1
if ! grep -q '\.wh\.colour$' "$LAB/top" 2>/dev/null; then
  echo "the topmost layer of lab/changed has not been listed to \$LAB/top yet"
  exit 1
fi
