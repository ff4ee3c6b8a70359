#!/bin/bash
# Both engines have been measured, and the image that was made for it is gone.
cutaway check 'measure.docker.runs >= 5' 'measure.docker.command ~ "docker run"' \
  'measure.ours.runs >= 5' 'measure.ours.command ~ "run --rm base true"' || exit 1
if docker image inspect cutaway-measure >/dev/null 2>&1; then
  echo "the image cutaway-measure is still there: docker rmi cutaway-measure"
  exit 1
fi
