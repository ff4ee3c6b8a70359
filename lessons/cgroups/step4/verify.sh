#!/bin/bash
# The crowd was started and stopped by its limit, and was ended.
cutaway check 'container.crowd = exited'
