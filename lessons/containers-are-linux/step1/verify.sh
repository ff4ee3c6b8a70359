#!/bin/bash
# Three containers run, and the host sees each first process.
cutaway check 'container.red = running' 'container.green = running' 'container.blue = running'
