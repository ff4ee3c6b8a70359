#include "kernel/remote/client.h"

#include "kernel/remote/client_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>

enum {
	REDIRECTS_MAX = 5,
	SLOW = 1024,        /* bytes a second */
	BUFFER = 512 << 10, /* what libcurl allows at most */
};

void client_free(struct client *c)
{
	if (!c)
		return;
	if (c->multi)
		curl_multi_cleanup(c->multi);
	free(c->certificate);
	free(c->key);
	buf_release(&c->authorities);
	free(c);
	curl_global_cleanup();
}

/* libcurl takes either a file or bytes: the system's certificates, then the others. */
static int join_authorities(struct client *c, const char *more, struct error *err)
{
	const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
	auto_file f = NULL;
	char bytes[4096];
	size_t n;

	if (!more)
		return 0;
	if (version->cainfo)
		f = fopen(version->cainfo, "re");
	while (f && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
		buf_add_bytes(&c->authorities, bytes, n);
	buf_add(&c->authorities, "\n");
	buf_add(&c->authorities, more);
	return buf_failed(&c->authorities) ? error_set(err, ENOMEM, "read certificates", "", NULL)
	                                   : 0;
}

int client_new(const struct client_options *options, struct client **ret, struct error *err)
{
	struct client *c = NULL;
	int r = 0;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(c = calloc(1, sizeof *c)))
		return error_set(err, ENOMEM, "start HTTP", "", NULL);
	c->multi = curl_multi_init();
	c->insecure = options->insecure;
	c->timeout = options->timeout;
	if (options->certificate && !(c->certificate = strdup(options->certificate)))
		r = -ENOMEM;
	if (options->key && !(c->key = strdup(options->key)))
		r = -ENOMEM;
	if (r < 0 || !c->multi)
		r = error_set(err, ENOMEM, "start HTTP", "", NULL);
	if (r == 0)
		r = join_authorities(c, options->authorities, err);
	if (r < 0)
		client_free(c);
	else
		*ret = c;
	return r;
}

/* --- what libcurl calls --- */

/* Bodies of redirects, refusals and small answers are kept, of good ones handed on. */
static size_t on_body(char *bytes, size_t one, size_t n, void *data)
{
	struct transfer *t = data;
	struct http_answer *a = &t->answer;
	size_t room = ANSWER_MAX - a->body.len;

	(void)one;
	if (!t->began) {
		t->began = true;
		transfer_read_answer(t);
	}
	if (t->request.take && (a->status == 200 || a->status == 206)) {
		t->taken = t->request.take(t->request.data, bytes, n);
		return t->taken < 0 ? CURL_WRITEFUNC_ERROR : n;
	}
	if (n > room) {
		a->body_cut = true;
		buf_add_bytes(&a->body, bytes, room);
		return CURL_WRITEFUNC_ERROR;
	}
	buf_add_bytes(&a->body, bytes, n);
	return n;
}

static size_t on_header(char *bytes, size_t one, size_t n, void *data)
{
	struct transfer *t = data;

	(void)bytes;
	(void)one;
	t->header_bytes += n;
	return t->header_bytes > HEADERS_MAX ? 0 : n;
}

static size_t on_give(char *bytes, size_t one, size_t n, void *data)
{
	struct transfer *t = data;
	ssize_t given = t->request.give(t->request.data, bytes, one * n);

	if (given < 0) {
		t->taken = (int)given;
		return CURL_READFUNC_ABORT;
	}
	return (size_t)given;
}

static int on_rewind(void *data, curl_off_t offset, int origin)
{
	struct transfer *t = data;

	if (offset != 0 || origin != SEEK_SET || !t->request.rewind)
		return CURL_SEEKFUNC_CANTSEEK;
	return t->request.rewind(t->request.data) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

/* --- a transfer --- */

static void add_header(struct transfer *t, const char *name, const char *value)
{
	auto_buf line = BUF_INIT;
	struct curl_slist *longer;

	if (!value)
		return;
	buf_addf(&line, "%s: %s", name, value);
	longer = curl_slist_append(t->headers, buf_text(&line));
	explicit_bzero(line.data, line.len);
	if (longer)
		t->headers = longer;
	else
		t->failed = true;
}

static void set_certificates(struct transfer *t)
{
	const struct client *c = t->client;

	if (c->insecure) {
		curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (c->authorities.len) {
		struct curl_blob blob = {.data = c->authorities.data, .len = c->authorities.len};
		curl_easy_setopt(t->easy, CURLOPT_CAINFO_BLOB, &blob);
	}
	if (c->certificate) {
		curl_easy_setopt(t->easy, CURLOPT_SSLCERT, c->certificate);
		curl_easy_setopt(t->easy, CURLOPT_SSLKEY, c->key ? c->key : c->certificate);
	}
}

static void set_limits(struct transfer *t)
{
	bool tls = !strncasecmp(t->request.url, "https:", 6) && !t->client->insecure;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
	curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)t->client->timeout);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)t->client->timeout);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)BUFFER);
	curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, (long)BUFFER);
}

