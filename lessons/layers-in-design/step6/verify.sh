#!/bin/bash
# All three are measured and in the table.
cutaway check image.lab/good 'measure.good.runs >= 4' 'measure.good.command ~ "lab/good"' || exit 1
for i in bad order good; do
  if ! grep -q "^$i .* layers, .* bytes" "$LAB/table" 2>/dev/null; then
    echo "lab/$i is not in the table in \$LAB/table yet"
    exit 1
  fi
done
