#!/bin/bash
# The bad image is there, with all its weight.
cutaway check image.lab/bad 'image.lab/bad.layers >= 5' 'image.lab/bad.size > 8M'
