#!/bin/bash
# A document of each of the three.
cutaway check file.bundle file.layout file.v2 || exit 1
if ! jq -e .ociVersion "$LAB/bundle/config.json" >/dev/null 2>&1; then
  echo "there is no config.json in \$LAB/bundle yet, or it names no version"
  exit 1
fi
if ! jq -e .imageLayoutVersion "$LAB/layout/oci-layout" >/dev/null 2>&1; then
  echo "\$LAB/layout is no image layout yet"
  exit 1
fi
if ! grep -q '^HTTP/1.1 200' "$LAB/v2"; then
  echo "no registry has answered with 200 yet"
  exit 1
fi
