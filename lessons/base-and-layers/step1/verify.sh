#!/bin/bash
# Two layers have been added to the one of the base.
cutaway check image.lab/shop 'image.lab/shop.layers = 3' \
  'image.lab/shop.layer.1 = image.base.layer.1'
