#!/bin/bash
# Both have been measured, often enough to say something.
cutaway check 'measure.true.runs >= 20' 'measure.true.command = true' \
  'measure.nap.runs >= 20' 'measure.nap.command ~ sleep'
