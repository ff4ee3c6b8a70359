/* The machine as it was read at one moment: plain data, no behaviour, no descriptors.
 *
 * Written by kernel/observe, read by the checks and by render (which includes only this header).
 * Every string and array belongs to the model's arena and dies with it. Strings are never NULL
 * unless said; they hold the bytes of the machine unfiltered: whoever shows them cleans them.
 * Ids are stable from one model to the next: namespace = type + inode, process = pid + start time,
 * cgroup = path, mount = mount id, container = name. */
#pragma once

#include "kernel/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* namespaces(7), in the order lessons meet them. */
enum ns_type { NS_USER, NS_PID, NS_MNT, NS_UTS, NS_IPC, NS_NET, NS_CGROUP, NS_TIME, NS_COUNT };

/* "user", "pid", "mnt", …: the file names in /proc/PID/ns. */
extern const char *const ns_names[NS_COUNT];

#define MODEL_NO_LIMIT UINT64_MAX       /* "max" in cgroup v2 */
#define MODEL_UNKNOWN  (UINT64_MAX - 1) /* not readable, or the controller is not there */

enum process_role {
	ROLE_REGULAR,
	ROLE_KERNEL_THREAD,
	ROLE_DAEMON,        /* a well-known engine daemon or init; see daemons */
	ROLE_CONTAINERIZED, /* its pid or mount+uts namespace is not the initial one */
	ROLE_LAB,           /* ours: stage, shell, monitor, and the learner's bash */
};

struct model_process {
	pid_t pid, ppid;
	uint64_t start_time; /* clock ticks since boot, proc(5) field 22 */
	uid_t uid;           /* effective, as the host sees it */
	int64_t ns_uid;      /* the same in its own user namespace; -1 = it has no name there */
	const char *comm;
	const char *cmdline;   /* arguments joined by spaces; comm in brackets for kernel threads */
	uint64_t ns[NS_COUNT]; /* inode; 0 = not readable */
	pid_t ns_pid;          /* pid in the innermost pid namespace (NSpid, last) */
	uint64_t cap_effective, cap_bounding;
	int seccomp; /* 0 none, 1 strict, 2 filter */
	int seccomp_filters;
	bool no_new_privs;
	char state; /* R S D Z T … */
	enum process_role role;
	int cgroup;    /* index into cgroups, -1 = unknown */
	int container; /* index into containers, -1 = none */
};

struct model_namespace {
	enum ns_type type;
	uint64_t inode;
	bool initial; /* the one that the observer's host processes live in */
	size_t processes;
	pid_t first_pid; /* lowest pid in it */
};

/* What things in a control group wait for. */
enum pressure { PRESSURE_CPU, PRESSURE_MEMORY, PRESSURE_IO, PRESSURE_COUNT };

/* One look at a control group. */
struct model_use {
	uint64_t cpu_rate; /* as below */
	uint64_t memory;   /* bytes */
};

enum { MODEL_PAST = 24 }; /* looks that are kept of a group */

/* One control group by path; on v1 and hybrid machines the same path in several hierarchies is
 * one entry. Bytes, microseconds, counts; MODEL_NO_LIMIT and MODEL_UNKNOWN as above. */
struct model_cgroup {
	const char *path;        /* "/cutaway/hand"; "/" = root */
	const char *controllers; /* "memory pids": where this group exists or what it has enabled */
	bool ours;               /* below a group named "cutaway" */
	size_t processes;        /* directly in it */
	uint64_t memory_current, memory_max;
	uint64_t pids_current, pids_max;
	uint64_t cpu_usage_us, cpu_quota_us, cpu_period_us;
	bool frozen;
	uint64_t io_read, io_written; /* bytes from and to devices, ever */
	/* Of the last ten seconds those in which something in it waited: hundredths of a percent.
	 * Told by cgroup v2 only. */
	uint64_t pressure[PRESSURE_COUNT];
	/* Between the last two looks, which are a second apart or more: microseconds of processor
	 * time and bytes a second. MODEL_UNKNOWN before the second one. */
	uint64_t cpu_rate, io_rate;
	const struct model_use *past; /* the looks, the oldest first; at most MODEL_PAST */
	size_t n_past;
};

struct model_mount {
	int id, parent_id;
	uint64_t mnt_ns; /* inode of the mount namespace it was read in */
	const char *source, *target, *fstype, *options; /* options: super options */
	const char *root;   /* which directory of its file system is mounted: "/" = all of it */
	const char *device; /* "8:1": mounts of one file system have the same; "" = not told */
	const char *propagation; /* "shared", "slave", "private", "unbindable" */
};

struct model_link {
	uint64_t net_ns;
	int index;
	const char *name;
	const char *kind;      /* "veth", "bridge", "loopback", "" = not told */
	const char *addresses; /* "127.0.0.1/8 ::1/128"; may be "" */
	bool up;
	int master;       /* index of the bridge that it is a port of; 0 = none, or not told */
	uint64_t peer_ns; /* of a veth: where its other end is; 0 = not told */
	int peer;         /* and the index of that one there */
};

