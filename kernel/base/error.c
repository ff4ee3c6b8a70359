#include "kernel/base/error.h"

#include "kernel/base/buf.h"
#include "kernel/base/shown.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int code, const char *operation, const char *object,
        const char *cause_format, ...)
{
	if (code < 0)
		code = -code;
	if (code == 0)
		code = EIO;
	if (!err || err->code)
		return -code;
	err->code = code;
	snprintf(err->operation, sizeof err->operation, "%s", operation ? operation : "");
	snprintf(err->object, sizeof err->object, "%s", object ? object : "");
	if (cause_format) {
		va_list args;
		va_start(args, cause_format);
		vsnprintf(err->cause, sizeof err->cause, cause_format, args);
		va_end(args);
	} else {
		snprintf(err->cause, sizeof err->cause, "%s", strerror(code));
	}
	err->advice[0] = '\0';
	return -code;
}

void error_advise(struct error *err, const char *format, ...)
{
	va_list args;

	if (!err || err->advice[0])
		return;
	va_start(args, format);
	vsnprintf(err->advice, sizeof err->advice, format, args);
	va_end(args);
}

void error_format(const struct error *err, struct buf *out)
{
	const char *name = strerrorname_np(err->code);

	buf_add_shown(out, err->operation);
	if (err->object[0]) {
		buf_add(out, ": ");
		buf_add_shown(out, err->object);
	}
	buf_add(out, ": ");
	buf_add_shown(out, err->cause);
	if (name)
		buf_addf(out, " (%s)", name);
	if (err->advice[0]) {
		buf_add(out, "\n  ");
		buf_add_shown(out, err->advice);
	}
}
