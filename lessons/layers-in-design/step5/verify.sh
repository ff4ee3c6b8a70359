#!/bin/bash
# One small layer upon the base, and the context keeps its film for itself.
cutaway check image.lab/good 'image.lab/good.layers = 2' \
  'image.lab/good.layer.1 = image.base.layer.1' 'image.lab/good.size < image.lab/bad.size' || exit 1
if ! grep -q 'party' "$LAB/app/.containerignore" 2>/dev/null; then
  echo "there is no .containerignore in \$LAB/app that names the film yet"
  exit 1
fi
