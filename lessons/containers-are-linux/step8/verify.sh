#!/bin/bash
cutaway check '!container.hand' '!container.red' '!container.green' '!container.blue'
