/* What a person asks a container to be, in the words of the command line, and the OCI
 * configuration that says the same. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/idmap.h"
#include "kernel/do/network/port.h"
#include "kernel/do/share.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_CPU_PERIOD_US = 100000 };

/* A directory or file of the host that is seen inside. */
struct volume_option {
	char *source, *destination; /* absolute, without "." and ".."; the maker's to free */
	bool read_only;
	bool idmap; /* its files have the owners inside that they have outside */
};

/* Annotation of config.json: how the container is asked to end. */
#define OPTIONS_STOP_SIGNAL "org.opencontainers.image.stopSignal"

struct container_options {
	const char *group;    /* the control group that its own is made in; NULL = "cutaway" */
	const char *name;     /* NULL: one is made up */
	const char *hostname; /* NULL: the name */
	const char *image;
	char **command; /* what is to run; n_command 0 = what the image says */
	size_t n_command;
	const char **env; /* "K=V", over those of the image */
	size_t n_env;
	const struct volume_option *volumes;
	size_t n_volumes;
	const char *workdir; /* NULL: the image's */
	const char *user;    /* "USER[:GROUP]", names of the image or numbers; NULL: the image's */
	char *const *layers; /* unpacked, the topmost first: where names are looked up */
	size_t n_layers;
	uint64_t memory_max;   /* bytes, 0 = no limit */
	uint64_t pids_max;     /* 0 = no limit */
	uint64_t cpu_quota_us; /* in each OPTIONS_CPU_PERIOD_US, 0 = no limit */
	uint64_t cap_add, cap_drop;
	bool userns_host, network_host, network_bridge;
	const char *share_with[SHARE_KINDS]; /* containers; NULL: namespaces of its own */
	const struct share *share; /* what share_find() has made of those; NULL: nothing */
	const struct port *ports;  /* published, with network_bridge */
	size_t n_ports;
	bool terminal, interactive, remove;
	bool step;   /* it is made a step at a time, and perhaps more than once */
	bool detach; /* its output goes to a log */
	const json_t
	        *seccomp_profile; /* a filter of one's own, linux.seccomp; NULL = the default */
	bool seccomp_unconfined, allow_new_privileges;
	bool look_only;       /* the plan is printed and never performed */
	bool limits_optional; /* leave limits out that cannot be set here, and say so: for plans
	                         that are read or walked through */
};

/* Reads "UID[:GID]"; GID is 0 when not given. */
int options_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct error *err);

/* Reads "SOURCE:DESTINATION[:ro|rw]". SOURCE is looked up, links and all, and has to be there. */
int options_volume(const char *text, struct volume_option *ret, struct error *err);
/* A place inside where a volume may be: *ret is the path without "//", the caller's. */
int options_volume_place(const char *text, char **ret, struct error *err);
void options_volume_release(struct volume_option *v);

/* Sets "K=V" in a list of process.env, over a K that is there. */
void options_set_env(json_t *list, const char *pair);

/* Makes config.json of the options and the image's configuration (OCI image specification,
 * config.md). `root` is where the root file system will be. *ret is the caller's. */
int config_build(const struct container_options *o, const char *image_config,
        const struct idmap_choice *ids, const char *root, json_t **ret, struct error *err);
