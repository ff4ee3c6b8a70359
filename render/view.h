/* Views: pure functions from models and a viewport to a scene. Deterministic; they read nothing
 * else. */
#pragma once

#include "kernel/observe/model.h"
#include "render/diagram.h"
#include "render/scene.h"

/* One condition that the current lesson step still asks for: drawn as a ghost. */
struct view_want {
	const char *fact;   /* "container.hand.ns.uts", see kernel/observe/query.h */
	const char *wanted; /* value, may be "" */
};

struct sequence; /* render/sequence.h */

struct view_input {
	const struct model *now;
	const struct model
	        *before; /* state at the start of the step, for marking changes; may be NULL */
	const struct view_want *wants;
	size_t n_wants;
	const char *subject; /* what it is about (struct view.about); NULL = the first */
	const struct model_fact
	        *fact; /* that the subject names, for the view "fact"; may be NULL */
	const struct diagram_picture
	        *diagram;          /* what the learner draws, for the view "diagram"; may be NULL */
	const char *const *folded; /* ids of cards and groups that show no more than a line */
	size_t n_folded;
	pid_t shell;       /* of the lab that is shown; 0 = not known which */
	const char *whose; /* the user whose lab that is, for who looks at it from elsewhere; NULL =
	                      it is the viewer's own */
	const struct sequence *watch; /* of a watch that goes on, for "toolchain"; NULL = none */
	const char *watch_title, *watch_level; /* its command; how much of it, by name */
	int width, height;                     /* viewport in cells; anything from 1x1 */
};

struct view {
	const char *name; /* "host", "kernel", "network", "container", "image", "toolchain", … */
	const char *summary; /* one line for help */
	const char *about;   /* what its subject is: "container"; NULL = it has none */
	bool deep;           /* what one zooms into: a key for the next view passes it over */
	/* Draws into `ret` (released by the caller). 0 or -ENOMEM. Always fits width x height. */
	int (*layout)(const struct view_input *in, struct scene *ret);
	bool use; /* it shows what is used now, which changes without an event */
};

/* All views, ended by a NULL name. */
extern const struct view views[];
/* By name; NULL when there is none. */
const struct view *view_find(const char *name);

/* The layouts themselves, one file each. */
int view_host_layout(const struct view_input *in, struct scene *ret);
int view_kernel_layout(const struct view_input *in, struct scene *ret);
int view_network_layout(const struct view_input *in, struct scene *ret);
int view_container_layout(const struct view_input *in, struct scene *ret);
int view_image_layout(const struct view_input *in, struct scene *ret);
int view_toolchain_layout(const struct view_input *in, struct scene *ret);
int view_steps_layout(const struct view_input *in, struct scene *ret);
int view_process_layout(const struct view_input *in, struct scene *ret);
int view_namespace_layout(const struct view_input *in, struct scene *ret);
int view_fact_layout(const struct view_input *in, struct scene *ret);
int view_diagram_layout(const struct view_input *in, struct scene *ret);

/* The legend of the marks that a scene holds, in row y; returns the column behind it. For the
 * views.
 */
int scene_add_legend(struct scene *s, int y);
