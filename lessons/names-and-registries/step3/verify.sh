#!/bin/bash
# Manifest and layer were fetched, and are the right ones.
sum() { echo "sha256:$(sha256sum < "$1" | cut -d' ' -f1)"; }
for file in manifest layer; do
  if [ ! -s "$LAB/$file" ]; then
    echo "there is no \$LAB/$file yet"
    exit 1
  fi
done
if [ "$(sum "$LAB/layer")" != "$(jq -r '.layers[0].digest' "$LAB/manifest")" ]; then
  echo "\$LAB/layer is not the layer that \$LAB/manifest names"
  exit 1
fi
cutaway check "image.localhost:5077/lab/shop:1.digest = $(sum "$LAB/manifest")"
