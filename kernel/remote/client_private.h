/* What the two files of HTTP share: client.c moves bytes, answer.c reads what came. */
#pragma once

#include "kernel/base/cleanup.h"
#include "kernel/remote/client.h"

#include <curl/curl.h>

enum { HEADERS_MAX = 256 << 10 }; /* bytes of all headers of an answer */

struct client {
	CURLM *multi;
	struct transfer *ended; /* those that nobody has asked for yet, the first first */
	bool insecure;
	int timeout;
	struct buf authorities;
	char *certificate, *key;
};

struct transfer {
	struct client *client;
	struct transfer *next; /* in `ended` */
	CURL *easy;
	struct curl_slist *headers;
	struct http_request request; /* of its texts only the address stays */
	char *url;
	struct http_answer answer;
	size_t header_bytes;
	bool began, done, failed;
	int taken; /* what `take` or `give` refused with */
	CURLcode code;
	char problem[CURL_ERROR_SIZE];
};

/* Whether that is where the address leads. */
bool url_is_loopback(const char *url);
/* Fills the answer from the headers that have come. May be called again. */
void transfer_read_answer(struct transfer *t);
