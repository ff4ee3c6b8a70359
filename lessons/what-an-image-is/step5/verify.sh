#!/bin/bash
# The files are unpacked, and the same tar is there compressed another way.
if [ ! -x "$LAB/files/bin/busybox" ]; then
  echo "the layer is not unpacked to \$LAB/files yet"
  exit 1
fi
wanted=$(jq -r '.rootfs.diff_ids[0]' "$LAB/image/config")
if [ "sha256:$(gzip -dc "$LAB/again" 2>/dev/null | sha256sum | cut -d' ' -f1)" != "$wanted" ]; then
  echo "\$LAB/again is not the same tar, compressed again, yet"
  exit 1
fi
if cmp -s "$LAB/again" "$LAB/image/layer"; then
  echo "\$LAB/again is compressed in the same way as the layer"
  exit 1
fi
