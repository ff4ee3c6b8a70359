#!/bin/bash
# The runtime has run a bundle, and both have been measured.
cutaway check 'measure.runtime.runs >= 6' 'measure.runtime.command ~ "cutaway-oci run"' \
  'measure.engine.runs >= 6' 'measure.engine.command ~ "run --rm base true"'
