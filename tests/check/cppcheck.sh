#!/usr/bin/env bash
# cppcheck as we use it: cppcheck.sh FILE-OR-DIRECTORY...
# Not asked about, with the reason:
#   leaks: it does not know the cleanup attribute (auto_free, auto_close); the sanitizers do
#   uninitvar, arrayIndexThenCheck: it loses track of arrays filled by a function or bounded by a
#     count; both compilers and the sanitizers know better
#   internalAstError: its own trouble with __typeof__ in steal_ptr()
# The macro that names a section of a program for the kernel, and the macros of jansson as one expression: a semicolon would end the -D.
exec cppcheck --quiet --std=c11 --enable=warning,portability --error-exitcode=1 --inline-suppr \
	--suppress=memleak --suppress=resourceLeak --suppress=memleakOnRealloc \
	--suppress=uninitvar --suppress=legacyUninitvar --suppress=arrayIndexThenCheck --suppress=internalAstError \
	-D'SEC(name)=' \
	-D'json_array_foreach(array,index,value)=while((value=json_array_get(array,index++)))' \
	-D'json_object_foreach(object,key,value)=while((value=json_object_get(object,key)))' \
	-j "$(nproc)" -I. "$@"
