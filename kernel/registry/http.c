/* The wire: libmicrohttpd. One thread a connection, so that a request may wait for a disk or for
 * the layout's lock without keeping others waiting. */
#include "kernel/registry/http.h"

#include "kernel/base/cleanup.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/state.h"

#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <unistd.h>

enum {
	BUFFER = 128 << 10, /* bytes of a connection: head of a request, pieces of a body */
	STACK = 512 << 10,
	DRAIN = 64 << 20, /* bytes of a body that are thrown away, so that a refusal is read */
};

const char *exchange_header(const struct exchange *e, const char *name)
{
	return MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, name);
}

const char *exchange_parameter(const struct exchange *e, const char *name)
{
	return MHD_lookup_connection_value(e->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct each_parameter {
	const char *name;
	void (*each)(void *data, const char *value);
	void *data;
};

static enum MHD_Result one_parameter(
        void *data, enum MHD_ValueKind kind, const char *key, const char *value)
{
	const struct each_parameter *p = data;

	(void)kind;
	if (!strcmp(key, p->name))
		p->each(p->data, value ? value : "");
	return MHD_YES;
}

void exchange_parameters(const struct exchange *e, const char *name,
        void (*each)(void *data, const char *value), void *data)
{
	struct each_parameter p = {.name = name, .each = each, .data = data};

	MHD_get_connection_values(e->connection, MHD_GET_ARGUMENT_KIND, one_parameter, &p);
}

/* ---- a request comes ---- */

/* The first word of it: everything else follows. */
static void *on_uri(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->registry = data;
	e->connection = connection;
	e->uri = strdup(uri);
	reply_init(&e->reply);
	return e;
}

static enum method method_of(const char *text)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"};

	for (size_t i = 0; i < METHOD_OTHER; i++)
		if (!strcmp(text, methods[i]))
			return (enum method)i;
	return METHOD_OTHER;
}

static void read_length(struct exchange *e)
{
	const char *text = exchange_header(e, "Content-Length");
	char *end = NULL;

	if (!text)
		return;
	errno = 0;
	e->length = strtoull(text, &end, 10);
	e->has_length = errno == 0 && end != text && !*end;
}

static struct MHD_Response *response_of(struct reply *r)
{
	struct MHD_Response *response;

	if (r->file >= 0)
		/* The descriptor is the response's from here. */
		response = MHD_create_response_from_fd_at_offset64(
		        r->length, steal_fd(&r->file), r->offset);
	else
		response = MHD_create_response_from_buffer(
		        r->body.len, (void *)(uintptr_t)buf_text(&r->body), MHD_RESPMEM_MUST_COPY);
	for (size_t i = 0; response && i < r->n_headers; i++)
		MHD_add_response_header(response, r->headers[i].name, r->headers[i].value);
	return response;
}

static void release(struct exchange *e)
{
	if (e->release)
		e->release(e);
	e->release = NULL;
}

static enum MHD_Result send_reply(struct exchange *e)
{
	struct MHD_Response *response;
	enum MHD_Result done = MHD_NO;

	/* First: who has the answer may ask for the same upload again. */
	release(e);
	if (!e->reply.status)
		reply_fault(&e->reply, FAULT_INTERNAL, NULL);
	reply_header(&e->reply, "Docker-Distribution-API-Version", "registry/2.0");
	if (e->method != METHOD_HEAD)
		e->sent = e->reply.file >= 0 ? e->reply.length : e->reply.body.len;
	response = response_of(&e->reply);
	if (response)
		done = MHD_queue_response(e->connection, (unsigned)e->reply.status, response);
	MHD_destroy_response(response);
	return done;
}

/* A refusal goes out before the body when the client asks before it sends (RFC 9110, 10.1.1), or
 * when it is too much to throw away. */
static bool refuse_at_once(const struct exchange *e)
{
	const char *expect = exchange_header(e, "Expect");

	return e->reply.status &&
	       (e->length > DRAIN || (expect && !strcasecmp(expect, "100-continue")));
}

/* libmicrohttpd calls this once with the headers, then with each piece of the body, then at its
 * end. */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
        const char *method, const char *version, const char *bytes, size_t *n, void **slot)
{
	struct exchange *e = *slot;

	(void)data;
	(void)connection;
	(void)version;
	if (!e)
		return MHD_NO;
	if (!e->begun) {
		e->begun = true;
		e->method = method_of(method);
		read_length(e);
		exchange_begin(e, path);
		return refuse_at_once(e) ? send_reply(e) : MHD_YES;
	}
	if (*n > 0) {
		e->received += *n;
		if (!e->reply.status && e->take)
			e->take(e, bytes, *n);
		*n = 0;
		return e->reply.status && e->received > DRAIN ? MHD_NO : MHD_YES;
	}
	if (!e->reply.status && e->end)
		e->end(e);
	return send_reply(e);
}

static const char *method_name(enum method m)
{
	static const char *const names[] = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "-"};

	return names[m];
}

static void on_completed(void *data, struct MHD_Connection *connection, void **slot,
        enum MHD_RequestTerminationCode how)
{
	const struct registry *r = data;
	struct exchange *e = *slot;
	struct registry_event event;

	(void)connection;
	if (!e)
		return;
	release(e);
	event = (struct registry_event){.method = method_name(e->method),
	        .uri = e->uri ? e->uri : "",
	        .status = how == MHD_REQUEST_TERMINATED_COMPLETED_OK ? e->reply.status : 0,
	        .received = e->received,
	        .sent = e->sent};
	if (r->options->log && e->begun)
		r->options->log(r->options->log_data, &event);
	reply_release(&e->reply);
	free(e->uri);
	free(e);
	*slot = NULL;
}

/* What it would print itself; the log has it. */
static void on_message(void *data, const char *format, va_list args)
{
	(void)data;
	(void)format;
	(void)args;
}

int http_start(struct registry *r, int socket, struct error *err)
{
	const struct registry_options *o = r->options;
	struct MHD_OptionItem tls[] = {
	        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->certificate},
	        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->key},
	        {MHD_OPTION_END, 0, NULL},
	};
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
	                 MHD_USE_POLL | MHD_USE_ERROR_LOG | (o->certificate ? MHD_USE_TLS : 0);

	/* The logger first: it is to get what the other options have to say. */
	r->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, r,
	        MHD_OPTION_EXTERNAL_LOGGER, on_message, NULL, MHD_OPTION_LISTEN_SOCKET, socket,
	        MHD_OPTION_NOTIFY_COMPLETED, on_completed, r, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
	        r, MHD_OPTION_CONNECTION_LIMIT, (unsigned)REGISTRY_CONNECTIONS,
	        MHD_OPTION_CONNECTION_TIMEOUT, o->timeout, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	        (size_t)BUFFER, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK, MHD_OPTION_ARRAY,
	        o->certificate ? tls : tls + 2, MHD_OPTION_END);
	if (!r->daemon)
		return error_set(err, errno ? errno : EINVAL, "start registry", r->host, "%s",
		        o->certificate ? "the certificate and the key are not understood, or do "
		                         "not belong together"
		                       : "the server could not be started");
	return 0;
}

void http_stop(struct registry *r)
{
	if (r->daemon)
		MHD_stop_daemon(r->daemon);
	r->daemon = NULL;
}
