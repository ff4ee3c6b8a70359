/* A registry server as it is asked about one repository: where it is, how it is spoken to, and who
 * we are to it (OCI distribution specification 1.1).
 *
 * How it is spoken to:
 *   - https, with its certificate proved by the system's authorities
 *   - a registry on this machine's loopback (localhost, 127.0.0.0/8, [::1]): https without proof,
 *     and plain http where no TLS is spoken, as docker does: nobody else can listen in
 *   - the same for any registry if that is told: REMOTE_TLS_ANY, or a name that begins with
 *     "http://" (plain http then)
 */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/client.h"
#include "kernel/store/reference.h"

#include <stdbool.h>
#include <stddef.h>

enum remote_tls {
	REMOTE_TLS_USUAL,  /* as above */
	REMOTE_TLS_PROVED, /* https and proof, also on loopback */
	REMOTE_TLS_ANY     /* no proof, or no TLS */
};

struct login;
struct remote_options {
	enum remote_tls tls;
	const struct login *login; /* who we are, instead of what is kept; may be NULL */
	const char *auth_file;     /* see credentials.h; may be NULL */
	const char *cert_dir;      /* see certificates.h; may be NULL */
	int timeout;               /* seconds without progress */
	int retries;               /* how often what broke off is tried again */
};

enum { REMOTE_TIMEOUT = 30, REMOTE_RETRIES = 3 };

struct remote;

/* Finds out how the registry of `image` (complete) is spoken to, and gets leave for `actions`
 * ("pull", "pull,push"; NULL: none in particular) on its repository and for pulling from the other
 * repositories `also`. `image` and `options` are borrowed. */
int remote_open(const struct reference *image, const char *actions, const char *const *also,
        size_t n_also, const struct remote_options *options, struct remote **ret,
        struct error *err);
/* Whether the registry of `registry` (complete) takes the name and the password of options->login.
 * *ret_wanted: whether it wants any at all. -EACCES: it does not take them. */
int remote_check_login(const struct reference *registry, const struct remote_options *options,
        bool *ret_wanted, struct error *err);
/* Accepts NULL. */
void remote_free(struct remote *r);

/* Whether it is spoken to in the clear, or by TLS without proof. */
bool remote_is_plain(const struct remote *r);
struct client *remote_client(const struct remote *r);
int remote_retries(const struct remote *r);

/* Adds the address of something of the repository: "https://HOST/v2/NAME/" and `below`. */
void remote_url(const struct remote *r, const char *below, struct buf *out);
/* The same for people: "HOST/NAME:TAG" or "HOST/NAME@DIGEST". */
void remote_name(const struct remote *r, const char *word, struct buf *out);
/* A part of an address, its special characters written as %XX. */
void remote_escape(const char *text, struct buf *out);

/* Begins a transfer with our authorization, if it goes to the registry. */
int remote_start(
        struct remote *r, struct http_request *request, struct transfer **ret, struct error *err);
/* The same, and waits for its end; asks for a new authorization once if that is wanted. *ret is the
 * caller's to free; whatever its status. `object` is for messages. */
int remote_ask(struct remote *r, struct http_request *request, const char *object,
        struct transfer **ret, struct error *err);
/* After a 401: a new authorization, as its challenge says. 0: try again. Somebody else's challenge
 * (a redirect led there) is none: -EACCES. */
int remote_renew(
        struct remote *r, const struct http_answer *answer, const char *object, struct error *err);

/* A status that is none of the expected, as an error: ENOENT (404), EACCES (401, 403), EBUSY (429),
 * EREMOTEIO (5xx), EPROTO. What the registry says is added. */
int remote_refusal(const struct remote *r, const struct http_answer *answer, const char *operation,
        const char *object, struct error *err);
