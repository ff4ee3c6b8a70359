#!/bin/bash
# The copy has the digest of the original.
cutaway check image.localhost:5077/lab/copy:by-skopeo \
  'image.localhost:5077/lab/copy:by-skopeo.digest = image.localhost:5077/lab/shop:1.digest'
