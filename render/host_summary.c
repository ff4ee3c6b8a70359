/* The whole machine in a handful of lines. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/host.h"

static const char *plural(struct scene *s, size_t n, const char *thing)
{
	return scene_format(s, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

static size_t new_namespaces(const struct host *h)
{
	size_t n = 0;

	for (size_t i = 0; h->before && i < h->now->n_namespaces; i++)
		n += mark_namespace(h->before, h->now->namespaces[i].type,
		             h->now->namespaces[i].inode) != MARK_NONE;
	return n;
}

void host_summary(const struct host *h)
{
	struct scene *s = h->s;
	size_t fresh = new_namespaces(h), threads = 0;
	struct card lines = {0};
	int y = 0;

	for (size_t i = 0; i < h->now->n_processes; i++)
		threads += h->now->processes[i].role == ROLE_KERNEL_THREAD;
	card_say(s, &lines, plural(s, h->n_containers, "container"), SCENE_CONTAINER, MARK_NONE);
	if (h->in->n_wants)
		card_say(s, &lines, scene_format(s, "%zu still to come", h->in->n_wants), SCENE_DIM,
		        MARK_GHOST);
	if (fresh)
		card_say(s, &lines, plural(s, fresh, "new namespace"), SCENE_NAMESPACE_NET,
		        MARK_CHANGED);
	card_say(s, &lines, plural(s, h->now->n_namespaces, "namespace"), SCENE_NAMESPACE_NET,
	        MARK_NONE);
	for (size_t i = 0; i < h->n_containers && i < 20; i++)
		card_say(s, &lines,
		        scene_format(s, "%s: %s", scene_clean(s, h->containers[i]->name),
		                describe_status(s, h->containers[i])),
		        SCENE_CONTAINER, mark_container(h->before, h->containers[i]));
	card_say(s, &lines, plural(s, h->now->n_daemons, "daemon"), SCENE_DAEMON, MARK_NONE);
	card_say(s, &lines, scene_format(s, "%zu processes", h->now->n_processes - threads),
	        SCENE_PROCESS, MARK_NONE);
	card_say(s, &lines, plural(s, h->now->n_cgroups, "control group"), SCENE_CGROUP, MARK_NONE);
	for (size_t i = 0; i < lines.n_lines && y < s->height; i++) {
		const struct card_span *span = &lines.lines[i].spans[0];
		int x = span->mark == MARK_NONE ? 1 : 0; /* marks stand in the margin */
		scene_add_text(s, &(struct scene_text){s->width > 1 ? x : 0, y++, s->width,
		                          span->text, span->role, span->mark});
	}
}
