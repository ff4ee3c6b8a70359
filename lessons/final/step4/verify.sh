#!/bin/bash
# The image, the container by its digest, its powers, and who fetches from it.
tags=$(curl -s --max-time 5 localhost:5080/v2/exam/site/tags/list)
case $tags in
*'"1"'*) ;;
*)
  echo "no registry at port 5080 has exam/site:1 yet"
  exit 1
  ;;
esac
cutaway check --wait 5 'container.site = running' 'container.site.image ~ @sha256:' 'container.site.caps = 0' \
  container.site.no_new_privs container.site.seccomp 'container.probe = running' \
  'container.probe.ns.net = container.site.ns.net' || exit 1
for _ in {1..50}; do
  [ "$(cutaway exec probe wget -q -O - http://127.0.0.1:8080/ 2>/dev/null)" = passed ] && exit 0
  sleep 0.1
done
echo "probe does not get 'passed' from http://127.0.0.1:8080/"
exit 1
