#include "kernel/remote/remote.h"

#include "kernel/remote/certificates.h"
#include "kernel/remote/remote_private.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* Docker's registry has another name than the images in it. */
#define DOCKER_NAME   "docker.io"
#define DOCKER_SERVER "registry-1.docker.io"

void remote_free(struct remote *r)
{
	if (!r)
		return;
	client_free(r->client);
	remote_forget_authorization(r);
	credentials_release(&r->credentials);
	for (size_t i = 0; i < r->n_scopes; i++)
		free(r->scopes[i]);
	free(r->scopes);
	free(r->base);
	free(r);
}

bool remote_is_plain(const struct remote *r)
{
	return r->insecure || (r->base && !strncmp(r->base, "http:", 5));
}

struct client *remote_client(const struct remote *r)
{
	return r->client;
}

int remote_retries(const struct remote *r)
{
	return r->options->retries;
}

void remote_escape(const char *text, struct buf *out)
{
	/* RFC 3986, 2.3 */
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                 "0123456789-._~";

	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (strchr(unreserved, *p))
			buf_addc(out, (char)*p);
		else
			buf_addf(out, "%%%02X", *p);
}

void remote_url(const struct remote *r, const char *below, struct buf *out)
{
	buf_addf(out, "%s/v2/%s%s%s/%s", r->base, r->image->name_space,
	        r->image->name_space[0] ? "/" : "", r->image->repository, below);
}

void remote_name(const struct remote *r, const char *word, struct buf *out)
{
	buf_addf(out, "%s/%s%s%s%c%s", r->server, r->image->name_space,
	        r->image->name_space[0] ? "/" : "", r->image->repository,
	        strchr(word, ':') ? '@' : ':', word);
}

/* --- asking --- */

int remote_start(
        struct remote *r, struct http_request *request, struct transfer **ret, struct error *err)
{
	request->authorization = url_same_origin(r->base, request->url) ? r->authorization : NULL;
	return transfer_start(r->client, request, ret, err);
}

int remote_renew(
        struct remote *r, const struct http_answer *answer, const char *object, struct error *err)
{
	if (answer->elsewhere)
		return error_set(err, EACCES, "ask registry", object,
		        "it leads to another host, which wants to know who asks: that is not "
		        "told to it");
	return remote_authorize(r, answer->challenge ? answer->challenge : "", err);
}

int remote_ask(struct remote *r, struct http_request *request, const char *object,
        struct transfer **ret, struct error *err)
{
	for (bool again = false;; again = true) {
		struct transfer *t = NULL;
		int result = remote_start(r, request, &t, err);

		if (result == 0)
			result = transfer_wait(t, err);
		if (result == 0)
			result = transfer_result(t, "ask registry", object, err);
		if (result == 0 && transfer_answer(t)->status == 401 && !again) {
			result = remote_renew(r, transfer_answer(t), object, err);
			transfer_free(t);
			if (result == 0)
				continue;
			return result;
		}
		if (result < 0)
			transfer_free(t);
		else
			*ret = t;
		return result;
	}
}

/* {"errors":[{"code":"NAME_UNKNOWN","message":"…"}]} (distribution specification, "Error Codes") */
static void add_message(const struct http_answer *a, struct buf *out)
{
	json_t *o = json_loadb(buf_text(&a->body), a->body.len, 0, NULL);
	const json_t *first = json_array_get(json_object_get(o, "errors"), 0);
	const char *code = json_string_value(json_object_get(first, "code"));
	const char *message = json_string_value(json_object_get(first, "message"));

	if (message || code)
		buf_addf(out, ", and says: %.100s", message && *message ? message : code);
	json_decref(o);
}

int remote_refusal(const struct remote *r, const struct http_answer *a, const char *operation,
        const char *object, struct error *err)
{
	auto_buf said = BUF_INIT;

	add_message(a, &said);
	switch (a->status) {
	case 404:
		return error_set(err, ENOENT, operation, object, "the registry %s has none%s",
		        r->server, buf_text(&said));
	case 401:
	case 403:
		error_set(err, EACCES, operation, object, "the registry %s does not allow it%s",
		        r->server, buf_text(&said));
		if (r->credentials.file)
			error_advise(err, "the name and password used are those in %s",
			        r->credentials.file);
		else
			error_advise(err,
			        "there may be none of that name, or it wants a name and a "
			        "password: 'cutaway login %.60s' keeps them",
			        r->server);
		return -EACCES;
	case 429:
		error_set(err, EBUSY, operation, object,
		        "the registry %s had too many requests from here%s", r->server,
		        buf_text(&said));
		error_advise(err, "try again later");
		return -EBUSY;
	default:
		return error_set(err, a->status >= 500 ? EREMOTEIO : EPROTO, operation, object,
		        "the registry %s answers with status %ld%s", r->server, a->status,
		        buf_text(&said));
	}
}

/* --- opening --- */

static int add_scope(struct remote *r, const char *repository, const char *actions)
{
	void *grown = realloc(r->scopes, (r->n_scopes + 1) * sizeof *r->scopes);

	if (!grown)
		return -ENOMEM;
	r->scopes = grown;
	if (asprintf(&r->scopes[r->n_scopes], "repository:%s:%s", repository, actions) < 0)
		return -ENOMEM;
	r->n_scopes++;
	return 0;
}

static int add_scopes(struct remote *r, const char *actions, const char *const *also, size_t n_also,
        struct error *err)
{
	auto_buf own = BUF_INIT;
	int result;

