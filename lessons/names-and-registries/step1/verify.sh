#!/bin/bash
# base has got a full name.
cutaway check image.localhost:5077/lab/shop:1 'image.localhost:5077/lab/shop:1.layers >= 1'
