# shellcheck shell=bash disable=SC2086,SC2015
# The container web, with what is wrong with it.
ct check -q container.web || ct run -d --name web --cap-drop NET_BIND_SERVICE base httpd -f -p 80 -h /etc >/dev/null
ct check -q --wait 20 'container.web = exited'
