#!/bin/bash
# The answers are those of the learner's own record.
if [ ! -s "$LAB/run.jsonl" ]; then
  echo "there is no record \$LAB/run.jsonl yet"
  exit 1
fi
pid=$(cutaway watch --replay "$LAB/run.jsonl" --level all | awk '/execve\("\/bin\/true"/ { pid = $2 } END { print pid }')
status=0
while read -r word right also; do
  said=$(sed -n "s/^$word  *//p" "$LAB/answers" 2>/dev/null | tail -n 1)
  said=${said%"()"}
  if [ -z "$said" ]; then
    echo "\$LAB/answers says nothing about '$word' yet"
    status=1
  elif [ "$said" != "$right" ] && [ "$said" != "$also" ]; then
    echo "'$word' is not '$said': look at the record again"
    status=1
  fi
done <<END
born clone3 clone
root pivot_root
filter seccomp prctl
end execve
namespaces 7 seven
pid $pid
END
exit $status
