/* Leave to pull or push: either name and password at each request (Basic), or a token from the
 * place that the registry names (Bearer), which name and password are shown to instead. That place
 * may be another host; it is the registry's to choose, and gets what is kept for the registry. */
#include "kernel/remote/remote_private.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

enum { TOKEN_MAX = 64 << 10 };

void remote_forget_authorization(struct remote *r)
{
	if (r->authorization)
		explicit_bzero(r->authorization, strlen(r->authorization));
	free(r->authorization);
	r->authorization = NULL;
}

static int refuse(struct remote *r, const char *cause, struct error *err)
{
	const struct credentials *c = &r->credentials;

	error_set(err, EACCES, "ask for access", r->server, "%s", cause);
	if (c->helper && r->helper_failed.code)
		error_advise(err, "%s leaves it to docker-credential-%.40s: %.120s", c->file,
		        c->helper, r->helper_failed.cause);
	else if (c->helper)
		error_advise(err,
		        "docker-credential-%.40s, which %s leaves it to, has nothing for it: "
		        "'cutaway login %.60s' gives it what to keep",
		        c->helper, c->file, r->server);
	else if (c->file)
		error_advise(err, "the name and password used are those in %s", c->file);
	else if (!r->options->login)
		error_advise(err,
		        "'cutaway login %.60s' keeps a name and a password, as do 'podman login' "
		        "and 'docker login'",
		        r->server);
	return -EACCES;
}

static int keep(struct remote *r, const char *kind, const char *secret, struct error *err)
{
	char *text = NULL;

	if (asprintf(&text, "%s %s", kind, secret) < 0)
		return error_set(err, ENOMEM, "ask for access", r->server, NULL);
	remote_forget_authorization(r);
	r->authorization = text;
	return 0;
}

static void add_parameter(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	if (out->len)
		buf_addc(out, '&');
	buf_addf(out, "%s=", name);
	remote_escape(value, out);
}

static bool has_scope(const struct remote *r, const char *scope)
{
	for (size_t i = 0; i < r->n_scopes; i++)
		if (!strcmp(r->scopes[i], scope))
			return true;
	return false;
}

static void add_question(const struct remote *r, const struct challenge *c, struct buf *out)
{
	add_parameter(out, "service", c->service);
	for (size_t i = 0; i < r->n_scopes; i++)
		add_parameter(out, "scope", r->scopes[i]);
	if (c->scope && !has_scope(r, c->scope))
		add_parameter(out, "scope", c->scope);
}

/* It becomes a header: nothing in it may end one. */
static bool is_token(const char *text)
{
	if (!text || !*text || strlen(text) > TOKEN_MAX)
		return false;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f)
			return false;
	return true;
}

static int read_token(struct remote *r, const struct buf *body, struct error *err)
{
	json_t *o = json_loadb(buf_text(body), body->len, JSON_REJECT_DUPLICATES, NULL);
	const char *token = json_string_value(json_object_get(o, "token"));
	int result;

	if (!token)
		token = json_string_value(json_object_get(o, "access_token"));
	if (is_token(token))
		result = keep(r, "Bearer", token, err);
	else
		result = error_set(
		        err, EPROTO, "ask for a token", r->server, "what came is no token");
	json_decref(o);
	return result;
}

/* From https nobody is led to http. */
static int check_realm(const struct remote *r, const char *realm, struct error *err)
{
	bool tls = realm && !strncasecmp(realm, "https://", 8);

	if (tls || (realm && !strncasecmp(realm, "http://", 7) && remote_is_plain(r)))
		return 0;
	return error_set(err, EPROTO, "ask for a token", r->server, "%s",
	        realm ? "it leads to a place that does not speak https" : "it does not say where");
}

static int judge_token(struct remote *r, const struct http_answer *a, struct error *err)
{
	if (a->body_cut)
		return error_set(err, EFBIG, "ask for a token", r->server,
		        "the answer is larger than 1 MiB");
	if (a->status == 401 || a->status == 403)
		return refuse(r,
		        r->credentials.basic || r->credentials.identity_token
		                ? "the name and password are not accepted"
		                : "it gives no token without a name and a password",
		        err);
	if (a->status != 200)
		return error_set(err, a->status >= 500 ? EREMOTEIO : EPROTO, "ask for a token",
		        r->server, "the place for tokens answers with status %ld", a->status);
	return read_token(r, &a->body, err);
}

static int get_token(struct remote *r, const struct challenge *c, struct error *err)
{
	const struct credentials *known = &r->credentials;
	auto_buf question = BUF_INIT, url = BUF_INIT, basic = BUF_INIT;
	struct http_request request = {.method = "GET"};
	struct transfer *t = NULL;
	int result = check_realm(r, c->realm, err);

	if (result < 0)
		return result;
	add_question(r, c, &question);
	buf_add(&url, c->realm);
	if (known->identity_token) {
		add_parameter(&question, "grant_type", "refresh_token");
		add_parameter(&question, "client_id", "cutaway");
		add_parameter(&question, "refresh_token", known->identity_token);
		request.method = "POST";
		request.content_type = "application/x-www-form-urlencoded";
		request.fields = buf_text(&question);
	} else {
		buf_addf(&url, "%c%s", strchr(c->realm, '?') ? '&' : '?', buf_text(&question));
		if (known->basic)
			buf_addf(&basic, "Basic %s", known->basic);
		request.authorization = known->basic ? buf_text(&basic) : NULL;
	}
	request.url = buf_text(&url);
	result = transfer_start(r->client, &request, &t, err);
	if (result == 0)
		result = transfer_wait(t, err);
	if (result == 0 && !transfer_answer(t)->body_cut)
		result = transfer_result(t, "ask for a token", r->server, err);
	if (result == 0)
		result = judge_token(r, transfer_answer(t), err);
	transfer_free(t);
	if (question.data)
		explicit_bzero(question.data, question.len);
	if (basic.data)
		explicit_bzero(basic.data, basic.len);
	return result;
}

int remote_authorize(struct remote *r, const char *header, struct error *err)
{
	struct challenge c = {0};
	int result;

	if (!challenge_read(header, &c))
		return error_set(err, ENOMEM, "ask for access", r->server, NULL);
	/* Without it there may still be a token for everybody: what is wrong is told if not. */
	credentials_ask_helper(&r->credentials, r->image, &r->helper_failed);
	switch (c.kind) {
	case CHALLENGE_BEARER:
		result = get_token(r, &c, err);
		break;
	case CHALLENGE_BASIC:
		result = r->credentials.basic ? keep(r, "Basic", r->credentials.basic, err)
		                              : refuse(r, "it wants a name and a password", err);
		break;
	default:
		result = error_set(err, EPROTO, "ask for access", r->server,
		        "it refuses, and does not say what it wants to see (Bearer or Basic)");
	}
	challenge_release(&c);
	return result;
}
