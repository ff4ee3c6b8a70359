/* The viewer: the drawing alone over a whole terminal, following a lab that runs in another one. */
#pragma once

#include "kernel/base/error.h"
#include "render/theme.h"

struct viewer_options {
	const char *runtime; /* of the lab; NULL = this user's */
	const char *lab;     /* its name; NULL = the one that is there, or comes */
	const char *view;    /* NULL = as the lesson wants it */
	const char *subject; /* of the view, may be NULL */
	enum theme theme;
};

/* Runs until the person closes it: 0, or 128 + the signal that ended it, or a negative errno:
 * -ENOTTY and -EOPNOTSUPP when this terminal cannot show it. */
int viewer_run(const struct viewer_options *options, struct error *err);
