/* What is told of a call, of a filter and of bytes that a traced program has in its memory, also
 * when that memory is not there. */
#include "kernel/base/cleanup.h"
#include "kernel/do/seccomp.h"
#include "kernel/watch/call.h"
#include "kernel/watch/connections.h"
#include "kernel/watch/endpoint.h"
#include "kernel/watch/filter_names.h"
#include "kernel/watch/flags.h"
#include "kernel/watch/memory.h"
#include "kernel/watch/memory_area.h"
#include "kernel/watch/oci_command.h"
#include "kernel/watch/record.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* The arguments of a call of our own, as text in a buffer that the next one takes. */
static const char *told(const char *name, const uint64_t *arguments)
{
	static struct buf out;
	struct call_made made = {.memory = {.tid = getpid()}};
	const struct call *c;
	size_t i = 0;

	while ((c = call_at(i)) && strcmp(call_name(c), name) != 0)
		i++;
	assert_non_null(c);
	memcpy(made.arguments, arguments, sizeof made.arguments);
	buf_reset(&out);
	call_add_arguments(&out, c, &made);
	return buf_text(&out);
}

#define TOLD(name, ...) told(name, (const uint64_t[CALL_ARGUMENTS]){__VA_ARGS__})
#define AT(pointer)     ((uint64_t)(uintptr_t)(pointer))

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(
	        TOLD("unshare", CLONE_NEWNS | CLONE_NEWUTS), "CLONE_NEWNS|CLONE_NEWUTS");
	assert_string_equal(TOLD("unshare", 0), "0");
	assert_string_equal(
	        TOLD("unshare", CLONE_NEWNS | 1ULL << 60), "CLONE_NEWNS|0x1000000000000000");
	assert_string_equal(TOLD("clone", CLONE_NEWPID | SIGCHLD), "CLONE_NEWPID|SIGCHLD");
	assert_string_equal(TOLD("clone", SIGCHLD), "SIGCHLD");
	assert_string_equal(TOLD("setns", 3, CLONE_NEWNET), "3, CLONE_NEWNET");
	assert_string_equal(TOLD("mount", AT("proc"), AT("/a\n\"\1b2\0011"), AT("proc"),
	                            MS_NOSUID | MS_RDONLY, 0),
	        "\"proc\", \"/a\\n\\\"\\1b2\\0011\", \"proc\", MS_RDONLY|MS_NOSUID, NULL");
	assert_string_equal(TOLD("prctl", PR_CAPBSET_DROP, 21), "PR_CAPBSET_DROP, CAP_SYS_ADMIN");
	assert_string_equal(TOLD("prctl", PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG, SIGKILL");
	assert_string_equal(TOLD("prctl", PR_GET_SECCOMP), "PR_GET_SECCOMP");
}

static void test_structures(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x.sock"};
	struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0name"};
	uint64_t how[3] = {O_RDONLY | O_CLOEXEC, 0, 0x10};
	const char *argv[] = {"sh", "-c", "exit 3", NULL};
	gid_t groups[] = {0, 5, 4294967295u};

	(void)state;
	assert_string_equal(TOLD("connect", 4, AT(&un), sizeof un),
	        "4, {sa_family=AF_UNIX, sun_path=\"/run/x.sock\"}, 110");
	assert_string_equal(
	        TOLD("connect", 4, AT(&abstract), offsetof(struct sockaddr_un, sun_path) + 5),
	        "4, {sa_family=AF_UNIX, sun_path=@\"name\"}, 7");
	assert_string_equal(TOLD("openat2", 3, AT("etc"), AT(how), sizeof how),
	        "3, \"etc\", {flags=O_RDONLY|O_CLOEXEC, resolve=RESOLVE_IN_ROOT}, 24");
	assert_string_equal(TOLD("execve", AT("/bin/sh"), AT(argv), AT(argv + 3)),
	        "\"/bin/sh\", [\"sh\", \"-c\", \"exit 3\"], /* 0 vars */");
	assert_string_equal(TOLD("setgroups", 3, AT(groups)), "3, [0, 5, 4294967295]");
	assert_string_equal(TOLD("sethostname", AT("labx"), 3), "\"lab\", 3");
}

/* Every call with addresses that are nowhere, odd or at the very end of an area, and with sizes
 * that are lies: told somehow, and no further. */
static void test_hostile_memory(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area =
	        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t values[] = {0, 1, UINT64_MAX, UINT64_MAX - 7, 1ULL << 63, 4096, 0, 0, 0};
	const size_t n = sizeof values / sizeof *values;
	const struct call *c;
	uint32_t random = 1;

	(void)state;
	assert_ptr_not_equal(area, MAP_FAILED);
	assert_int_equal(munmap(area + page, page), 0);
	memset(area, 'x', page);
	values[6] = AT(area);
	values[7] = AT(area + page - 3);
	values[8] = AT(area + page);
	for (size_t i = 0; (c = call_at(i)); i++)
		for (int round = 0; round < 300; round++) {
			struct buf out = BUF_INIT;
			struct call_made made = {.memory = {.tid = getpid()}};
			for (size_t k = 0; k < CALL_ARGUMENTS; k++) {
				random = random * 1103515245 + 12345;
				made.arguments[k] = values[(random >> 16) % n];
			}
			call_wanted(c, &made);
			call_add_arguments(&out, c, &made);
			assert_false(buf_failed(&out));
			assert_true(out.len < 1 << 20);
			buf_release(&out);
		}
	munmap(area, page);
}

static void test_strings(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area =
	        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	auto_buf out = BUF_INIT;
	const struct memory own = {.tid = getpid()};

	(void)state;
	assert_int_equal(munmap(area + page, page), 0);
	memcpy(area + page - 4, "end", 4);
	memory_add_string(&out, &own, AT(area + page - 4)); /* up to the last byte */
	assert_string_equal(buf_text(&out), "\"end\"");
	buf_reset(&out);
	area[page - 1] = 'x'; /* it never ends */
	memory_add_string(&out, &own, AT(area + page - 4));
	assert_memory_equal(buf_text(&out), "0x", 2);
	munmap(area, page);
}

static void test_filters(void **state)
{
	static const struct sock_filter by_itself[] = {
	        BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0)};
	static const struct sock_filter out_of_it[] = {
	        BPF_JUMP(BPF_JMP | BPF_JA, 0xffffffffu, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)};
	static const struct sock_filter no_end[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
	static const struct sock_filter beyond[] = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0)};
	struct seccomp_data data = {.arch = seccomp_arch_native(), .nr = SYS_reboot};
	struct sock_fprog filter = {0};
	struct error err = {0};
	uint32_t answer;
	auto_buf out = BUF_INIT;
	json_t *profile =
	        json_loads("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\":"
	                   "[\"reboot\", \"swapon\"], \"action\": \"SCMP_ACT_ERRNO\"}]}",
	                0, NULL);

	(void)state;
	assert_int_equal(seccomp_compile(profile, &filter, NULL, &err), 0);
	assert_true(filter_run(filter.filter, filter.len, &data, &answer));
	assert_int_equal(answer, SECCOMP_RET_ERRNO | 1);
	data.nr = SYS_read;
	assert_true(filter_run(filter.filter, filter.len, &data, &answer));
	assert_int_equal(answer, SECCOMP_RET_ALLOW);
	filter_names_add(&out, filter.filter, filter.len);
	assert_non_null(strstr(buf_text(&out), "EPERM 2 calls: "));
	assert_non_null(strstr(buf_text(&out), "reboot"));
	assert_non_null(strstr(buf_text(&out), "allows "));
	assert_false(filter_run(by_itself, 2, &data, &answer));
	assert_false(filter_run(out_of_it, 2, &data, &answer));
	assert_false(filter_run(no_end, 1, &data, &answer));
	assert_false(filter_run(beyond, 2, &data, &answer));
	free(filter.filter);
	json_decref(profile);
}

