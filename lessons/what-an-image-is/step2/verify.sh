#!/bin/bash
# Every name has been compared with its sum; the changed copy is there.
if [ ! -s "$LAB/sums" ] || ! awk '$1 != $2 { exit 1 }' "$LAB/sums"; then
  echo "\$LAB/sums does not list the sums of the blobs yet"
  exit 1
fi
if [ ! -e "$LAB/changed.tar" ]; then
  echo "there is no changed.tar in \$LAB yet"
  exit 1
fi
blob() { # EXPRESSION FILE: the path of the blob whose digest stands there
  jq -r "$1 | sub(\":\"; \"/\") | \"blobs/\" + ." "$2"
}
cd "$LAB/image" || exit 1
layer=$(blob '.layers[0].digest' "$(blob '.manifests[0].digest' index.json)")
if cmp -s "$layer" "$LAB/changed/$layer"; then
  echo "the layer in \$LAB/changed is still the right one"
  exit 1
fi
