#include "kernel/base/json_text.h"

#include "kernel/base/cleanup.h"

#include <errno.h>

int json_text_add(json_t *root, size_t flags, struct buf *out)
{
	auto_free char *text = root ? json_dumps(root, flags) : NULL;

	json_decref(root);
	if (!text)
		return -ENOMEM;
	buf_add(out, text);
	buf_addc(out, '\n');
	return buf_failed(out) ? -ENOMEM : 0;
}
