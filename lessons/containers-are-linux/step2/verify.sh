#!/bin/bash
# The container is planned, or further.
cutaway check container.hand
