#!/bin/bash
cutaway check 'container.leaf = running' container.leaf.ns.cgroup
