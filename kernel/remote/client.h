/* HTTP as a registry is spoken to: many transfers at once, each bounded, none printed. The only
 * place that talks to libcurl (curl_multi_perform(3)).
 *
 * What holds for every transfer:
 *   - `authorization` goes to the host it was meant for and to no other: a redirect that leaves it
 *     (another host, port or scheme) is followed without (libcurl-security(3))
 *   - from https nobody is led to http, unless certificates are not wanted at all
 *   - less than 1 kB a second for `timeout` seconds ends it: -ETIMEDOUT
 *   - headers and the body of a refusal are kept up to a limit; the body of a good answer goes to
 *     `take`, piece by piece, which has to bound it
 *   - no message contains an address with its query, or a header: they may hold secrets */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct client; /* what transfers share: connections, certificates, limits */

struct client_options {
	bool insecure;           /* certificates are not proved, redirects to http are followed */
	const char *authorities; /* certificates in PEM to be trusted beside the system's; may be
	                            NULL */
	const char *certificate; /* of ours, path of a file in PEM, and its key; may be NULL */
	const char *key;
	int timeout; /* seconds */
};

int client_new(const struct client_options *options, struct client **ret, struct error *err);
/* After all its transfers. Accepts NULL. */
void client_free(struct client *c);

/* Takes the next bytes of the body of a good answer. Negative errno ends the transfer. */
typedef int body_take(void *data, const void *bytes, size_t n);
/* Gives the next bytes of the body to be sent: how many, 0 at the end, negative errno ends it. */
typedef ssize_t body_give(void *data, void *bytes, size_t n);

/* `data` is borrowed until the transfer is freed, all else until transfer_start() returns. */
struct http_request {
	const char *method; /* "GET", "HEAD", "POST", "PUT" */
	const char *url;
	const char *authorization; /* "Bearer …"; NULL: none */
	const char *accept;        /* media types; NULL: any */
	const char *content_type;  /* of what is sent */
	uint64_t from;   /* GET: only from this byte on; the answer says whether it is so */
	body_take *take; /* NULL: the body is kept, as if it were a refusal */
	body_give *give; /* PUT: body of `size` bytes */
	int (*rewind)(void *data); /* PUT: begins the body again */
	uint64_t size;
	const char *fields; /* POST: a body of a form; NULL: an empty one */
	void *data;         /* for take, give, rewind */
};

/* Texts are "" when the answer has no such header. */
struct http_answer {
	long status;        /* 200, 401, …; 0: none came */
	bool elsewhere;     /* a redirect led to another host, which answered */
	uint64_t from;      /* where in the whole its body begins (206), else 0 */
	char *content_type; /* without parameters */
	char *location;     /* absolute, for a 201, 202 or 3xx that was not followed */
	char *digest;       /* Docker-Content-Digest */
	char *challenge;    /* WWW-Authenticate, several joined by ", " */
	int retry_after;    /* seconds, 0: not said */
	struct buf body;    /* of a refusal, or without `take`: at most ANSWER_MAX bytes */
	bool body_cut;      /* there was more of it */
};

enum { ANSWER_MAX = 1 << 20 };

struct transfer;

/* Begins a transfer. */
int transfer_start(struct client *c, const struct http_request *request, struct transfer **ret,
        struct error *err);
/* Goes on with all transfers until one ends, which it returns, or `ms` have passed: NULL. Each is
 * returned once. */
struct transfer *client_wait(struct client *c, int ms, struct error *err);
/* Goes on with all transfers until this one has ended; client_wait() will not return it. */
int transfer_wait(struct transfer *t, struct error *err);

/* Of an ended transfer; belongs to it. */
const struct http_answer *transfer_answer(const struct transfer *t);
void *transfer_data(const struct transfer *t);
/* Whether the whole answer came, whatever its status: 0, or a negative errno with an error in which
 * `operation` and `object` are the caller's. ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, ECONNRESET
 * (broken off), EKEYREJECTED (a certificate that is not trusted), ENOTCONN (no TLS spoken there),
 * EPROTO; what `take` or `give` returned, for which their owner has the error. */
int transfer_result(
        const struct transfer *t, const char *operation, const char *object, struct error *err);
/* Breaks it off if it has not ended. Accepts NULL. */
void transfer_free(struct transfer *t);

/* Whether a host, as it stands in an address, is this machine by its loopback: "localhost",
 * "127.0.0.1", "[::1]". Nothing sent there goes through a proxy. */
bool host_is_loopback(const char *host);
/* Whether two addresses have scheme, host and port in common. */
bool url_same_origin(const char *a, const char *b);
