#!/bin/bash
# The whole file is in the upper directory, both ways were measured, and a container has the volume.
size=$(stat -c %s "$LAB/up/big" 2>/dev/null)
if [ "${size:-0}" -le 16777216 ]; then
  echo "there is no whole copy of the file in \$LAB/up yet"
  exit 1
fi
cutaway check 'measure.layer.command ~ "mount -t overlay"' 'measure.layer.runs >= 6' \
  'measure.volume.command ~ "mount --bind"' 'measure.volume.runs >= 6' \
  'container.shop = running' container.shop.mount./data || exit 1
if [ "$(cat "$LAB/low/book" 2>/dev/null)" != sold ]; then
  echo "the container shop has not written the word 'sold' to /data/book yet"
  exit 1
fi