/* Where packets go that are for no network of a link: IPv4, with a gateway. */
struct model_route {
	uint64_t net_ns;
	const char *destination; /* "default", "10.2.0.0/16" */
	const char *gateway, *link;
};

/* A TCP socket that is listened on, or a UDP socket that is bound and takes what anybody sends; in
 * the host's network namespace or a container's. */
struct model_listener {
	uint64_t net_ns;
	const char *protocol; /* "tcp", "udp" */
	const char *address;  /* "127.0.0.1"; "0.0.0.0" and "::" = any */
	unsigned port;
	int process; /* who listens: index into processes; -1 = not found, or not looked for */
};

struct model_daemon {
	const char *name;   /* "dockerd", "containerd", "systemd", … */
	const char *label;  /* "Docker engine", … */
	int process;        /* index into processes */
	const char *socket; /* path of its API socket, "" = none known */
};

/* A connection between two processes, as the socket of the one who accepted it is named. Several
 * between the same two over the same socket are one entry.
 *
 * Of Unix sockets: read for daemons of engines, for what speaks to them and for labs of ours; at
 * least one of the two is known. Of TCP: those to sockets in the host's network namespace and in
 * containers'; who it is is known of daemons, clients, labs and containers. */
struct model_connection {
	int from;           /* who connected: index into processes; -1 = may not be seen */
	int to;             /* who accepted; the same */
	const char *socket; /* "/run/docker.sock", "@abstract name", "10.88.0.2:80/tcp" */
	size_t count;
	/* Of TCP: the network namespaces of the two. from_net 0 = elsewhere: on another machine, or
	 * by way of a translation of addresses that is not told. Both 0 = a Unix socket. */
	uint64_t from_net, to_net;
};

enum container_status {
	CONTAINER_PLANNED,  /* steps listed, none done */
	CONTAINER_BUILDING, /* some steps done; its first process waits for the next */
	CONTAINER_RUNNING,
	CONTAINER_EXITED,
	CONTAINER_FOREIGN, /* somebody else's: found by its namespaces alone */
};

enum step_status { STEP_TODO, STEP_DONE, STEP_FAILED };

struct model_step {
	const char *id;    /* "namespace-uts" */
	const char *title; /* "a host name of its own" */
	enum step_status status;
	const char *error;  /* "mount proc: hand: … (EPERM)"; "" unless failed */
	const char *advice; /* what to do about it; may be "" */
	const char *call;   /* the system calls, one a line; "" = not told: built at full speed */
	const char *why;    /* one sentence; "" = not told */
};

/* What a container has written, as its overlay upper directory has it. */
enum change_kind {
	CHANGE_ADDED,
	CHANGE_CHANGED, /* a layer below has it too: copied up, then changed */
	CHANGE_REMOVED, /* a whiteout hides what a layer below has */
};

struct model_change {
	const char *path; /* as the container sees it: "/etc/motd" */
	enum change_kind kind;
	uint64_t size; /* bytes of a regular file, else 0 */
};

struct model_container {
	const char *name, *image, *command;
	enum container_status status;
	pid_t pid; /* first process, host pid; 0 = none */
	uint64_t start_time;
	int exit_code;                 /* -1 until exited */
	uint64_t ns[NS_COUNT];         /* of its first process; 0 = shared with the host or
	                                  with its monitor: none of its own */
	const char *hostname;          /* as its first process sees it; "" = not readable */
	const char *uid_map, *gid_map; /* lines of /proc/PID/uid_map, joined by ", " */
	int cgroup;                    /* index, -1 */
	const char *cgroup_inside;     /* what /proc/self/cgroup says in there; "" = not told */
	const char *const *layers;     /* overlay lower directories, topmost first */
	size_t n_layers;
	const char *upper;                  /* overlay upper directory, "" = none */
	const struct model_change *changes; /* in it, by path */
	size_t n_changes;
	bool more_changes;  /* than are listed */
	const char *ports;  /* published: "0.0.0.0:8080->80/tcp …"; "" = none */
	const char *rootfs; /* where its root is mounted until pivot_root, "" = not told */
	const struct model_step *steps; /* as planned by whoever made it */
	size_t n_steps;
	size_t processes;
};

/* A layer of images: the same tar in several images is one entry (OCI image specification 1.1,
 * layer.md). */
struct model_layer {
	const char *diff_id;    /* digest of the tar: what makes it this layer */
	const char *digest;     /* digest of its file, which may be compressed */
	const char *created_by; /* its line of the history; may be "" */
	const char *directory;  /* where it is unpacked as lower directory; "" = not yet */
	uint64_t size;          /* bytes of its file */
	size_t images;          /* digests of images that have it */
};

/* A name in the index of the image store. Two names of one image are two entries with the same
 * digest. */
struct model_image {
	const char *name;            /* as it is kept; "" = none */
	const char *registry, *path; /* of the full URL: "docker.io", "library/base" */
	const char *tag;             /* "latest"; "" = none */
	const char *digest;          /* of the manifest, or of the index that leads to it */
	const char *config;          /* digest of the configuration; "" = damaged */
	const char *platform;        /* "linux/amd64" */
	const char *command;         /* what it starts: entrypoint and command, joined by spaces */
	const int *layers;           /* indices into model.layers, the lowest first */
	size_t n_layers;
	uint64_t size; /* bytes of its layers' files */
};