static void test_addresses(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x.sock"};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
	char name[ENDPOINT_NAME];

	(void)state;
	endpoint_name(&un, sizeof un, name);
	assert_string_equal(name, "/run/x.sock");
	memcpy(un.sun_path, "\0abc", 5);
	endpoint_name(&un, offsetof(struct sockaddr_un, sun_path) + 4, name);
	assert_string_equal(name, "@abc");
	in.sin_addr.s_addr = htonl(0x7f000001);
	endpoint_name(&in, sizeof in, name);
	assert_string_equal(name, "127.0.0.1:80");
	endpoint_name(&in, 5, name); /* it is cut */
	assert_string_equal(name, "");
	memset(&un, 'x', sizeof un);
	un.sun_family = AF_UNIX;
	endpoint_name(&un, sizeof un, name); /* no NUL */
	assert_int_equal(strlen(name), sizeof un.sun_path);
}

/* The words of a command line, each with its NUL. */
#define RUNTIME(words) oci_command_words(&out, words, count_words(words, sizeof words))

static size_t count_words(const char *words, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i + 1 < n; i++)
		count += !words[i];
	return count;
}

static void test_runtimes(void **state)
{
	auto_buf out = BUF_INIT;

	(void)state;
	assert_true(RUNTIME(
	        "runc\0--root\0/run/x\0--log=/l\0create\0--bundle\0/b\0--pid-file\0p\0id1\0"));
	assert_string_equal(buf_text(&out), "create id1");
	buf_reset(&out);
	assert_true(RUNTIME("/usr/bin/crun\0--systemd-cgroup\0delete\0--force\0id2\0"));
	assert_string_equal(buf_text(&out), "delete id2");
	buf_reset(&out);
	assert_true(RUNTIME("cutaway-oci\0features\0"));
	assert_string_equal(buf_text(&out), "features");
	buf_reset(&out);
	assert_false(RUNTIME("runc\0init\0"));
	assert_false(RUNTIME("runc\0--root\0"));
	assert_false(RUNTIME("sh\0create\0x\0"));
	assert_false(oci_command_words(&out, "", 0));
	assert_int_equal(out.len, 0);
}

