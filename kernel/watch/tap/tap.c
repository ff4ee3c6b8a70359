#include "kernel/watch/tap/tap.h"

#include "kernel/watch/call.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <tap.skel.h>

struct tap {
	struct tap_bpf *program;
	struct ring_buffer *ring;
	uint64_t missed; /* as told last */
	tap_take_t *take;
	void *data;
	size_t taken;
};

/* ---- loading --------------------------------------------------------------------------------- */

static int say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static int put_calls(struct tap *p)
{
	const struct call *c;
	int r = 0;

	for (size_t i = 0; r == 0 && (c = call_at(i)); i++) {
		struct tap_call wanted;
		int number = call_number(c);
		if (number < 0 || number >= TAP_NUMBERS)
			continue;
		call_describe(c, &wanted);
		r = bpf_map__update_elem(p->program->maps.calls, &number, sizeof number, &wanted,
		        sizeof wanted, BPF_ANY);
	}
	return r;
}

static int on_event(void *data, void *bytes, size_t size)
{
	struct tap *p = data;
	const struct tap_event *event = bytes;

	p->taken++;
	p->take(p->data, event, event + 1, size - sizeof *event);
	return 0;
}

/* The program that sees in which pid namespace we are runs once, as if it were ours. */
static int show_itself(struct tap *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, nothing);

	return bpf_prog_test_run_opts(
	        bpf_program__fd(p->program->progs.look_at_follower), &nothing);
}

static int load(struct tap *p)
{
	int processors = libbpf_num_possible_cpus(), r;

	bpf_program__set_autoattach(p->program->progs.look_at_follower, false);
	r = processors < 0
	            ? processors
	            : bpf_map__set_max_entries(p->program->maps.scratches, (uint32_t)processors);
	if (r == 0)
		r = tap_bpf__load(p->program);
	if (r == 0)
		r = put_calls(p);
	if (r == 0)
		r = show_itself(p);
	if (r < 0)
		return r;
	p->ring = ring_buffer__new(bpf_map__fd(p->program->maps.ring), on_event, p, NULL);
	return p->ring ? 0 : -errno;
}

int tap_open(struct tap **ret)
{
	struct tap *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return -ENOMEM;
	libbpf_set_print(say_nothing);
	p->program = tap_bpf__open();
	r = p->program ? load(p) : -errno;
	if (r < 0) {
		tap_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

int tap_follow(struct tap *p, const pid_t *pids, size_t n)
{
	const uint8_t yes = 1;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (kill(pids[i], 0) < 0)
			return -errno;
		r = bpf_map__update_elem(p->program->maps.asked, &pids[i], sizeof pids[i], &yes,
		        sizeof yes, BPF_ANY);
	}
	p->program->bss->to_find = (uint32_t)n;
	return r < 0 ? r : tap_bpf__attach(p->program);
}

/* ---- reading --------------------------------------------------------------------------------- */

size_t tap_take(struct tap *p, tap_take_t *take, void *data)
{
	p->take = take;
	p->data = data;
	p->taken = 0;
	ring_buffer__consume(p->ring);
	return p->taken;
}

uint64_t tap_missed(struct tap *p)
{
	uint64_t all = p->program->bss->missed, since = all - p->missed;

	p->missed = all;
	return since;
}

void tap_close(struct tap *p)
{
	if (!p)
		return;
	ring_buffer__free(p->ring);
	tap_bpf__destroy(p->program);
	free(p);
}
