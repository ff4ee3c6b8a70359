#!/bin/bash
# The second image has all layers of the first, and one more.
cutaway check image.lab/cafe 'image.lab/cafe.layers = 4' 'image.lab/cafe.shared = 3' \
  'image.lab/cafe.layer.3 = image.lab/shop.layer.3'
