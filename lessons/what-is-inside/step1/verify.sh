#!/bin/bash
cutaway check 'container.inside = running' 'container.inside.image = base'
