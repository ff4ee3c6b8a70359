#!/bin/bash
# A note that nobody minds, a typing error that nobody tells, a type and a version that are told.
cutaway check file.noted file.typo.said file.faults file.versions || exit 1
if ! cutaway verify "$LAB/noted" >/dev/null 2>&1; then
  echo "\$LAB/noted has faults: it should have nothing but an annotation more"
  exit 1
fi
if [ "$(cat "$LAB/typo.said")" = shop ] || ! [ -s "$LAB/typo.said" ]; then
  echo "\$LAB/typo.said should have a host name, and not the one that was misspelled"
  exit 1
fi
if ! grep -q mediaType "$LAB/faults"; then
  echo "no fault of a mediaType is in \$LAB/faults"
  exit 1
fi
if ! grep -q 'ociVersion' "$LAB/versions"; then
  echo "in \$LAB/versions nobody complains about ociVersion"
  exit 1
fi
