/* One observation: the readers in the order in which they need each other. */
#include "kernel/observe/observer.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/place_name.h"
#include "kernel/observe/cgroup_use.h"
#include "kernel/observe/process_cache.h"
#include "kernel/observe/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

struct observer {
	int root, proc;
	char *runtime;
	char suffix[PLACE_SUFFIX_SIZE], group[PLACE_GROUP_SIZE];
	bool live, network;
	uint64_t generation;
	char *scratch;
	struct image_cache *images;
	struct socket_cache *sockets;
	struct listener_cache *listeners;
	struct cgroup_past *past;
	struct ns_sets ns_sets;
	struct process_cache *table; /* NULL until somebody asks for changes alone */
};

static int find_runtime(struct observer *o, const struct observer_options *options)
{
	if (options->runtime)
		o->runtime = strdup(options->runtime);
	else if (o->live)
		return dirs_path(DIRS_RUNTIME, NULL, false, &o->runtime, NULL);
	else if (asprintf(&o->runtime, "%s/run/cutaway", options->root) < 0)
		o->runtime = NULL;
	return o->runtime ? 0 : -ENOMEM;
}

/* In a recorded tree things have the names that they had where it was recorded. */
static void name_place(struct observer *o, const char *root)
{
	size_t n = o->live ? 0 : strlen(root);
	const char *runtime = strncmp(o->runtime, root, n) != 0 ? o->runtime : o->runtime + n;

	place_suffix(runtime, o->suffix);
	place_group(runtime, o->group);
}

int observer_new(const struct observer_options *options, struct observer **ret, struct error *err)
{
	const char *root = options && options->root ? options->root : "/";
	struct observer_options chosen = options ? *options : (struct observer_options){0};
	struct observer *o = calloc(1, sizeof *o);
	int r = 0;

	if (!o)
		return error_set(err, ENOMEM, "observe", root, NULL);
	chosen.root = root;
	o->live = !strcmp(root, "/");
	o->network = !chosen.no_network;
	o->proc = -1;
	o->scratch = malloc(READING_SCRATCH);
	o->images = image_cache_new();
	o->sockets = socket_cache_new();
	o->listeners = listener_cache_new();
	o->past = cgroup_past_new();
	o->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (o->root >= 0)
		o->proc = openat(o->root, "proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (o->proc < 0) {
		r = error_set(err, errno, "observe", root, NULL);
		error_advise(err, "it must be a directory that holds proc/: / or a recorded tree");
	} else if (!o->scratch || !o->images || !o->sockets || !o->listeners || !o->past ||
	           find_runtime(o, &chosen) < 0) {
		r = error_set(err, ENOMEM, "observe", root, NULL);
	} else {
		name_place(o, root);
	}
	if (r < 0)
		observer_free(o);
	else
		*ret = o;
	return r;
}

void observer_free(struct observer *o)
{
	if (!o)
		return;
	cleanup_fd(&o->root);
	cleanup_fd(&o->proc);
	free(o->runtime);
	free(o->scratch);
	image_cache_free(o->images);
	socket_cache_free(o->sockets);
	listener_cache_free(o->listeners);
	cgroup_past_free(o->past);
	process_cache_free(o->table);
	ns_sets_release(&o->ns_sets);
	free(o);
}

static int read_everything(struct reading *r)
{
	int (*const readers[])(struct reading *) = {
	        host_read,
	        processes_read,
	        namespaces_collect,
	        mounts_read,
	        cgroups_read, /* finds its file systems in the mounts */
	        containers_read,
	        cgroups_inside_read,
	        users_read,
	        links_read,
	        routes_read,
	        daemons_find,
	        images_read,
	        measures_read,
	        lab_files_read,
	};

	int result;

	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
		bool network = readers[i] == links_read || readers[i] == routes_read;
		result = network && !r->network ? 0 : readers[i](r);
		if (result < 0)
			return result;
	}
	roles_assign(r);
	result = r->network ? listeners_read(r) : 0;
	return result < 0 ? result : connections_read(r);
}

static uint64_t milliseconds(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_nsec / 1000000;
}

static int read_model(struct observer *o, const struct observer_changes *changes,
        struct model **ret, struct error *err)
{
	auto_close runtime = open(o->runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct reading r = {
	        .model = model_new(),
	        .root = o->root,
	        .proc = o->proc,
	        .runtime = runtime,
	        .group = o->group,
	        .live = o->live,
	        .network = o->network,
	        .scratch = o->scratch,
	        .images = o->images,
	        .sockets = o->sockets,
	        .listeners = o->listeners,
	        .ns_sets = &o->ns_sets,
	        .table = o->table,
	        .changes = changes,
	        .cgroups = cgroup_table_new(o->group),
	};
	struct timespec now;
	int result = r.model && r.cgroups ? read_everything(&r) : -ENOMEM;

	if (result == 0 && o->live && clock_gettime(CLOCK_MONOTONIC, &now) == 0) {
		auto_free uint64_t *counted = cgroup_counted(&r);
		result = cgroup_past_take(o->past, r.model, counted, milliseconds(&now));
	}
	cgroup_table_free(r.cgroups);
	if (result == 0 && o->table)
		process_cache_note(o->table, &r);
	free(r.extra);
	if (result < 0) {
		process_cache_free(o->table); /* what was told is not in it */
		o->table = NULL;
		model_free(r.model);
		return error_set(err, -result, "observe", "/proc", NULL);
	}
	r.model->suffix = reading_string(&r, o->suffix, strlen(o->suffix));
	r.model->generation = ++o->generation;
	if (o->live && clock_gettime(CLOCK_REALTIME, &now) == 0)
		r.model->time_ms = milliseconds(&now);
	*ret = r.model;
	return 0;
}

int observer_read(struct observer *o, struct model **ret, struct error *err)
{
	return read_model(o, NULL, ret, err);
}

int observer_read_changed(struct observer *o, const struct observer_changes *changes,
        struct model **ret, struct error *err)
{
	if (!o->table && o->live)
		o->table = process_cache_new(); /* without memory all is read each time */
	return read_model(o, changes, ret, err);
}
