#!/bin/bash
# The tag leads elsewhere than before, and the old manifest is still there.
accept='Accept: application/vnd.oci.image.manifest.v1+json'
old=$(cat "$LAB/digest" 2>/dev/null)
if [ -z "$old" ]; then
  echo "the digest is not written down in \$LAB/digest yet"
  exit 1
fi
if ! curl -sf --max-time 5 -H "$accept" -o /dev/null "localhost:5077/v2/lab/shop/manifests/$old"; then
  echo "the registry has no lab/shop with the digest in \$LAB/digest"
  exit 1
fi
now=sha256:$(curl -s --max-time 5 -H "$accept" localhost:5077/v2/lab/shop/manifests/1 | sha256sum | cut -d' ' -f1)
if [ "$now" = "$old" ]; then
  echo "the tag 1 of the registry still leads to the old image"
  exit 1
fi
