/* What a thread has read ahead of a layer is what the layer holds. */
#include "kernel/store/layer_ahead.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

enum { LONG = 9 << 20 }; /* several times what is read ahead at most */

static unsigned char nth(size_t i)
{
	return (unsigned char)((i * i) >> 7);
}

/* A gzip stream of LONG bytes, its last `cut` left out. */
static int gzip_file(size_t cut)
{
	static unsigned char plain[LONG], packed[LONG + LONG / 100 + 4096];
	int fd = memfd_create("layer", MFD_CLOEXEC);
	z_stream z = {0};

	for (size_t i = 0; i < LONG; i++)
		plain[i] = nth(i);
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
	z.next_in = plain;
	z.avail_in = sizeof plain;
	z.next_out = packed;
	z.avail_out = sizeof packed;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(write(fd, packed, z.total_out - cut), (ssize_t)(z.total_out - cut));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	deflateEnd(&z);
	return fd;
}

struct reading {
	int fd;
	struct layer_stream *stream;
	struct layer_ahead *ahead;
	struct error error;
};

static struct reading begin(size_t cut)
{
	struct reading r = {.fd = gzip_file(cut)};

	assert_int_equal(layer_stream_open(r.fd, NULL, NULL, &r.stream, NULL), 0);
	assert_int_equal(layer_ahead_start(r.stream, &r.ahead, NULL), 0);
	return r;
}

static void end(struct reading *r)
{
	layer_stream_free(r->stream);
	close(r->fd);
}

/* How many bytes came, all of them right, until it returned what is at *ret_last. */
static size_t read_all(struct reading *r, ssize_t *ret_last)
{
	const void *bytes;
	size_t all = 0;

	while ((*ret_last = layer_ahead_read(r->ahead, &bytes, &r->error)) > 0)
		for (ssize_t i = 0; i < *ret_last; i++)
			if (((const unsigned char *)bytes)[i] != nth(all++))
				fail_msg("byte %zu is another", all - 1);
	return all;
}

static void all_comes_in_order(void **state)
{
	struct reading r = begin(0);
	struct layer_sums sums;
	const void *bytes;
	ssize_t last;

	(void)state;
	assert_int_equal(read_all(&r, &last), LONG);
	assert_int_equal(last, 0);
	assert_int_equal(layer_ahead_read(r.ahead, &bytes, NULL), 0); /* and again */
	assert_int_equal(layer_ahead_stop(r.ahead, NULL), 0);
	assert_int_equal(layer_stream_sums(r.stream, &sums, NULL), 0);
	assert_int_equal(sums.unpacked, LONG);
	end(&r);
}

static void who_stops_early_still_has_the_sums(void **state)
{
	struct reading r = begin(0);
	struct layer_sums sums;
	const void *bytes;

	(void)state;
	assert_true(layer_ahead_read(r.ahead, &bytes, NULL) > 0);
	assert_int_equal(layer_ahead_stop(r.ahead, NULL), 0);
	assert_int_equal(layer_stream_sums(r.stream, &sums, NULL), 0);
	assert_int_equal(sums.unpacked, LONG);
	end(&r);
}

static void damage_is_told_where_it_is(void **state)
{
	struct reading r = begin(100);
	ssize_t last;

	(void)state;
	assert_in_range(read_all(&r, &last), 1, LONG - 1);
	assert_int_equal(last, -EBADMSG);
	assert_string_equal(r.error.cause, "the gzip stream is cut off");
	assert_int_equal(layer_ahead_stop(r.ahead, NULL), -EBADMSG);
	end(&r);
}

/* The archive in it may end before the stream does: then nobody asks for the rest. */
static void damage_that_nobody_asked_for_is_told_as_well(void **state)
{
	struct reading r = begin(1);
	const void *bytes;
	size_t all = 0;
	int stopped;

	(void)state;
	while (all < LONG - (64 << 10)) {
		ssize_t n = layer_ahead_read(r.ahead, &bytes, NULL);
		assert_true(n > 0);
		all += (size_t)n;
	}
	stopped = layer_ahead_stop(r.ahead, &r.error);
	/* Either the thread had come so far, or the stream comes there now. */
	if (stopped == 0) {
		struct layer_sums sums;
		stopped = layer_stream_sums(r.stream, &sums, &r.error);
	}
	assert_int_equal(stopped, -EBADMSG);
	assert_string_equal(r.error.cause, "the gzip stream is cut off");
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_comes_in_order),
	        cmocka_unit_test(who_stops_early_still_has_the_sums),
	        cmocka_unit_test(damage_is_told_where_it_is),
	        cmocka_unit_test(damage_that_nobody_asked_for_is_told_as_well),
	};

	return cmocka_run_group_tests_name("layer_ahead", tests, NULL, NULL);
}
