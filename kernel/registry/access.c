#include "kernel/registry/access.h"

#include "kernel/base/cleanup.h"
#include "kernel/registry/state.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { GOOD_FOR = 300, SCOPE_MAX = 2048, SUM_TEXT = 2 * SHA256_DIGEST_SIZE + 1 };

struct access {
	char *basic; /* what stands behind "Basic "; NULL: everybody may do everything */
	bool tokens;
	unsigned char key[32];
};

int access_new(const struct registry_options *o, struct access **ret, struct error *err)
{
	struct access *a = calloc(1, sizeof *a);
	size_t n = o->user ? strlen(o->user) : 0;

	if (!a || getrandom(a->key, sizeof a->key, 0) != sizeof a->key ||
	        (o->user && !(a->basic = calloc(1, BASE64_ENCODE_RAW_LENGTH(n) + 1)))) {
		free(a);
		return error_set(err, ENOMEM, "start registry", "", NULL);
	}
	if (a->basic)
		base64_encode_raw(a->basic, n, (const uint8_t *)o->user);
	a->tokens = o->tokens;
	*ret = a;
	return 0;
}

void access_free(struct access *a)
{
	if (!a)
		return;
	free(a->basic);
	free(a);
}

/* In a time that does not tell how much of it was right. */
static bool equal(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && memeql_sec(a, b, strlen(a));
}

/* What stands behind "Basic " or "Bearer ", NULL when the client says nothing of that kind. */
static const char *credentials(const struct exchange *e, const char *scheme)
{
	const char *text = exchange_header(e, "Authorization");
	size_t n = strlen(scheme);

	return text && !strncasecmp(text, scheme, n) && text[n] == ' ' ? text + n + 1 : NULL;
}

static bool has_password(const struct access *a, const struct exchange *e)
{
	const char *text = credentials(e, "Basic");

	return text && equal(text, a->basic);
}

/* ---- tokens: EXPIRY.SUM.SCOPES ---- */

