/* The parts of the process view, and lists of processes for others. */
#pragma once

#include "render/card.h"
#include "render/view.h"

enum { PROCESS_CARDS = 7 };

/* What it is, its namespaces, its control group, its rights, its family, its mounts, its links. */
void process_cards(const struct view_input *in, struct scene *s, const struct model_process *p,
        struct card ret[PROCESS_CARDS]);

/* Which processes a list holds. */
struct process_filter {
	enum ns_type type;
	uint64_t ns; /* those in this namespace; 0 = any */
	int cgroup;  /* those in this control group; -1 = any */
};

/* Adds a line for each: pid outside, pid inside where it is another one, name, container. */
void process_list(const struct view_input *in, struct scene *s, struct card *c,
        const struct process_filter *filter);

/* A row "label  value" that stands for `id`; NULL = for nothing. */
void fact_row(struct scene *s, struct card *c, const char *label, const char *value,
        enum scene_role role, enum scene_mark mark, const char *id);
/* Memory, processes, processor of a control group: each row stands for its fact. */
void group_rows(struct scene *s, struct card *c, const struct model_cgroup *g);