static void test_words(void **state)
{
	const char *argv[] = {"runc", "create", NULL}, *wrong[] = {"a", (const char *)8, NULL};
	const struct memory own = {.tid = getpid()};
	auto_buf out = BUF_INIT;

	(void)state;
	assert_int_equal(memory_add_words(&out, &own, AT(argv)), 2);
	assert_int_equal(out.len, 12);
	assert_memory_equal(out.data, "runc\0create", 12);
	buf_reset(&out);
	assert_int_equal(memory_add_words(&out, &own, AT(wrong)), 2);
	assert_memory_equal(out.data, "a\0", 3);
	assert_int_equal(memory_add_words(&out, &own, 8), 0);
}

/* Appends an area as the program in the kernel writes it, which says it has `size` bytes. */
static void put_area(struct buf *to, uint64_t address, const void *bytes, size_t n, uint32_t size)
{
	struct memory_area area = {.address = address, .size = size};

	buf_add_bytes(to, (const char *)&area, sizeof area);
	buf_add_bytes(to, bytes, n);
	while (to->len % MEMORY_AREA_ALIGN)
		buf_addc(to, 0);
}

/* What was taken down is what counts, not what stands there now; where nothing was, that does. */
static void test_kept_memory(void **state)
{
	char now[] = "/now", also[] = "/also";
	auto_buf kept = BUF_INIT, out = BUF_INIT;
	struct call_made made = {.memory.tid = getpid(), .arguments = {AT(now), AT(also)}};
	const struct call *c;
	char bytes[8] = "";

	(void)state;
	put_area(&kept, 4096, "first", 5, 5);
	put_area(&kept, AT(now), "/was", 5, 5);
	put_area(&kept, 4101, "second", 7, 7);
	made.memory.kept = kept.data;
	made.memory.kept_size = kept.len;
	for (size_t i = 0; (c = call_at(i)) && strcmp(call_name(c), "pivot_root");)
		i++;
	call_add_arguments(&out, c, &made);
	assert_string_equal(buf_text(&out), "\"/was\", \"/also\"");
	/* Out of two areas, one behind the other; and no further than there is. */
	assert_int_equal(memory_read_most(&made.memory, 4099, bytes, 4), 4);
	assert_memory_equal(bytes, "stse", 4);
	assert_false(memory_read(&made.memory, 4107, bytes, 4));
	/* One that lies about its size is no area, nor what comes behind it. */
	put_area(&kept, 1 << 20, "x", 1, UINT32_MAX);
	put_area(&kept, 1 << 21, "y", 1, 1);
	made.memory.kept = kept.data;
	made.memory.kept_size = kept.len;
	assert_int_equal(memory_read_some(&made.memory, 1 << 20, bytes, 1), 0);
	assert_int_equal(memory_read_some(&made.memory, 1 << 21, bytes, 1), 0);
}

static uint64_t inode_of(int fd)
{
	char link[64], name[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof name - 1);
	assert_true(n > 0);
	name[n] = 0;
	return endpoint_inode_of(name);
}

/* Two ends of TCP are one connection, whichever is seen first. */
static void test_connections_of_tcp(void **state)
{
	struct sockaddr_in address = {
	        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct connections all = {0};
	struct connection *one, *two;
	struct endpoint end;
	socklen_t n = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), ends[2], side;
	uint64_t inodes[2];

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&address, n), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &n), 0);
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(ends[0], (struct sockaddr *)&address, n), 0);
	ends[1] = accept(listener, NULL, NULL);
	for (int i = 0; i < 2; i++)
		assert_true((inodes[i] = inode_of(ends[i])) > 0);
	one = connections_get(
	        &all, &(struct connection_user){getpid(), ends[0], inodes[0], NULL}, true, &side);
	assert_non_null(one);
	assert_int_equal(side, 0);
	two = connections_get(
	        &all, &(struct connection_user){getpid(), ends[1], inodes[1], NULL}, false, &side);
	assert_ptr_equal(one, two);
	assert_int_equal(side, 1);
	endpoint_name(&address, n, end.own);
	assert_string_equal(one->name, end.own);
	assert_int_equal(connection_holder(one, 1), getpid());
	for (int i = 0; i < 2; i++)
		close(ends[i]);
	close(listener);
	connections_release(&all);
}

