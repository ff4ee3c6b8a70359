#!/bin/bash
# It was there, and has been ended.
cutaway check 'container.queue = exited'
