#include "shell/watch/layer.h"

#include "shell/watch/who.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const watch_layer_names[WATCH_LAYERS] = {
        "client", "daemon", "shim", "runtime", "container"};

enum watch_layer watch_layer_of(const char *name, bool inside)
{
	/* How their names begin; the longer one first. */
	static const struct {
		const char *name;
		enum watch_layer layer;
	} known[] = {{"containerd-shim", LAYER_SHIM}, {"shim", LAYER_SHIM}, {"conmon", LAYER_SHIM},
	        {"containerd", LAYER_DAEMON}, {"dockerd", LAYER_DAEMON}, {"crio", LAYER_DAEMON},
	        {"systemd-nspawn", LAYER_RUNTIME}, {"systemd", LAYER_DAEMON},
	        {"dbus-daemon", LAYER_DAEMON}, {"runc", LAYER_RUNTIME}, {"crun", LAYER_RUNTIME},
	        {"youki", LAYER_RUNTIME}, {"cutaway-oci", LAYER_RUNTIME}, {"bwrap", LAYER_RUNTIME},
	        {"unshare", LAYER_RUNTIME}, {"lxc-", LAYER_RUNTIME}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strncmp(name, known[i].name, strlen(known[i].name)))
			return known[i].layer;
	return inside ? LAYER_CONTAINER : LAYER_CLIENT;
}

bool watch_is_our_start(const struct watch_event *e)
{
	return e->kind == WATCH_CALL && !strcmp(e->comm, "cutaway") &&
	       !strncmp(e->name, "execve", 6);
}

struct alive {
	pid_t pid;
	enum watch_layer layer;
};

struct sweep {
	struct alive *alive; /* that were seen to begin, and have not ended */
	size_t n;
	size_t of_layer[WATCH_LAYERS];
	bool asked; /* a daemon */
};

static enum watch_layer deepest(const struct sweep *s)
{
	for (enum watch_layer l = LAYER_CONTAINER; l > LAYER_CLIENT; l--)
		if (s->of_layer[l] || (l == LAYER_DAEMON && s->asked))
			return l;
	return LAYER_CLIENT;
}

static void put(struct sweep *s, pid_t pid, enum watch_layer layer)
{
	size_t i = 0;

	while (i < s->n && s->alive[i].pid != pid)
		i++;
	if (i < s->n)
		s->of_layer[s->alive[i].layer]--;
	else
		s->n++;
	s->alive[i] = (struct alive){pid, layer};
	s->of_layer[layer]++;
}

static void take_away(struct sweep *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->alive[i].pid == pid) {
			s->of_layer[s->alive[i].layer]--;
			s->alive[i] = s->alive[--s->n];
			return;
		}
}

static bool is_alive(const struct sweep *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->alive[i].pid == pid)
			return true;
	return false;
}

static void event(struct sweep *s, const struct watch_event *e, const struct who *who, size_t i,
        struct watch_times *times)
{
	bool inside = who_is_inside(who, i);
	enum watch_layer layer = watch_layer_of(who_of(who, i), inside);
	bool becomes = e->kind == WATCH_CALL && !strncmp(e->name, "execve", 6) && !*e->failure;

	if (e->kind == WATCH_CALL && !watch_is_our_start(e))
		times->calls[layer] += e->us;
	/* The command line of a runtime is told as an API too, and asks no daemon. */
	if (e->kind == WATCH_API && strcmp(e->name, "oci") != 0)
		s->asked = true;
	if (e->kind == WATCH_START)
		put(s, e->pid, layer);
	else if (e->kind == WATCH_END)
		take_away(s, e->pid);
	else if (becomes && (is_alive(s, e->pid) || who_is_you(who, i)))
		put(s, e->pid, watch_layer_of(who_after(who, i), inside));
}

int watch_times(const struct watch_recording *r, struct watch_times *ret)
{
	struct who *who = who_new(r);
	struct sweep s = {.alive = calloc(r->n + 1, sizeof *s.alive)};
	struct watch_times times = {0};

	if (!who || !s.alive) {
		who_free(who);
		free(s.alive);
		return -ENOMEM;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct watch_event *e = &r->events[i];
		if (e->t > times.whole) {
			times.layers[deepest(&s)] += e->t - times.whole;
			times.whole = e->t;
		}
		event(&s, e, who, i, &times);
	}
	free(s.alive);
	who_free(who);
	*ret = times;
	return 0;
}
