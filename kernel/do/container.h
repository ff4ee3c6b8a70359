/* A container while it is ours to make and to watch over: its files, its plan, its state.
 *
 *   RUNTIME/containers/NAME/   state.json, config.json, ledger, control
 *   DATA/containers/NAME/      upper, work, merged, log; place_name.h
 *
 * The process that holds a `struct container` is its monitor: it is the parent of the first
 * process, and the first process dies with it (PR_SET_PDEATHSIG). Others read state.json
 * (container_state.h). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/executor.h"
#include "kernel/do/options.h"
#include "kernel/store/store.h"

#include <jansson.h>
#include <stdbool.h>

enum container_phase { PHASE_PLANNED, PHASE_BUILDING, PHASE_RUNNING, PHASE_EXITED };

struct container {
	char *name, *lab;
	char *directory; /* RUNTIME/containers/NAME */
	char *data;      /* DATA/containers/NAME */
	char *upper, *work, *merged, *log;
	struct image image;
	json_t *config_json;
	struct config *config;
	struct build build;
	struct plan *plan;
	struct executor executor;
	struct process_id monitor;
	enum container_phase phase;
	int exit_code;
	bool claimed; /* the directories are ours */
	bool remove, detached;
	uid_t root_uid; /* who is root inside, outside */
	gid_t root_gid;
	char id_problem[192]; /* why one id is mapped where a range was meant to be; "" = no problem
	                       */
	bool stepping;        /* the control socket is there */
	/* Called when the program has ended and nothing is mounted any more, while the files are
	 * still there: for who wants to keep something of them. May be NULL. */
	int (*keep)(struct container *c, struct error *err);
	void *keep_data;
};

/* Reads the image and makes the plan; touches nothing else on the machine. */
int container_plan(const struct container_options *o, struct container **ret, struct error *err);

/* The same for an image that is at hand, which it takes, also when it fails. */
int container_plan_of(const struct container_options *o, struct image *image,
        struct container **ret, struct error *err);

/* Claims the name and makes the directories and the ledger: from now on the caller is the monitor.
 * -EEXIST when the name is taken. */
int container_claim(struct container *c, struct error *err);

/* Replaces state.json. */
int container_write_state(struct container *c, struct error *err);

/* The first process has ended, or never was: undoes the steps, and removes what is not kept
 * (everything, when it was asked to be removed or has never run). */
int container_finish(struct container *c, int exit_code, struct error *err);

/* Ends nothing: for that, container_finish() first. Accepts NULL. */
void container_free(struct container *c);

/* A name has letters, digits, '_', '.' and '-', and begins with a letter or digit. */
bool container_name_ok(const char *name);
