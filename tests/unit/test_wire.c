/* What is told of bytes that two processes write to each other: HTTP/1.1, HTTP/2 packed by
 * libnghttp2, ttrpc, D-Bus; in one piece, byte by byte, from the middle, and damaged. */
#include "kernel/base/cleanup.h"
#include "kernel/watch/wire/mask.h"
#include "kernel/watch/wire/wire.h"

#include <nghttp2/nghttp2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A line for each: "0>http POST /x [3] {body}", "1<http 200 OK (POST /x)". */
static void note(void *data, const struct wire_said *said)
{
	struct buf *out = data;

	buf_addf(out, "%d%c%s %s", said->side, said->answer ? '<' : '>', said->api, said->text);
	if (said->to)
		buf_addf(out, " to %s", said->to);
	if (said->bytes >= 0)
		buf_addf(out, " [%d]", (int)said->bytes);
	if (said->of)
		buf_addf(out, " (%s)", said->of);
	if (said->body)
		buf_addf(out, " {%s}", said->body);
	buf_addc(out, '\n');
}

struct said {
	int side;
	const char *bytes;
	size_t n;
};

#define SAID(side, text)                                                                           \
	{                                                                                          \
		side, text, sizeof text - 1                                                        \
	}

static struct buf told;

/* As they are, or, with `step`, so many bytes at a time. */
static const char *hear(const struct said *all, size_t n, size_t step, bool bodies)
{
	struct wire *w = wire_new(bodies, note, &told);

	buf_reset(&told);
	assert_non_null(w);
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < all[i].n;) {
			size_t length = !step || all[i].n - at < step ? all[i].n - at : step;
			at += wire_pass(w, all[i].side, length);
			length = length < all[i].n - at ? length : all[i].n - at;
			wire_bytes(w, all[i].side, 1, all[i].bytes + at, length);
			at += length;
		}
	wire_free(w);
	return buf_text(&told);
}

#define HEAR(all, step, bodies) hear(all, sizeof all / sizeof *all, step, bodies)

/* ---- HTTP/1.1 -------------------------------------------------------------------------------- */

