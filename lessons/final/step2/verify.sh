#!/bin/bash
cutaway diagram grade --quiet --task cluster || {
  echo "the diagram is not right yet: 'ct diagram grade' says what, and why"
  exit 1
}
