#!/bin/bash
# Both have been built again after a change, several times.
cutaway check image.lab/order 'measure.bad.runs >= 4' 'measure.bad.command ~ "lab/bad"' \
  'measure.order.runs >= 4' 'measure.order.command ~ "lab/order"'
