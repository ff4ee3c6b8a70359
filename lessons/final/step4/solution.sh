# shellcheck shell=bash disable=SC2086
# One way to do it.
ct registry --detach --port 5080 --store $LAB/registry --pid-file $LAB/registry.pid
mkdir -p $LAB/site; printf 'FROM base\nRUN mkdir -p /srv && echo passed > /srv/index.html\n' > $LAB/site/Containerfile
ct build -t localhost:5080/exam/site:1 $LAB/site && ct push localhost:5080/exam/site:1
name=localhost:5080/exam/site@$(ct inspect --format digest localhost:5080/exam/site:1)
ct pull $name
ct run -d --name site --cap-drop ALL $name httpd -f -p 8080 -h /srv
ct run -d --name probe --network container:site base sleep 5201
