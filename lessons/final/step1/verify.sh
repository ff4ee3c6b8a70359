#!/bin/bash
# The diagram is right, and its picture was kept.
cutaway diagram grade --quiet --task single-host || {
  echo "the diagram is not right yet: 'ct diagram grade' says what, and why"
  exit 1
}
if [ ! -s "$LAB/single-host.svg" ]; then
  echo "the picture is not kept yet: ct diagram save \$LAB/single-host.svg"
  exit 1
fi
