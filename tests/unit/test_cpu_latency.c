/* Idle processors are kept ready while stops follow each other, and no longer. */
#include "kernel/watch/cpu_latency.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

/* The least of all requests, microseconds: others may ask as well. */
static int asked_for(void)
{
	int fd = open("/dev/cpu_dma_latency", O_RDONLY | O_CLOEXEC), value = -1;

	if (fd < 0 || read(fd, &value, sizeof value) != sizeof value)
		value = -1;
	if (fd >= 0)
		close(fd);
	return value;
}

static void it_stands_while_stops_follow_each_other(void **state)
{
	struct cpu_latency l = CPU_LATENCY_INIT;

	(void)state;
	if (access("/dev/cpu_dma_latency", R_OK | W_OK) < 0 || asked_for() < 0) {
		print_message("skip: no /dev/cpu_dma_latency for us here\n");
		skip();
	}
	assert_false(cpu_latency_stands(&l, 0));
	cpu_latency_stopped(&l, 1000000);
	assert_int_equal(asked_for(), 0);
	cpu_latency_stopped(&l, 1020000);
	assert_true(cpu_latency_stands(&l, 1060000));
	assert_false(cpu_latency_stands(&l, 1100000));
	assert_int_equal(l.fd, -1);
	cpu_latency_stopped(&l, 2000000);
	assert_int_equal(asked_for(), 0);
	cpu_latency_release(&l);
	assert_int_equal(l.fd, -1);
}

static void who_is_refused_does_not_ask_again(void **state)
{
	struct cpu_latency l = {.fd = -1, .refused = true};

	(void)state;
	cpu_latency_stopped(&l, 1000000);
	assert_false(cpu_latency_stands(&l, 1000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_stands_while_stops_follow_each_other),
	        cmocka_unit_test(who_is_refused_does_not_ask_again),
	};

	return cmocka_run_group_tests_name("cpu_latency", tests, NULL, NULL);
}