static void sign(const struct access *a, const char *expiry, const char *scopes, char ret[SUM_TEXT])
{
	unsigned char sum[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx hmac;

	hmac_sha256_set_key(&hmac, sizeof a->key, a->key);
	hmac_sha256_update(&hmac, strlen(expiry) + 1, (const uint8_t *)expiry);
	hmac_sha256_update(&hmac, strlen(scopes), (const uint8_t *)scopes);
	hmac_sha256_digest(&hmac, sizeof sum, sum);
	for (size_t i = 0; i < sizeof sum; i++)
		snprintf(ret + 2 * i, 3, "%02x", sum[i]);
}

/* "repository:NAME:pull,push", or "" for what needs no right but to be known. */
static void needed_scope(const struct exchange *e, char *ret, size_t size, const char **ret_action)
{
	bool read = e->method == METHOD_GET || e->method == METHOD_HEAD;

	*ret_action = read ? "pull" : e->method == METHOD_DELETE ? "delete" : "push";
	if (e->route.kind == ROUTE_UPLOAD || e->route.kind == ROUTE_UPLOADS)
		*ret_action = "push";
	ret[0] = '\0';
	if (e->route.name[0])
		snprintf(ret, size, "repository:%s:", e->route.name);
	else if (e->route.kind == ROUTE_CATALOG) {
		snprintf(ret, size, "registry:catalog:");
		*ret_action = "*";
	}
}

/* Whether one of the scopes, which spaces separate, begins with what is needed and has the action
 * among those behind it. */
static bool grants(const char *scopes, const char *needed, const char *action)
{
	auto_free char *copy = strdup(scopes);
	char *outer = NULL, *inner = NULL;

	for (char *one = copy ? strtok_r(copy, " ", &outer) : NULL; one;
	        one = strtok_r(NULL, " ", &outer)) {
		if (strncmp(one, needed, strlen(needed)) != 0)
			continue;
		for (char *word = strtok_r(one + strlen(needed), ",", &inner); word;
		        word = strtok_r(NULL, ",", &inner))
			if (!strcmp(word, action) || !strcmp(word, "*"))
				return true;
	}
	return !needed[0];
}

static bool token_allows(
        const struct access *a, const char *token, const char *needed, const char *action)
{
	char expiry[24], sum[SUM_TEXT], given[SUM_TEXT];
	struct base64_decode_ctx decode;
	char scopes[SCOPE_MAX + 1];
	size_t n = SCOPE_MAX;
	int at = 0;

	if (strlen(token) > 2 * (size_t)SCOPE_MAX ||
	        sscanf(token, "%20[0-9].%64[0-9a-f].%n", expiry, given, &at) != 2 || at == 0 ||
	        BASE64_DECODE_LENGTH(strlen(token + at)) > SCOPE_MAX)
		return false;
	base64_decode_init(&decode);
	if (!base64_decode_update(&decode, &n, (uint8_t *)scopes, strlen(token + at), token + at) ||
	        !base64_decode_final(&decode))
		return false;
	scopes[n] = '\0';
	sign(a, expiry, scopes, sum);
	return equal(sum, given) && strtoll(expiry, NULL, 10) > time(NULL) &&
	       grants(scopes, needed, action);
}

static void add_scope(void *data, const char *scope)
{
	struct buf *scopes = data;

	if (scopes->len + strlen(scope) + 2 < SCOPE_MAX / 2)
		buf_addf(scopes, "%s%s", scopes->len ? " " : "", scope);
}

void answer_token(struct exchange *e)
{
	const struct access *a = e->registry->access;
	char expiry[24], sum[SUM_TEXT], encoded[BASE64_ENCODE_RAW_LENGTH(SCOPE_MAX) + 1];
	auto_buf scopes = BUF_INIT, token = BUF_INIT;

	if (!a->basic || !a->tokens) {
		reply_fault(&e->reply, FAULT_PATH, NULL);
	} else if (e->method != METHOD_GET) {
		reply_fault(&e->reply, FAULT_METHOD, NULL);
	} else if (!has_password(a, e)) {
		reply_header(&e->reply, "WWW-Authenticate", "Basic realm=\"cutaway\"");
		reply_fault(&e->reply, FAULT_UNAUTHORIZED, NULL);
	}
	if (e->reply.status)
		return;
	exchange_parameters(e, "scope", add_scope, &scopes);
	snprintf(expiry, sizeof expiry, "%lld", (long long)time(NULL) + GOOD_FOR);
	sign(a, expiry, buf_text(&scopes), sum);
	base64_encode_raw(encoded, scopes.len, (const uint8_t *)buf_text(&scopes));
	encoded[BASE64_ENCODE_RAW_LENGTH(scopes.len)] = '\0';
	buf_addf(&token, "%s.%s.%s", expiry, sum, encoded);
	reply_json(&e->reply, 200, "application/json",
	        json_pack("{s:s,s:s,s:i}", "token", buf_text(&token), "access_token",
	                buf_text(&token), "expires_in", GOOD_FOR));
}

/* ---- */

static void challenge(const struct access *a, struct exchange *e, const char *needed,
        const char *action, bool has_token)
{
	const char *host = exchange_header(e, "Host");

	if (!host || strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                          ".:-[]") != strlen(host))
		host = e->registry->host;
	if (!a->tokens)
		reply_header(&e->reply, "WWW-Authenticate", "Basic realm=\"cutaway\"");
	else
		reply_header(&e->reply, "WWW-Authenticate",
		        "Bearer realm=\"%s://%s/token\",service=\"cutaway\"%s%s%s%s%s",
		        e->registry->options->certificate ? "https" : "http", host,
		        needed[0] ? ",scope=\"" : "", needed,
		        !needed[0]                ? ""
		        : !strcmp(action, "push") ? "pull,push"
		                                  : action,
		        needed[0] ? "\"" : "", has_token ? ",error=\"insufficient_scope\"" : "");
	reply_fault(&e->reply, FAULT_UNAUTHORIZED, NULL);
}

bool access_check(const struct access *a, struct exchange *e)
{
	char needed[REPOSITORY_NAME_MAX + 32];
	const char *action, *token;

	if (!a->basic || e->route.kind == ROUTE_TOKEN)
		return true;
	needed_scope(e, needed, sizeof needed, &action);
	token = a->tokens ? credentials(e, "Bearer") : NULL;
	if (a->tokens ? token && token_allows(a, token, needed, action) : has_password(a, e))
		return true;
	challenge(a, e, needed, action, token);
	return false;
}