	buf_addf(&own, "%s%s%s", r->image->name_space, r->image->name_space[0] ? "/" : "",
	        r->image->repository);
	result = add_scope(r, buf_text(&own), actions);
	for (size_t i = 0; i < n_also && result == 0; i++)
		result = add_scope(r, also[i], "pull");
	return result < 0 ? error_set(err, ENOMEM, "open registry", r->server, NULL) : 0;
}

static int start_client(struct remote *r, struct error *err)
{
	struct certificates c = {0};
	int result = certificates_read(r->options->cert_dir, r->server, &c, err);
	const struct client_options options = {.insecure = r->insecure,
	        .authorities = c.authorities.len ? buf_text(&c.authorities) : NULL,
	        .certificate = c.certificate,
	        .key = c.key,
	        .timeout = r->options->timeout};

	if (result == 0)
		result = client_new(&options, &r->client, err);
	certificates_release(&c);
	return result;
}

static int set_base(struct remote *r, const char *scheme, struct error *err)
{
	const char *host = r->image->host;

	free(r->base);
	r->base = NULL;
	if (!strcmp(host, DOCKER_NAME))
		host = DOCKER_SERVER;
	if (asprintf(&r->base, "%s://%s%s%s", scheme, host, r->image->port[0] ? ":" : "",
	            r->image->port) < 0) {
		r->base = NULL;
		return error_set(err, ENOMEM, "open registry", r->server, NULL);
	}
	return 0;
}

/* GET /v2/: is it a registry, and does it want to know who asks? (Distribution specification,
 * "Determining Support".) */
static int greet(struct remote *r, const char *scheme, struct error *err)
{
	auto_buf url = BUF_INIT;
	struct http_request request = {.method = "GET"};
	struct transfer *t = NULL;
	const struct http_answer *a;
	int result = set_base(r, scheme, err);

	if (result < 0)
		return result;
	buf_addf(&url, "%s/v2/", r->base);
	request.url = buf_text(&url);
	result = remote_start(r, &request, &t, err);
	if (result == 0)
		result = transfer_wait(t, err);
	if (result == 0)
		result = transfer_result(t, "open registry", r->server, err);
	if (result == 0) {
		a = transfer_answer(t);
		if (a->status == 401)
			result = remote_renew(r, a, r->server, err);
		else if (a->status == 404)
			result = error_set(err, EPROTO, "open registry", r->server,
			        "that is no registry: it has no /v2/");
		else if (a->status != 200)
			result = remote_refusal(r, a, "open registry", r->server, err);
	}
	transfer_free(t);
	return result;
}

static int find_scheme(struct remote *r, struct error *err)
{
	struct error first = {0};
	int result;

	if (!strcmp(r->image->scheme, "http"))
		return greet(r, "http", err);
	result = greet(r, "https", &first);
	if (r->insecure &&
	        (result == -ENOTCONN || result == -ECONNRESET || result == -ECONNREFUSED))
		return greet(r, "http", err);
	if (result < 0 && err && !err->code)
		*err = first;
	if (result == -ENOTCONN)
		error_advise(err, "if it speaks plain http, and you trust all that is between: "
		                  "--tls-verify=false");
	if (result == -EKEYREJECTED)
		error_advise(err, "--cert-dir DIR names a directory with the certificate of who "
		                  "signed it (NAME.crt); --tls-verify=false does without proof");
	return result;
}

static int find_credentials(struct remote *r, struct error *err)
{
	const struct login *login = r->options->login;
	int result;

	if (!login)
		return credentials_find(r->image, r->options->auth_file, &r->credentials, err);
	result = credentials_encode(login->user, login->password, &r->credentials.basic);
	return result < 0 ? error_set(err, -result, "open registry", r->server, NULL) : 0;
}

int remote_open(const struct reference *image, const char *actions, const char *const *also,
        size_t n_also, const struct remote_options *options, struct remote **ret, struct error *err)
{
	struct remote *r = calloc(1, sizeof *r);
	int result;

	if (!r)
		return error_set(err, ENOMEM, "open registry", image->host, NULL);
	r->image = image;
	r->options = options;
	r->insecure = options->tls == REMOTE_TLS_ANY ||
	              (options->tls == REMOTE_TLS_USUAL && host_is_loopback(image->host));
	snprintf(r->server, sizeof r->server, "%s%s%s", image->host, image->port[0] ? ":" : "",
	        image->port);
	result = find_credentials(r, err);
	if (result == 0 && actions)
		result = add_scopes(r, actions, also, n_also, err);
	if (result == 0)
		result = start_client(r, err);
	if (result == 0)
		result = find_scheme(r, err);
	if (result < 0)
		remote_free(r);
	else
		*ret = r;
	return result;
}

/* Once more: a name and a password have been asked for, but were not looked at yet. */
static int ask_again(struct remote *r, struct error *err)
{
	auto_buf url = BUF_INIT;
	struct http_request request = {.method = "GET"};
	struct transfer *t = NULL;
	int result;

	buf_addf(&url, "%s/v2/", r->base);
	request.url = buf_text(&url);
	result = remote_ask(r, &request, r->server, &t, err);
	if (result < 0)
		return result;
	if (transfer_answer(t)->status == 401)
		result = error_set(
		        err, EACCES, "log in", r->server, "the name and password are not accepted");
	else if (transfer_answer(t)->status != 200)
		result = remote_refusal(r, transfer_answer(t), "log in", r->server, err);
	transfer_free(t);
	return result;
}

int remote_check_login(const struct reference *registry, const struct remote_options *options,
        bool *ret_wanted, struct error *err)
{
	struct remote *r = NULL;
	int result = remote_open(registry, NULL, NULL, 0, options, &r, err);

	if (result == 0) {
		*ret_wanted = r->authorization;
		if (r->authorization)
			result = ask_again(r, err);
	}
	remote_free(r);
	return result;
}
