#!/bin/bash
# It was there to be compared, and has been ended.
cutaway check 'container.guarded = exited'
