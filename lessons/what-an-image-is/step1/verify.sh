#!/bin/bash
# The archive is unpacked: the three kinds of files are there.
cutaway check image.base || exit 1
for file in base.tar image/oci-layout image/index.json image/blobs/sha256; do
  if [ ! -e "$LAB/$file" ]; then
    echo "there is no $file in \$LAB yet"
    exit 1
  fi
done
