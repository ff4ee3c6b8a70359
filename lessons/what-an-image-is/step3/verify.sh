#!/bin/bash
# The three links lead to where the digests say.
cd "$LAB/image" || exit 1
leads() { # LINK FILE EXPRESSION
  digest=$(jq -r "$3" "$2" 2>/dev/null)
  if [ ! -L "$1" ] || [ "$(readlink "$1")" != "blobs/sha256/${digest#sha256:}" ]; then
    echo "\$LAB/image/$1 does not lead to the blob of the $1 yet"
    exit 1
  fi
}
leads manifest index.json '.manifests[0].digest'
leads config manifest '.config.digest'
leads layer manifest '.layers[0].digest'
