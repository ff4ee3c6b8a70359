#!/bin/bash
# The copy has the digest of the original, and was run from the bundle that umoci made of it.
cutaway check file.copy file.unpacked file.said || exit 1
digest() { jq -r '.manifests[0].digest' "$LAB/$1/index.json" 2>/dev/null; }
if [ -z "$(digest copy)" ] || [ "$(digest copy)" != "$(digest layout)" ]; then
  echo "the copy is not the image of \$LAB/layout"
  exit 1
fi
if [ "$(jq -r .hostname "$LAB/unpacked/config.json" 2>/dev/null)" != "$(cat "$LAB/said")" ]; then
  echo "the bundle in \$LAB/unpacked was not run, or has said something else than its hostname"
  exit 1
fi
