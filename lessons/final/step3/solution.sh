# shellcheck shell=bash disable=SC2086
# Out of the record, as a person reads it out of the picture.
ct watch -q -o $LAB/run.jsonl -- ct run --rm base true
pid=$(jq -r 'select(.call == "execve" and (.args | startswith("\"/bin/true\""))) | .pid' $LAB/run.jsonl)
printf '%s\n' 'born clone3' 'root pivot_root' 'filter seccomp' 'end execve' 'namespaces 7' "pid $pid" > $LAB/answers
