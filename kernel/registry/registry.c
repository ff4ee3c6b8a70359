#include "kernel/registry/registry.h"

#include "kernel/base/cleanup.h"
#include "kernel/registry/access.h"
#include "kernel/registry/http.h"
#include "kernel/registry/state.h"
#include "kernel/store/collect.h"
#include "kernel/store/store_read.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { BACKLOG = 128 };

static socklen_t fill_address(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){0};
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof *v6;
	}
	return 0;
}

static int refuse(const struct registry_options *o, int code, struct error *err)
{
	char object[128];
	int r;

	snprintf(object, sizeof object, "%s:%u", o->address, o->port);
	r = error_set(err, code, "listen", object,
	        code == EADDRINUSE ? "another program listens there" : NULL);
	if (code == EADDRINUSE)
		error_advise(err, "choose another port, or 0 for any that is free");
	return r;
}

static int listen_at(const struct registry_options *o, uint16_t *ret_port, struct error *err)
{
	struct sockaddr_storage address;
	socklen_t size = fill_address(o->address, o->port, &address);
	auto_close fd = -1;
	int yes = 1;

	if (!size)
		return error_set(err, EINVAL, "listen", o->address, "that is no address");
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return refuse(o, errno, err);
	/* A registry that was ended a moment ago is no reason to wait (tcp(7), TIME_WAIT). */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0 ||
	        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return refuse(o, errno, err);
	*ret_port =
	        ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
	                                           : ((struct sockaddr_in6 *)&address)->sin6_port);
	return steal_fd(&fd);
}

/* What is killed in the middle leaves blobs that nobody has. */
static void collect(const struct registry *r)
{
	struct collected ignored;
	auto_close lock = layout_lock(&r->layout, NULL);

	if (lock >= 0)
		(void)store_collect_blobs(&r->layout, &ignored, NULL);
}

static int start(struct registry *r, struct error *err)
{
	const struct registry_options *o = r->options;
	auto_close fd = -1;
	int status =
	        o->store ? layout_open(o->store, &r->layout, err) : store_open(&r->layout, err);

	if (status == 0)
		status = access_new(o, &r->access, err);
	if (status == 0 && !(r->uploads = uploads_new(&r->layout)))
		status = error_set(err, ENOMEM, "start registry", "", NULL);
	if (status < 0)
		return status;
	fd = listen_at(o, &r->port, err);
	if (fd < 0)
		return fd;
	snprintf(r->host, sizeof r->host, "localhost:%u", r->port);
	collect(r);
	status = http_start(r, fd, err);
	if (status == 0)
		steal_fd(&fd);
	return status;
}

int registry_start(const struct registry_options *options, struct registry **ret, struct error *err)
{
	struct registry *r = calloc(1, sizeof *r);
	int status;

	if (!r)
		return error_set(err, ENOMEM, "start registry", "", NULL);
	r->options = options;
	status = start(r, err);
	if (status < 0)
		registry_stop(r);
	else
		*ret = r;
	return status;
}

const char *registry_host(const struct registry *r)
{
	return r->host;
}

uint16_t registry_port(const struct registry *r)
{
	return r->port;
}

void registry_stop(struct registry *r)
{
	if (!r)
		return;
	http_stop(r);
	uploads_free(r->uploads);
	if (r->layout.path)
		collect(r);
	access_free(r->access);
	layout_release(&r->layout);
	free(r);
}
