#!/usr/bin/env bash
# cppcheck as we use it: cppcheck.sh FILE-OR-DIRECTORY...
# It does not know the cleanup attribute (auto_free, auto_close), so it is not asked about leaks;
# the sanitizer build is.
exec cppcheck --quiet --std=c11 --enable=warning,portability --error-exitcode=1 --inline-suppr \
	--suppress=memleak --suppress=resourceLeak -j "$(nproc)" -I. "$@"
