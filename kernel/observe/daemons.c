/* The daemons that people mean when they say "the container engine", by the name of their program,
 * and the socket on which each is spoken to. */
#include "kernel/observe/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct known {
	const char *comm;     /* as the kernel keeps it: cut after 15 bytes */
	const char *argument; /* must stand in the command line; NULL = no matter */
	const char *name, *label, *socket;
} known[] = {
        {"systemd", "/init", "systemd", "system and service manager", "/run/systemd/private"},
        {"dockerd", NULL, "dockerd", "Docker engine", "/run/docker.sock"},
        {"containerd", NULL, "containerd", "containerd, a container manager",
                "/run/containerd/containerd.sock"},
        {"containerd-shim", NULL, "containerd-shim", "keeps one container for containerd", ""},
        {"docker-proxy", NULL, "docker-proxy", "forwards a published port", ""},
        {"docker-containe", NULL, "docker-containerd", "containerd, a container manager", ""},
        {"podman", "system service", "podman", "Podman's API service", "/run/podman/podman.sock"},
        {"conmon", NULL, "conmon", "keeps one container for Podman or CRI-O", ""},
        {"crio", NULL, "crio", "CRI-O, a container manager for Kubernetes", "/run/crio/crio.sock"},
        {"buildkitd", NULL, "buildkitd", "builds images", "/run/buildkit/buildkitd.sock"},
        {"kubelet", NULL, "kubelet", "Kubernetes' agent on this machine", ""},
        {"kube-proxy", NULL, "kube-proxy", "Kubernetes' service addresses", ""},
        {"lxc-monitord", NULL, "lxc-monitord", "watches LXC containers", ""},
        {"lxd", NULL, "lxd", "LXD, a container manager", "/var/lib/lxd/unix.socket"},
        {"docker-registry", NULL, "registry", "serves images to engines", ""},
        {"registry", "serve", "registry", "serves images to engines", ""},
        {"cutaway", "cutaway registry", "registry", "serves the images of this lab", ""},
        {"cutaway-lab", "cutaway registry", "registry", "serves the images of this lab", ""},
        {"incusd", NULL, "incusd", "Incus, a container manager", "/run/incus/unix.socket"},
};

/* Nearly all processes are none of them: their first two letters tell. */
static bool may_be_known(const char *comm)
{
	static const bool first[256] = {['s'] = true,
	        ['d'] = true,
	        ['c'] = true,
	        ['p'] = true,
	        ['b'] = true,
	        ['k'] = true,
	        ['l'] = true,
	        ['r'] = true,
	        ['i'] = true};
	static const char second[] = "yoruexnt";

	return first[(unsigned char)comm[0]] && strchr(second, comm[1]);
}

bool daemons_know(const char *comm)
{
	for (size_t i = 0; may_be_known(comm) && i < sizeof known / sizeof *known; i++)
		if (!strcmp(comm, known[i].comm))
			return true;
	return false;
}

static const struct known *find(const struct model_process *p)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(p->comm, known[i].comm) &&
		        (!known[i].argument || p->pid == 1 ||
		                strstr(p->cmdline, known[i].argument)))
			return &known[i];
	return NULL;
}

static bool describe(const struct model_process *p, struct model_daemon *d)
{
	const struct known *k = p->container < 0 ? find(p) : NULL;

	if (k)
		*d = (struct model_daemon){.name = k->name, .label = k->label, .socket = k->socket};
	else if (p->pid == 1)
		*d = (struct model_daemon){
		        .name = p->comm, .label = "init, the first process", .socket = ""};
	else
		return false;
	return p->role != ROLE_KERNEL_THREAD;
}

static int by_name(const void *a, const void *b)
{
	const struct model_daemon *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->process > y->process) - (x->process < y->process);
}

/* Processes are by number, so the first one is the first. */
static bool may_be_daemon(const struct reading *r, size_t i)
{
	return r->extra[i].named_daemon || (i == 0 && r->model->processes[0].pid == 1);
}

int daemons_find(struct reading *r)
{
	struct model *m = r->model;
	struct model_daemon found;
	size_t n = 0;

	for (size_t i = 0; i < m->n_processes; i++)
		n += may_be_daemon(r, i);
	m->daemons = arena_alloc(&m->arena, (n + 1) * sizeof *m->daemons);
	if (!m->daemons)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_processes; i++) {
		if (!may_be_daemon(r, i) || !describe(&m->processes[i], &found))
			continue;
		found.process = (int)i;
		m->daemons[m->n_daemons++] = found;
		m->processes[i].role = ROLE_DAEMON;
	}
	qsort(m->daemons, m->n_daemons, sizeof *m->daemons, by_name);
	return 0;
}
