#include "kernel/remote/progress.h"

#include "kernel/base/cleanup.h"

#include <stdarg.h>

void progress_changed(const struct progress *p, const struct transfer_item *items, size_t n)
{
	if (p && p->changed)
		p->changed(p->data, items, n);
}

void progress_note(const struct progress *p, const char *format, ...)
{
	auto_buf text = BUF_INIT;
	va_list args;

	if (!p || !p->note)
		return;
	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	p->note(p->data, buf_text(&text));
}
