#include "kernel/registry/reply.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void reply_init(struct reply *r)
{
	*r = (struct reply){.file = -1};
}

void reply_release(struct reply *r)
{
	for (size_t i = 0; i < r->n_headers; i++)
		free(r->headers[i].value);
	buf_release(&r->body);
	cleanup_fd(&r->file);
	reply_init(r);
}

void reply_header(struct reply *r, const char *name, const char *format, ...)
{
	char *value = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&value, format, args);
	va_end(args);
	if (n < 0 || r->n_headers == REPLY_HEADERS) {
		free(n < 0 ? NULL : value);
		return;
	}
	for (char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	r->headers[r->n_headers].name = name;
	r->headers[r->n_headers++].value = value;
}

static void set_json(struct reply *r, const json_t *json)
{
	auto_free char *text = json_dumps(json, JSON_COMPACT);

	buf_reset(&r->body);
	if (text)
		buf_add(&r->body, text);
	buf_addc(&r->body, '\n');
}

void reply_json(struct reply *r, int status, const char *media_type, json_t *json)
{
	r->status = status;
	reply_header(r, "Content-Type", "%s", media_type);
	set_json(r, json);
	json_decref(json);
}

static void add_fault(struct reply *r, enum fault fault, json_t *detail)
{
	json_t *all = r->body.len ? json_loadb(buf_text(&r->body), r->body.len, 0, NULL) : NULL;
	json_t *one =
	        json_pack("{s:s,s:s}", "code", fault_code(fault), "message", fault_message(fault));

	if (detail)
		json_object_set_new(one, "detail", detail);
	if (!all) {
		all = json_pack("{s:[]}", "errors");
		r->status = fault_status(fault);
		reply_header(r, "Content-Type", "application/json");
	}
	json_array_append_new(json_object_get(all, "errors"), one);
	set_json(r, all);
	json_decref(all);
}

void reply_fault(struct reply *r, enum fault fault, const char *detail)
{
	add_fault(r, fault, detail ? json_string(detail) : NULL);
}

void reply_fault_digest(struct reply *r, enum fault fault, const char *digest)
{
	add_fault(r, fault, json_pack("{s:s}", "digest", digest));
}

void reply_error(struct reply *r, const struct error *err)
{
	auto_buf text = BUF_INIT;
	enum fault fault = err->code == EBADMSG                         ? FAULT_DIGEST_INVALID
	                   : err->code == ENOSPC || err->code == EDQUOT ? FAULT_FULL
	                                                                : FAULT_INTERNAL;

	error_format(err, &text);
	reply_fault(r, fault, buf_text(&text));
}