static void test_http(void **state)
{
	static const struct said all[] = {
	        SAID(0, "HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"),
	        SAID(1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
	        SAID(0, "POST /v1.41/containers/create?name=a HTTP/1.1\r\nContent-Length: 14\r\n"
	                "Content-Type: application/json\r\nX-Registry-Auth: geheim\r\n\r\n"
	                "{\"Env\":[\"A=b\"]}"),
	        SAID(1, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: "
	                "chunked\r\nContent-Type: application/json\r\n\r\n"
	                "6;x=y\r\n{\"a\":1\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"),
	        SAID(0, "GET /a HTTP/1.1\r\n\r\nGET /b?token=x HTTP/1.1\r\n\r\n"),
	        SAID(1, "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\nHTTP/1.1 204 No "
	                "Content\r\n\r\n"),
	};
	static const char with_bodies[] =
	        "0>http HEAD /_ping\n"
	        "1<http 200 OK (HEAD /_ping)\n"
	        "0>http POST /v1.41/containers/create?name=a [14] {(no whole JSON: not told)}\n";

	(void)state;
	for (size_t step = 0; step < 5; step++) {
		const char *text = HEAR(all, step, true);
		assert_memory_equal(text, with_bodies, 60);
		assert_non_null(strstr(text, "\n1<http 201 Created [7] (POST "
		                             "/v1.41/containers/create?name=a) {{\"a\":1}}\n"));
		assert_non_null(strstr(text, "\n0>http GET /a\n0>http GET /b?token=…\n"));
		assert_non_null(strstr(text, "\n1<http 404 Not Found [3] (GET /a)"));
		assert_non_null(strstr(text, "\n1<http 204 No Content (GET /b?token=…)\n"));
		assert_null(strstr(text, "geheim"));
	}
}

static void test_http_becomes_another(void **state)
{
	static const struct said attach[] = {
	        SAID(0, "POST /containers/a/attach?stream=1 HTTP/1.1\r\nConnection: Upgrade\r\n"
	                "Upgrade: tcp\r\nContent-Length: 0\r\n\r\n"),
	        SAID(0, "GET /typed HTTP/1.1\r\n\r\n"),
	        SAID(1, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"),
	        SAID(1, "HTTP/1.1 200 OK\r\n\r\n"),
	        SAID(0, "GET /typed HTTP/1.1\r\n\r\n"),
	};
	static const struct said refused[] = {
	        SAID(0, "POST /attach HTTP/1.1\r\nUpgrade: tcp\r\n\r\n"),
	        SAID(1, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
	        SAID(0, "GET /next HTTP/1.1\r\n\r\n"),
	};
	static const struct said middle[] = {
	        SAID(1, "nothing of the kind"),
	        SAID(1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
	        SAID(0, "GET /next HTTP/1.1\r\n\r\n"),
	};
	static const struct said other[] = {SAID(0, "GETX / HTTP/1.1\r\n\r\n"),
	        SAID(0, "GET / HTTP/2.0\r\n\r\n"), SAID(0, "GET\r\n\r\n")};

	(void)state;
	assert_string_equal(HEAR(attach, 0, false),
	        "0>http POST /containers/a/attach?stream=1 [0]\n"
	        "1<http 101 UPGRADED (POST /containers/a/attach?stream=1)\n");
	assert_string_equal(HEAR(refused, 0, false),
	        "0>http POST /attach\n1<http 404 Not Found [0] (POST /attach)\n0>http GET /next\n");
	assert_string_equal(HEAR(middle, 0, false), "1<http 200 OK [0]\n0>http GET /next\n");
	assert_string_equal(HEAR(other, 0, false), "");
}

/* ---- HTTP/2 ---------------------------------------------------------------------------------- */

/* What one side has packed. */
struct packer {
	nghttp2_hd_deflater *deflater;
	struct buf out;
};

static void frame(
        struct buf *out, int type, int flags, uint32_t stream, const void *bytes, size_t n)
{
	const char head[] = {(char)(n >> 16), (char)(n >> 8), (char)n, (char)type, (char)flags, 0,
	        0, (char)(stream >> 8), (char)stream};

	buf_add_bytes(out, head, sizeof head);
	buf_add_bytes(out, bytes, n);
}

static void pack(struct packer *p, uint32_t stream, bool ends, const char *const *fields)
{
	nghttp2_nv nv[16];
	uint8_t block[2048];
	size_t n = 0;
	ssize_t length;

	for (; fields[2 * n]; n++)
		nv[n] = (nghttp2_nv){(uint8_t *)fields[2 * n], (uint8_t *)fields[2 * n + 1],
		        strlen(fields[2 * n]), strlen(fields[2 * n + 1]), 0};
	length = nghttp2_hd_deflate_hd(p->deflater, block, sizeof block, nv, n);
	assert_true(length > 0);
	frame(&p->out, 1, (ends ? 1 : 0) | 4, stream, block, (size_t)length);
}

#define TASKS "/containerd.services.tasks.v1.Tasks"

/* Packed as the library of Go does, which keeps paths in its table (RFC 7541 section 6): POST and
 * http are in the table of all, then the path and the type. */
static void request(struct packer *p, uint32_t stream, const char *block, size_t n)
{
	frame(&p->out, 1, 4, stream, block, n);
	frame(&p->out, 0, 1, stream, "\0\0\0\0\6abcdef", 11);
}

#define REQUEST(p, stream, block) request(p, stream, block, sizeof block - 1)
#define CREATE                                                                                     \
	"\203\206\104\052" TASKS "/Create"                                                         \
	"\137\020application/grpc"
#define CREATE_AGAIN "\203\206\277\276"
#define START        "\203\206\104\051" TASKS "/Start\277"
#define START_AGAIN  "\203\206\276\277"
#define CREATE_LATER "\203\206\300\277"

static void answer(struct packer *p, uint32_t stream, const char *status)
{
	pack(p, stream, false,
	        (const char *const[]){":status", "200", "content-type", "application/grpc", NULL});
	frame(&p->out, 0, 0, stream, "\0\0\0\0\2xy", 7);
	pack(p, stream, true, (const char *const[]){"grpc-status", status, NULL});
}

/* Of a connection of three calls what each side has written, in the parts that `cut` tells. */
static void converse(struct packer sides[2], size_t cut[2])
{
	for (int i = 0; i < 2; i++) {
		sides[i] = (struct packer){0};
		assert_int_equal(nghttp2_hd_deflate_new(&sides[i].deflater, 4096), 0);
	}
	buf_add_bytes(&sides[0].out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
	frame(&sides[0].out, 4, 0, 0, "", 0);
	frame(&sides[1].out, 4, 0, 0, "\0\3\0\0\0\144", 6);
	REQUEST(&sides[0], 1, CREATE);
	answer(&sides[1], 1, "0");
	for (int i = 0; i < 2; i++)
		cut[i] = sides[i].out.len;
	REQUEST(&sides[0], 3, CREATE_AGAIN);
	REQUEST(&sides[0], 5, START);
	REQUEST(&sides[0], 7, START_AGAIN);
	answer(&sides[1], 3, "5");
	answer(&sides[1], 5, "0");
	frame(&sides[1].out, 3, 0, 7, "\0\0\0\10", 4);
	for (int i = 0; i < 2; i++) {
		assert_false(buf_failed(&sides[i].out));
		nghttp2_hd_deflate_del(sides[i].deflater);
	}
}

static void test_grpc(void **state)
{
	struct packer sides[2];
	size_t cut[2];

	(void)state;
	converse(sides, cut);
	for (size_t step = 0; step < 30; step++) {
		/* The server may speak first. */
		const struct said all[] = {{1, sides[1].out.data, 15},
		        {0, sides[0].out.data, sides[0].out.len},
		        {1, sides[1].out.data + 15, sides[1].out.len - 15}};
		const char *text = hear(all + (step ? 1 : 0), step ? 1 : 3, step, false);
		if (step) { /* told at the end of a write, its size perhaps later */
			assert_non_null(strstr(text, "0>grpc " TASKS "/Create"));
			assert_non_null(strstr(text, "0>grpc " TASKS "/Start"));
			continue;
		}
		assert_string_equal(text, "0>grpc " TASKS "/Create [11]\n"
		                          "0>grpc " TASKS "/Create [11]\n"
		                          "0>grpc " TASKS "/Start [11]\n"
		                          "0>grpc " TASKS "/Start [11]\n"
		                          "1<grpc grpc-status 0 OK [7] (" TASKS "/Create)\n"
		                          "1<grpc grpc-status 5 NOT_FOUND [7] (" TASKS "/Create)\n"
		                          "1<grpc grpc-status 0 OK [7] (" TASKS "/Start)\n"
		                          "1<grpc reset, error code 8 [0] (" TASKS "/Start)\n");
	}
	buf_release(&sides[0].out);
	buf_release(&sides[1].out);
}

/* What was packed before we looked is not known; what comes into the table later is. */
static void test_grpc_from_the_middle(void **state)
{
	static const char unknown[] = "(method A: named before we looked)";
	struct packer sides[2];
	size_t cut[2], lines = 0;
	const char *text;

	(void)state;
	converse(sides, cut);
	const struct said all[] = {{0, sides[0].out.data + cut[0], sides[0].out.len - cut[0]},
	        {1, sides[1].out.data + cut[1], sides[1].out.len - cut[1]}};
	text = HEAR(all, 0, false);
	assert_memory_equal(text, "0>grpc ", 7);
	assert_memory_equal(text + 7, unknown, strlen(unknown)); /* the path is in the table */
	assert_non_null(strstr(text, "\n0>grpc " TASKS "/Start [11]\n0>grpc " TASKS "/Start"));
	assert_non_null(strstr(text, "\n1<grpc (status A: named before we looked) [7] ("));
	assert_null(strstr(text, "/Create"));
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 6);

	/* A hole: nothing from before it is trusted. */
	const struct said hole[] = {{0, sides[0].out.data, cut[0]},
	        {0, "\377\377\377\377\377\377\377\377\377", 9},
	        {0, sides[0].out.data + cut[0], sides[0].out.len - cut[0]}};
	text = HEAR(hole, 0, false);
	assert_memory_equal(text, "0>grpc " TASKS "/Create [11]\n0>grpc (method A: named", 70);
	assert_non_null(strstr(text, "/Start"));
	buf_release(&sides[0].out);
	buf_release(&sides[1].out);
}

/* Of what was named before each has its letter, whenever it comes again, and no two connections
 * use the same one. */
static void test_grpc_letters(void **state)
{
	struct packer sides[2];
	struct wire_given given = {0};
	size_t cut[2];
	static const char letters[][40] = {
	        "(method A: named", "(method B: named", "(method C: named"};

	(void)state;
	converse(sides, cut);
	cut[0] = sides[0].out.len;
	REQUEST(&sides[0], 9, START_AGAIN);
	REQUEST(&sides[0], 11, CREATE_LATER);
	REQUEST(&sides[0], 13, START_AGAIN);
	buf_reset(&told);
	for (int again = 0; again < 2; again++) {
		struct wire *w = wire_new(false, note, &told);
		assert_non_null(w);
		wire_share_given(w, &given);
		wire_bytes(w, 0, 1, sides[0].out.data + cut[0], sides[0].out.len - cut[0]);
		wire_free(w);
	}
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(buf_text(&told), letters[i]));
	assert_int_equal(given.methods, 4);
	assert_memory_equal(buf_text(&told), "0>grpc (method A", 16);
	assert_non_null(strstr(buf_text(&told), "[11]\n0>grpc (method B: named before we looked) "
	                                        "[11]\n0>grpc (method A: named before "
	                                        "we looked) [11]\n0>grpc (method C"));
	buf_release(&sides[0].out);
	buf_release(&sides[1].out);
}

/* ---- ttrpc ----------------------------------------------------------------------------------- */

static void test_ttrpc(void **state)
{
	static const struct said all[] = {
	        SAID(0, "\0\0\0\x27\0\0\0\1\1\0\n\x17"
	                "containerd.task.v2.Task\x12\6"
	                "Create\x1a\4abcd"),
	        SAID(1, "\0\0\0\4\0\0\0\1\2\0\x12\2\x08\1"),
	        SAID(0, "\0\0\0\x25\0\0\0\3\1\0\n\x17"
	                "containerd.task.v2.Task\x12\4"
	                "Kill\x1a\4A=cd"),
	        SAID(1, "\0\0\0\x0d\0\0\0\3\2\0\n\x0b\x08\5\x12\7no task"),
	};
	static const struct said other[] = {SAID(0, "\0\0\0\4\0\0\0\2\1\0\x12\2\x08\1"),
	        SAID(0, "\0\0\0\4\0\0\0\1\1\0\x12\2\x08\1")};

	(void)state;
	for (size_t step = 0; step < 2; step++)
		assert_string_equal(HEAR(all, 0, step),
		        step ? "0>ttrpc /containerd.task.v2.Task/Create [4] {\"abcd\"}\n"
		               "1<ttrpc status 0 OK [2] (/containerd.task.v2.Task/Create) "
		               "{\"\\10\\1\"}\n"
		               "0>ttrpc /containerd.task.v2.Task/Kill [4] {\"A=\"…}\n"
		               "1<ttrpc status 5: no task [0] (/containerd.task.v2.Task/Kill)\n"
		             : "0>ttrpc /containerd.task.v2.Task/Create [4]\n"
		               "1<ttrpc status 0 OK [2] (/containerd.task.v2.Task/Create)\n"
		               "0>ttrpc /containerd.task.v2.Task/Kill [4]\n"
		               "1<ttrpc status 5: no task [0] (/containerd.task.v2.Task/Kill)\n");
	assert_string_equal(HEAR(other, 0, false), "");
	/* A head alone, then the rest. */
	const struct said parts[] = {{0, all[0].bytes, 10}, {0, all[0].bytes + 10, 0x27}};
	assert_string_equal(HEAR(parts, 0, false), "0>ttrpc /containerd.task.v2.Task/Create [4]\n");
	/* From the middle: an answer nobody has seen asked for. */
	assert_string_equal(hear(all + 1, 1, 0, false), "1<ttrpc status 0 OK [2]\n");
}

/* ---- D-Bus ----------------------------------------------------------------------------------- */

#define HELLO                                                                                      \
	"l\1\0\1\0\0\0\0\1\0\0\0\x6d\0\0\0"                                                        \
	"\1\1o\0\x15\0\0\0/org/freedesktop/DBus\0\0\0"                                             \
	"\3\1s\0\5\0\0\0Hello\0\0\0"                                                               \
	"\2\1s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0"                                            \
	"\6\1s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0"

static void test_dbus(void **state)
{
	static const struct said all[] = {
	        SAID(0, "\0"),
	        SAID(0, "AUTH EXTERNAL 30\r\n"),
	        SAID(1, "OK 1234\r\n"),
	        SAID(0, "NEGOTIATE_UNIX_FD\r\nBEGIN\r\n" HELLO),
	        SAID(1, "AGREE_UNIX_FD\r\n"),
	        SAID(1, "l\2\1\1\t\0\0\0\1\0\0\0\x0f\0\0\0\5\1u\0\1\0\0\0\x08\1g\0\1s\0\0"
	                "\4\0\0\0:1.5\0"),
	        SAID(1, "l\4\1\1\0\0\0\0\2\0\0\0\x08\0\0\0\3\1s\0\0\0\0\0"),
	        SAID(0, HELLO),
	        SAID(1, "l\3\1\1\0\0\0\0\3\0\0\0\x16\0\0\0\5\1u\0\1\0\0\0"
	                "\4\1s\0\5\0\0\0a.b.c\0\0\0"),
	};

	(void)state;
	for (size_t step = 0; step < 40; step++)
		assert_string_equal(HEAR(all, step, false),
		        "0>dbus org.freedesktop.DBus.Hello() /org/freedesktop/DBus to "
		        "org.freedesktop.DBus [0]\n"
		        "1<dbus returns (s) [9] (org.freedesktop.DBus.Hello() "
		        "/org/freedesktop/DBus)\n"
		        "0>dbus org.freedesktop.DBus.Hello() /org/freedesktop/DBus to "
		        "org.freedesktop.DBus [0]\n"
		        "1<dbus error a.b.c [0] (org.freedesktop.DBus.Hello() "
		        "/org/freedesktop/DBus)\n");
	assert_memory_equal(hear(all + 7, 1, 0, false), "0>dbus org.freedesktop.DBus.Hello()", 35);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void test_masks(void **state)
{
	static const struct {
		const char *json, *masked; /* NULL = it is none */
	} cases[] = {
	        {"{\"Env\":[\"A=b\",\"C\"],\"Cmd\":[\"x=y\"]}",
	                "{\"Env\":[\"A=…\",\"…\"],\"Cmd\":[\"x=y\"]}"},
	        {"{\"process\":{\"env\":[\"P=geheim\"]}}", "{\"process\":{\"env\":[\"P=…\"]}}"},
	        {"{\"auths\":{\"r\":{\"x\":\"geheim\",\"n\":1}}}",
	                "{\"auths\":{\"r\":{\"x\":\"…\",\"n\":\"…\"}}}"},
	        {"{\"IdentityToken\":\"geheim\",\"Password\":\"\"}",
	                "{\"IdentityToken\":\"…\",\"Password\":\"\"}"},
	        {"{\"u\":\"see http://me:geheim@host/a and more\"}",
	                "{\"u\":\"see http://…@host/a and more\"}"},
	        {"{\"a\":1}\r\n{\"secret\":\"x\"}\n", "{\"a\":1} {\"secret\":\"…\"}"},
	        {"{\"a\":", NULL},
	        {"password=geheim", NULL},
	        {"", NULL},
	};
	auto_buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_reset(&out);
		assert_int_equal(mask_json(&out, cases[i].json, strlen(cases[i].json)),
		        cases[i].masked != NULL);
		assert_string_equal(buf_text(&out), cases[i].masked ? cases[i].masked : "");
	}
	buf_reset(&out);
	mask_target(&out, "/build?buildargs=%7B%7D&q=1&PassWord=x", 38);
	assert_string_equal(buf_text(&out), "/build?buildargs=…&q=1&PassWord=…");
	buf_reset(&out);
	mask_bytes(&out, "a\1PASS=geheim", 13);
	assert_string_equal(buf_text(&out), "\"a\\1PASS=\"…");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_http),
	        cmocka_unit_test(test_http_becomes_another),
	        cmocka_unit_test(test_grpc),
	        cmocka_unit_test(test_grpc_from_the_middle),
	        cmocka_unit_test(test_grpc_letters),
	        cmocka_unit_test(test_ttrpc),
	        cmocka_unit_test(test_dbus),
	        cmocka_unit_test(test_masks),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	buf_release(&told);
	return r;
}
