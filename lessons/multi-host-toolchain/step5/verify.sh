#!/bin/bash
# South has got both: what the tag leads to now, and what it led to before, as north has it.
digests() { XDG_DATA_HOME=$LAB/$1 cutaway images --json 2>/dev/null | jq -r '.[].digest'; }
for node in north south; do
  if [ ! -d "$LAB/$node" ]; then
    echo "the node $node has not pulled yet"
    exit 1
  fi
done
of_north=$(digests north | head -n 1)
if ! digests south | grep -qxF "$of_north"; then
  echo "the node south does not have the image of north: pull it by its digest"
  exit 1
fi
if [ "$(digests south | sort -u | wc -l)" -lt 2 ]; then
  echo "the tag leads south to the same image as north: move the tag first"
  exit 1
fi