static void set_method(struct transfer *t)
{
	const struct http_request *r = &t->request;
	CURL *e = t->easy;

	/* Only what is asked for may be led elsewhere: a body is sent to nobody else. */
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION,
	        !strcmp(r->method, "GET") || !strcmp(r->method, "HEAD") ? 1L : 0L);
	if (!strcmp(r->method, "HEAD"))
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	if (!strcmp(r->method, "POST")) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		        (curl_off_t)(r->fields ? strlen(r->fields) : 0));
		curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, r->fields ? r->fields : "");
	}
	if (!strcmp(r->method, "PUT")) {
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->size);
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_give);
		curl_easy_setopt(e, CURLOPT_READDATA, t);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_rewind);
		curl_easy_setopt(e, CURLOPT_SEEKDATA, t);
	}
}

static void set_all(struct transfer *t)
{
	const struct http_request *r = &t->request;
	CURL *e = t->easy;
	char range[32];

	add_header(t, "Authorization", r->authorization);
	add_header(t, "Accept", r->accept ? r->accept : "*/*");
	add_header(t, "Content-Type", r->content_type);
	add_header(t, "Expect", ""); /* it would wait a second for servers that do not know it */
	curl_easy_setopt(e, CURLOPT_URL, r->url);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "cutaway");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->problem);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	if (url_is_loopback(r->url))
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	if (r->from > 0) {
		snprintf(range, sizeof range, "%llu-", (unsigned long long)r->from);
		curl_easy_setopt(e, CURLOPT_RANGE, range);
	}
	set_certificates(t);
	set_limits(t);
	set_method(t);
}

int transfer_start(struct client *c, const struct http_request *request, struct transfer **ret,
        struct error *err)
{
	struct transfer *t = calloc(1, sizeof *t);

	if (!t)
		return error_set(err, ENOMEM, "start transfer", "", NULL);
	t->client = c;
	t->request = *request;
	t->request.url = t->url = strdup(request->url);
	t->easy = curl_easy_init();
	if (t->easy && t->url)
		set_all(t);
	if (!t->easy || !t->url || t->failed ||
	        curl_multi_add_handle(c->multi, t->easy) != CURLM_OK) {
		transfer_free(t);
		return error_set(err, ENOMEM, "start transfer", "", NULL);
	}
	*ret = t;
	return 0;
}

void transfer_free(struct transfer *t)
{
	struct http_answer *a;

	if (!t)
		return;
	a = &t->answer;
	if (t->easy) {
		curl_multi_remove_handle(t->client->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	for (struct transfer **p = &t->client->ended; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	free(t->url);
	curl_slist_free_all(t->headers);
	free(a->content_type);
	free(a->location);
	free(a->digest);
	free(a->challenge);
	if (a->body.data)
		explicit_bzero(a->body.data, a->body.len); /* a token may be in it */
	buf_release(&a->body);
	free(t);
}

/* --- going on --- */

static void note_ended(struct client *c)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(c->multi, &left))) {
		struct transfer *t = NULL, **last = &c->ended;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		t->code = message->data.result;
		t->done = true;
		transfer_read_answer(t);
		while (*last)
			last = &(*last)->next;
		*last = t;
	}
}

static int go_on(struct client *c, int ms, struct error *err)
{
	int running;
	CURLMcode m = curl_multi_perform(c->multi, &running);

	if (m == CURLM_OK)
		note_ended(c);
	if (m == CURLM_OK && !c->ended && ms > 0) {
		m = curl_multi_poll(c->multi, NULL, 0, ms, NULL);
		if (m == CURLM_OK)
			m = curl_multi_perform(c->multi, &running);
		if (m == CURLM_OK)
			note_ended(c);
	}
	return m == CURLM_OK ? 0
	                     : error_set(err, EIO, "transfer", "", "%s", curl_multi_strerror(m));
}

struct transfer *client_wait(struct client *c, int ms, struct error *err)
{
	struct transfer *t = c->ended;

	if (!t && go_on(c, ms, err) == 0)
		t = c->ended;
	if (t)
		c->ended = t->next;
	if (t)
		t->next = NULL;
	return t;
}

int transfer_wait(struct transfer *t, struct error *err)
{
	struct client *c = t->client;
	struct transfer **p;

	while (!t->done) {
		int running;
		CURLMcode m = curl_multi_perform(c->multi, &running);
		if (m == CURLM_OK)
			note_ended(c);
		if (m == CURLM_OK && !t->done)
			m = curl_multi_poll(c->multi, NULL, 0, 1000, NULL);
		if (m != CURLM_OK)
			return error_set(err, EIO, "transfer", "", "%s", curl_multi_strerror(m));
	}
	for (p = &c->ended; *p && *p != t; p = &(*p)->next)
		;
	if (*p)
		*p = t->next;
	t->next = NULL;
	return 0;
}

const struct http_answer *transfer_answer(const struct transfer *t)
{
	return &t->answer;
}

void *transfer_data(const struct transfer *t)
{
	return t->request.data;
}
