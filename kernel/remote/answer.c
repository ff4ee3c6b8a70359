/* What came back: the headers that matter, and in words why nothing did. */
#include "kernel/remote/client_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER_MAX = 16 << 10, CHALLENGES_MAX = 4 };

static const char *header(struct transfer *t, const char *name, size_t index)
{
	struct curl_header *h = NULL;

	/* Of the last request only: what a redirect said is no answer. */
	if (curl_easy_header(t->easy, name, index, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	return strlen(h->value) > HEADER_MAX ? NULL : h->value;
}

static void keep(char **slot, const char *text)
{
	char *copy = strdup(text ? text : "");

	if (!copy)
		return;
	free(*slot);
	*slot = copy;
}

static void read_challenge(struct transfer *t)
{
	auto_buf all = BUF_INIT;
	const char *one;

	for (size_t i = 0; i < CHALLENGES_MAX && (one = header(t, "WWW-Authenticate", i)); i++)
		buf_addf(&all, "%s%s", i ? ", " : "", one);
	keep(&t->answer.challenge, buf_text(&all));
}

/* "bytes 100-199/200" (RFC 9110, 14.4); one that cannot be read begins nowhere. */
static uint64_t range_start(const char *text)
{
	char *end;
	unsigned long long n;

	if (!text || strncasecmp(text, "bytes ", 6) != 0)
		return UINT64_MAX;
	errno = 0;
	n = strtoull(text + 6, &end, 10);
	return errno || end == text + 6 || *end != '-' ? UINT64_MAX : n;
}

/* What Location says, relative to the address that said it (RFC 9110, 10.2.2). */
static void read_location(struct transfer *t)
{
	const char *base = NULL, *text = header(t, "Location", 0);
	CURLU *u = text ? curl_url() : NULL;
	char *whole = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &base);
	if (u && base && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
	        curl_url_set(u, CURLUPART_URL, text, 0) == CURLUE_OK)
		curl_url_get(u, CURLUPART_URL, &whole, 0);
	keep(&t->answer.location, whole);
	curl_free(whole);
	curl_url_cleanup(u);
}

void transfer_read_answer(struct transfer *t)
{
	struct http_answer *a = &t->answer;
	const char *at = NULL, *retry = header(t, "Retry-After", 0);

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &at);
	a->elsewhere = at && !url_same_origin(t->request.url, at);
	a->from = a->status == 206 ? range_start(header(t, "Content-Range", 0)) : 0;
	a->retry_after = retry ? atoi(retry) : 0;
	keep(&a->content_type, header(t, "Content-Type", 0));
	if (a->content_type)
		a->content_type[strcspn(a->content_type, "; ")] = '\0';
	keep(&a->digest, header(t, "Docker-Content-Digest", 0));
	read_location(t);
	read_challenge(t);
}

static char *url_part(const char *url, CURLUPart part, unsigned flags)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy;

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		curl_url_get(u, part, &text, flags);
	copy = text ? strdup(text) : NULL;
	curl_free(text);
	curl_url_cleanup(u);
	return copy;
}

bool host_is_loopback(const char *host)
{
	struct in_addr a;

	if (!strcasecmp(host, "localhost") || !strcmp(host, "[::1]"))
		return true;
	return inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

bool url_is_loopback(const char *url)
{
	auto_free char *host = url_part(url, CURLUPART_HOST, 0);

	return host && host_is_loopback(host);
}

bool url_same_origin(const char *a, const char *b)
{
	static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
	bool same = true;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		auto_free char *of_a = url_part(a, parts[i], CURLU_DEFAULT_PORT);
		auto_free char *of_b = url_part(b, parts[i], CURLU_DEFAULT_PORT);
		same = same && of_a && of_b && !strcasecmp(of_a, of_b);
	}
	return same;
}

/* Why it failed, as errno; the words for it. */
static int judge(const struct transfer *t, const char **ret_words)
{
	switch (t->code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		*ret_words = "no machine of that name is known";
		return EHOSTUNREACH;
	case CURLE_COULDNT_CONNECT:
		*ret_words = "nothing answers there";
		return ECONNREFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		*ret_words = "it stalls or is too slow";
		return ETIMEDOUT;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2_STREAM:
		*ret_words = "the connection broke off before the end";
		return ECONNRESET;
	case CURLE_SSL_CONNECT_ERROR:
		*ret_words = "no TLS is spoken there";
		return ENOTCONN;
	case CURLE_PEER_FAILED_VERIFICATION:
		*ret_words = "its certificate is not trusted";
		return EKEYREJECTED;
	case CURLE_TOO_MANY_REDIRECTS:
		*ret_words = "it leads from one address to the next without end";
		return ELOOP;
	case CURLE_UNSUPPORTED_PROTOCOL:
		*ret_words = "it leads from https to an address without";
		return EPROTO;
	case CURLE_WRITE_ERROR:
		*ret_words = t->header_bytes > HEADERS_MAX ? "its headers do not end"
		                                           : "its answer is too long";
		return EFBIG;
	case CURLE_OUT_OF_MEMORY:
		*ret_words = "out of memory";
		return ENOMEM;
	default:
		*ret_words = curl_easy_strerror(t->code);
		return EPROTO;
	}
}

int transfer_result(
        const struct transfer *t, const char *operation, const char *object, struct error *err)
{
	const char *words;
	int code;

	if (t->taken < 0)
		return error_set(err, -t->taken, operation, object, NULL);
	/* Of a refusal as much is enough. */
	if (t->code == CURLE_OK ||
	        (t->code == CURLE_WRITE_ERROR && t->answer.body_cut && t->answer.status >= 400))
		return 0;
	code = judge(t, &words);
	if (t->code == CURLE_PEER_FAILED_VERIFICATION && t->problem[0])
		return error_set(err, code, operation, object, "%s: %s", words, t->problem);
	if (t->code == CURLE_OPERATION_TIMEDOUT)
		return error_set(err, code, operation, object, "%s: it was waited for %d seconds",
		        words, t->client->timeout);
	return error_set(err, code, operation, object, "%s", words);
}
