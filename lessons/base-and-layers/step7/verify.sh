#!/bin/bash
cutaway check '!container.one' '!container.two' '!image.lab/shop' '!image.lab/changed' \
  image.lab/cafe 'image.lab/cafe.layers = 4'
