#!/bin/bash
# A compressed tar, and a configuration that names its sum.
cd "$LAB/mine" 2>/dev/null || { echo "there is no directory \$LAB/mine yet"; exit 1; }
if ! gzip -t layer.tar.gz 2>/dev/null; then
  echo "there is no layer.tar.gz yet"
  exit 1
fi
id=sha256:$(gzip -dc layer.tar.gz | sha256sum | cut -d' ' -f1)
if [ "$(jq -r '.rootfs.diff_ids[0]' config.json 2>/dev/null)" != "$id" ]; then
  echo "the diff id in config.json is not the sum of layer.tar"
  exit 1
fi