/* So are those of a Unix domain socket where the kernel can be asked. */
static void test_connections(void **state)
{
	struct connections all = {0};
	struct connection *one, *two;
	struct endpoint end;
	int ends[2], side, diag = endpoint_diag(), file;
	uint64_t inodes[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	for (int i = 0; i < 2; i++)
		inodes[i] = inode_of(ends[i]);
	assert_true(endpoint_is_held(getpid(), inodes[0]));
	endpoint_look(getpid(), ends[0], inodes[0], diag, &end);
	assert_true(end.stream);
	assert_int_equal(end.peer, getpid());
	if (end.peer_inode) {
		assert_int_equal(end.peer_inode, inodes[1]);
		one = connections_get(&all,
		        &(struct connection_user){getpid(), ends[0], inodes[0], NULL}, true, &side);
		two = connections_get(&all,
		        &(struct connection_user){getpid(), ends[1], inodes[1], NULL}, true, &side);
		assert_ptr_equal(one, two);
		assert_int_equal(side, 1);
	}
	for (int i = 0; i < 2; i++)
		close(ends[i]);
	assert_false(endpoint_is_held(getpid(), inodes[0]));
	file = open("/dev/null", O_RDONLY);
	assert_int_equal(inode_of(file), 0);
	close(file);
	if (diag >= 0)
		close(diag);
	/* More than are kept: the oldest goes. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	for (uint64_t i = 1; i < CONNECTIONS + 50; i++)
		assert_non_null(connections_get(&all,
		        &(struct connection_user){getpid(), ends[0], UINT64_C(1) << 40 | i, NULL},
		        true, &side));
	assert_int_equal(all.n, CONNECTIONS);
	close(ends[0]);
	close(ends[1]);
	connections_release(&all);
}

static void test_record(void **state)
{
	auto_buf out = BUF_INIT;
	struct watch_call c = {.t = 5,
	        .us = 7,
	        .pid = 1,
	        .tid = 2,
	        .comm = "a\xff\"",
	        .name = "mount",
	        .arguments = "\"x\"",
	        .result = -1,
	        .failed = true};
	json_t *line;

	(void)state;
	watch_record_call(&out, &c);
	line = json_loads(buf_text(&out), 0, NULL);
	assert_non_null(line);
	assert_string_equal(json_string_value(json_object_get(line, "error")), "EPERM");
	assert_string_equal(json_string_value(json_object_get(line, "comm")), "a\\xff\"");
	assert_null(json_object_get(line, "result"));
	json_decref(line);
	buf_reset(&out);
	watch_record_said(&out, &(struct watch_said){.t = 1,
	                                .us = 9,
	                                .pid = 1,
	                                .tid = 2,
	                                .to_pid = 3,
	                                .bytes = 0,
	                                .answer = true,
	                                .comm = "dockerd",
	                                .api = "http",
	                                .text = "200 \033[2J",
	                                .of = "GET /",
	                                .to = ""});
	assert_string_equal(buf_text(&out),
	        "{\"t\":1,\"pid\":1,\"tid\":2,\"comm\":\"dockerd\",\"api\":\"http\",\"answer\":"
	        "\"200 "
	        "\\\\x1b[2J\",\"to\":\"\",\"to_pid\":3,\"of\":\"GET /\",\"us\":9,\"bytes\":0}\n");
	buf_reset(&out);
	watch_record_end(&out, "finish", 1, 2, 3 << 8);
	assert_non_null(strstr(buf_text(&out), "\"status\":3"));
	buf_reset(&out);
	watch_record_end(&out, "end", 1, 2, SIGKILL);
	assert_non_null(strstr(buf_text(&out), "\"signal\":\"KILL\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_structures),
	        cmocka_unit_test(test_hostile_memory),
	        cmocka_unit_test(test_strings),
	        cmocka_unit_test(test_filters),
	        cmocka_unit_test(test_addresses),
	        cmocka_unit_test(test_connections_of_tcp),
	        cmocka_unit_test(test_connections),
	        cmocka_unit_test(test_runtimes),
	        cmocka_unit_test(test_words),
	        cmocka_unit_test(test_kept_memory),
	        cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
