#!/bin/bash
# Our runtime has told its version, and the image was verified.
if ! grep -Eq '^cutaway-oci 1\.' "$LAB/speaks" 2>/dev/null; then
  echo "\$LAB/speaks does not say yet which version cutaway-oci speaks"
  exit 1
fi
if [ ! -s "$LAB/verified" ]; then
  echo "the image base was not verified yet: ct verify base | tee \$LAB/verified"
  exit 1
fi
