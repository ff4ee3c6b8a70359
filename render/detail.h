/* The parts of the container view: what is said of one container, line by line, as seen from the
 * host and as seen from inside. */
#pragma once

#include "render/sides.h"
#include "render/view.h"

/* What every part needs. */
struct detail {
	const struct view_input *in;
	const struct model *now, *before;
	struct scene *s;
	struct sides *t;
	const char *name;                           /* as the model has it */
	const struct model_container *c, *c_before; /* NULL = not there */
	const struct model_process *p, *p_before;   /* its first process */
	const struct model_process *host;           /* process 1; NULL = not to be seen */
};

/* All groups, in the order of reading. */
void detail_lines(struct detail *d);

/* The groups of the other files. */
void detail_root(struct detail *d);
void detail_mounts(struct detail *d);
void detail_links(struct detail *d);
void detail_cgroup(struct detail *d);
void detail_rights(struct detail *d);

/* A line, marked as changed when the inside differs from what it was (`old`, NULL = not known). */
void detail_add(struct detail *d, const char *label, enum scene_role role, const char *host,
        const char *inside, const char *old);
/* The ghost of the first want about the topic; false when nothing is asked. */
bool detail_want(
        struct detail *d, const char *topic, const char *label, enum scene_role role, bool on_host);
/* The last line is about a fact of the container: "hostname". */
void detail_fact(struct detail *d, const char *attribute);
/* Whether it has a namespace of this type that is not the host's. */
bool detail_own(const struct detail *d, enum ns_type type);
