/* One observation under way: what the readers of this directory share. Internal to kernel/observe.
 *
 * The order is fixed by what depends on what (observer.c): processes name their control groups and
 * namespaces; containers are found among processes; mounts, links and host names are read through
 * one member process of each namespace.
 *
 * Everything read here may be hostile: a process chooses its own name and arguments, a recorded
 * tree may hold anything. So each read is bounded, each parser accepts any bytes, and what is
 * missing or malformed stays unknown. Readers fail only when memory is out (-ENOMEM). */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/changes.h"
#include "kernel/observe/model.h"
#include "kernel/observe/ns_sets.h"

/* The bounds. A machine that has more is shown in part, never waited for. */
enum {
	READING_MAX_PROCESSES = 131072,
	READING_MAX_CGROUPS = 4096,
	READING_MAX_CGROUP_DEPTH = 8,  /* below ours */
	READING_MAX_NAMESPACES = 256,  /* mount and network namespaces that are looked into */
	READING_MAX_CONTAINERS = 1024, /* of ours */
	READING_MAX_HIERARCHIES = 32,  /* control group file systems */
	READING_CMDLINE_BYTES = 4096,  /* of a command line; the rest is cut */
	READING_SCRATCH = 64 * 1024,   /* the longest file of /proc/PID read in one piece */
	READING_TABLE_BYTES = 4 << 20, /* mountinfo */
	READING_STATE_BYTES = 1 << 20, /* state.json */
	READING_MAX_IMAGES = 256,
	READING_MAX_CHANGES = 100,      /* files in the upper directory of one container */
	READING_MAX_SOCKETS = 16384,    /* connected ones that have a name */
	READING_MAX_HOLDERS = 512,      /* processes whose descriptors are looked at */
	READING_MAX_DESCRIPTORS = 4096, /* of one process */
};

/* What the model does not keep of a process, beside it by index. */
struct process_extra {
	int levels;         /* numbers in NSpid: 1 = not in a pid namespace below ours */
	uint64_t cpu_ticks; /* it has used, in user space and in the kernel: proc(5), stat */
	int parent;         /* index of the parent process; -1 = none that is listed */
	pid_t ppid;
	int ns_set; /* index into ns_sets */
	/* By its name it may be: */
	bool named_daemon; /* a daemon that is known (daemons.c) */
	bool named_client; /* somebody who speaks to one (connections.c) */
	bool named_ours;   /* one of our programs (roles.c) */
	/* What became of it in this observation (roles.c): */
	bool speaks;  /* its connections are of interest */
	bool special; /* the kernel does not tell of all that it does: ours, or in a container */
};

struct reading {
	struct model *model;
	int root;          /* holds proc/ and sys/ */
	int proc;          /* its proc/ */
	int runtime;       /* holds containers/; -1 = none */
	const char *group; /* of ours: "cutaway" (kernel/base/place_name.h) */
	bool live;         /* this machine, not a recorded tree */
	bool network;      /* links are wanted */
	char *scratch;     /* READING_SCRATCH bytes */
	struct process_extra *extra;
	struct ns_sets *ns_sets; /* those that processes are in; may hold some that nobody is in */
	/* Control group paths as processes name them; becomes model->cgroups, sorted, at the end.
	 */
	struct cgroup_table *cgroups;
	/* What is kept from one observation to the next. */
	struct image_cache *images;
	struct socket_cache *sockets;
	struct listener_cache *listeners;
	struct cgroup_past *past;
	struct process_cache *table;
	const struct observer_changes *changes; /* since then; NULL = read everything */
	struct observer_changes listed;         /* the same where the list had to tell */
};

/* Reads a small file in one read(2) into the scratch, NUL-terminated. Length, or -errno. For files
 * that the kernel makes as one record (seq_file single_open), which one read gets whole. */
long reading_file(struct reading *r, int dirfd, const char *path);

/* The inode in a link such as "uts:[4026531838]"; 0 when it is not of that form. */
uint64_t reading_ns_link(int dirfd, const char *type);

/* The process's own directory, O_PATH; -1 when it is gone. Holding it, its files can not become
 * those of a later process with the same number: they give ESRCH instead. */
int reading_process_dir(const struct reading *r, pid_t pid);

/* "text of n bytes" as a string of the model's; "" when memory is out, so never NULL. */
const char *reading_string(struct reading *r, const char *text, size_t n);

/* A uid_map or gid_map of a process's directory as the model has it. */
const char *reading_id_map(struct reading *r, int dir, const char *file);

int host_read(struct reading *r);
int processes_read(struct reading *r);
/* Decides host.ns[] and fills model->namespaces. */
int namespaces_collect(struct reading *r);
int mounts_read(struct reading *r);
int cgroups_read(struct reading *r);
/* Ours out of their state files, then everybody's; marks their processes. */
int containers_read(struct reading *r);
int users_read(struct reading *r);
/* What the containers see of their control groups; wants mounts and containers. */
int cgroups_inside_read(struct reading *r);
int links_read(struct reading *r);
int routes_read(struct reading *r);
int daemons_find(struct reading *r);
/* What a program is by its name alone: it is asked when the name is read. */
bool daemons_know(const char *comm);
bool connections_know(const char *comm);
bool roles_know(const char *comm);
int measures_read(struct reading *r);
int lab_files_read(struct reading *r);
int images_read(struct reading *r);
/* connections.c: who is connected to whom; wants daemons and roles. */
int connections_read(struct reading *r);
struct socket_cache *socket_cache_new(void);
void socket_cache_free(struct socket_cache *c);
/* listeners.c: who is listened on; wants containers and roles. */
int listeners_read(struct reading *r);
struct listener_cache *listener_cache_new(void);
void listener_cache_free(struct listener_cache *c);
/* The documents of the images: read anew only when the index says so. */
struct image_cache *image_cache_new(void);
void image_cache_free(struct image_cache *c);
/* upper.c: what a container of ours has written; wants its layers and its upper directory. */
void upper_read(struct reading *r, struct model_container *c);
void roles_assign(struct reading *r);

/* A container while the list is made: what the model does not keep, beside it. */
struct container_draft {
	struct model_container container;
	pid_t monitor;  /* parent of the first process; 0 = none */
	uint64_t group; /* foreign.c: the namespace or pid that its processes have in common */
};

struct container_list {
	struct container_draft *all;
	size_t n, room;
};

/* A new draft with everything unknown, NULL when memory is out. */
struct container_draft *container_list_add(struct container_list *l);
/* Fills in what the kernel tells of a living first process: own namespaces, id maps. */
void container_describe(
        struct reading *r, struct container_draft *draft, const struct model_process *first);

/* container_state.c: appends the containers of ours that have a state file. */
int container_states_read(struct reading *r, struct container_list *l);
/* foreign.c: appends those that nobody told us about, and marks their processes. */
int foreign_find(struct reading *r, struct container_list *l);
/* hostname.c: the host name that a process of each container sees; container.hostname. */
int hostnames_read(struct reading *r, struct container_list *l);

/* cgroups.c: the index that the path of a /proc/PID/cgroup file has, before sorting; -1 = none.
 * `text` is the file's content. */
int cgroup_table_from_proc(struct cgroup_table *t, const char *text, size_t n);
int cgroup_table_add(struct cgroup_table *t, const char *path, size_t n);
const char *cgroup_table_path(const struct cgroup_table *t, size_t i);
struct cgroup_table *cgroup_table_new(const char *group);
void cgroup_table_free(struct cgroup_table *t);
