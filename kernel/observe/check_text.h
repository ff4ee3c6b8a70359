/* What a check says to the learner. Internal to kernel/observe. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/observe/model.h"

enum check_op {
	CHECK_IS,
	CHECK_NOT,
	CHECK_EQ,
	CHECK_NE,
	CHECK_LT,
	CHECK_LE,
	CHECK_GT,
	CHECK_GE,
	CHECK_HAS
};

struct check_subject {
	const struct model *model;
	const char *fact;
	enum check_op op;
	const char *value;  /* of the fact now */
	bool exists;        /* false: there is nothing of that name */
	const char *wanted; /* "" for CHECK_IS and CHECK_NOT */
	bool holds;
};

/* One sentence without a full stop that names the container and the thing. */
void check_describe(const struct check_subject *s, struct buf *out);