/* A file of the learner's in the lab that the reader is in: at the top of $LAB. */
struct model_file {
	const char *name;
	uint64_t size; /* bytes; of a directory 0 */
};

/* What `cutaway measure` has found; of the lab that the reader is in. */
struct model_measure {
	const char *name, *command;
	size_t runs;
	uint64_t min_us, q1_us, median_us, q3_us, max_us; /* of the runs */
	uint64_t cpu_us;                                  /* median of the processor times */
};

struct model_host {
	const char *hostname, *kernel, *machine, *cgroup_mode; /* "v2", "v1", "hybrid", "none" */
	uint64_t ns[NS_COUNT];
	uint64_t memory_total;
	unsigned cpus;
	uid_t uid; /* of the observer */
};

struct model {
	uint64_t generation; /* grows by one with each observation of one observer */
	uint64_t time_ms;    /* CLOCK_REALTIME; 0 in fixtures */
	struct model_host host;
	struct model_process *processes; /* by pid */
	size_t n_processes;
	struct model_namespace *namespaces; /* by type, then inode */
	size_t n_namespaces;
	struct model_cgroup *cgroups; /* by path */
	size_t n_cgroups;
	struct model_mount *mounts; /* by mount namespace, then in mountinfo order */
	size_t n_mounts;
	struct model_link *links; /* by namespace, then index */
	size_t n_links;
	struct model_route *routes; /* by namespace, in the kernel's order */
	size_t n_routes;
	struct model_listener *listeners; /* by namespace, protocol, port, address */
	size_t n_listeners;
	struct model_daemon *daemons; /* by name */
	size_t n_daemons;
	struct model_connection *connections; /* by who connected, then who accepted, then socket */
	size_t n_connections;
	struct model_container *containers; /* by name */
	size_t n_containers;
	/* What names the place of this runtime directory's containers (kernel/base/place_name.h):
	 * "" or "-1a2b3c4d". */
	const char *suffix;
	struct model_image *images; /* in the order of the store's index */
	size_t n_images;
	struct model_layer *layers; /* in the order in which images name them */
	size_t n_layers;
	struct model_measure *measures; /* the oldest first */
	size_t n_measures;
	struct model_file *files; /* by name */
	size_t n_files;
	struct arena arena;
};

/* One fact about the machine as a person meets it: what it is, where the kernel tells it, and which
 * commands show the same. Made by kernel/observe/fact.h; strings belong to the asker's arena. */
enum { FACT_COMMANDS = 4 };

struct model_fact {
	const char *name;                    /* "pid.4711.ns.uts" */
	const char *title;                   /* "uts namespace of process 4711" */
	const char *value;                   /* "" = empty */
	bool there;                          /* false: there is nothing of that name now */
	const char *path;                    /* in /proc or /sys; "" = not out of a file */
	const char *field;                   /* where in that file: "CapEff"; "" = all of it */
	const char *about;                   /* a sentence; may be "" */
	const char *page;                    /* "namespaces(7)"; may be "" */
	const char *commands[FACT_COMMANDS]; /* NULL = no more */
	pid_t pid;                           /* of the process that it is about; 0 = of none */
	enum ns_type ns_type;
	uint64_t ns; /* inode of the namespace that it is about; 0 = about none */
	int cgroup;  /* index of the control group that it is about; -1 = about none */
};

struct model *model_new(void);
void model_free(struct model *m);

/* "planned", "building", "running", "exited", "foreign". */
const char *model_status_name(enum container_status status);

/* Look-ups; NULL when there is none. */
const struct model_process *model_process(const struct model *m, pid_t pid);
const struct model_container *model_container(const struct model *m, const char *name);
const struct model_namespace *model_namespace(
        const struct model *m, enum ns_type type, uint64_t inode);
const struct model_cgroup *model_cgroup(const struct model *m, const char *path);
const struct model_link *model_link(const struct model *m, uint64_t net_ns, int index);
/* The other end of a veth pair, told by either end. */
const struct model_link *model_link_peer(const struct model *m, const struct model_link *link);
/* By its name as it is kept, or that without ":latest". */
const struct model_image *model_image(const struct model *m, const char *name);
/* The layer that is unpacked in a directory, for whichever owner; NULL = it is of no image. */
const struct model_layer *model_layer_in(const struct model *m, const char *directory);
/* Whether the container's layers are those of the image. */
bool model_made_from(
        const struct model *m, const struct model_container *c, const struct model_image *i);

/* Who `id` is by a uid_map or gid_map ("0 100000 65536, …": inside, outside, how many): -1 =
 * nobody.
 */
int64_t model_map_inside(const char *map, int64_t outside);

/* A UDP socket on a port of those that the kernel gives to who names none: mostly of somebody who
 * has asked something and waits for the answer. Such come and go all the time. */
bool model_listener_is_passing(const struct model_listener *l);

/* "added", "changed", "removed". */
const char *model_change_name(enum change_kind kind);
