#!/bin/bash
# The address of the service leads to both pods.
cutaway check 'container.pod2 = running' 'container.pod3 = running' || exit 1
for _ in {1..20}; do
  seen=$(for _ in 1 2 3 4; do cutaway exec pause wget -q -O - http://10.96.0.10/; done 2>/dev/null | sort -u)
  [ "$seen" = $'pod2\npod3' ] && exit 0
  sleep 0.1
done
echo "10.96.0.10 does not lead to both pods yet: it answers with '${seen//$'\n'/, }'"
exit 1
