#!/bin/bash
# It serves on port 80, with the power for it and no others.
cutaway check --wait 5 'container.web = running' container.web.cap.net_bind_service \
  'container.web.cap.sys_admin = no' || exit 1
for _ in {1..50}; do
  cutaway exec web wget -q -O /dev/null http://127.0.0.1/passwd 2>/dev/null && exit 0
  sleep 0.1
done
echo "nothing answers at port 80 in the container web"
exit 1
