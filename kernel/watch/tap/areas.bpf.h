/* Where an event is put together, and memory taken into it as areas of memory_area.h. Part of
 * tap.bpf.c. */
#pragma once

#include "kernel/watch/memory_area.h"
#include "kernel/watch/tap/event.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

enum {
	SCRATCH = 96 << 10,
	CHUNK = 4096,
	LEAST_ADDRESS = 1 << 16, /* below that nothing can be mapped: it is a number */
};

/* Where an event is put together: one for each processor, as nothing interrupts a program of this
 * kind but what is no system call. */
struct scratch {
	__u32 end;    /* of what is in `bytes` */
	__u32 left;   /* bytes that are still to be taken */
	__u32 unread; /* something that should be there could not be read */
	__u32 unused;
	union {
		struct tap_event event;
		char bytes[SCRATCH + 3 * CHUNK];
	};
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* set to the number of processors */
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static struct scratch *this_scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &cpu);
}

/* The head of an area at the end; NULL where no room is left. */
static struct memory_area *begin_area(struct scratch *s, __u64 address)
{
	__u32 at = s->end;
	struct memory_area *area;

	if (at > SCRATCH)
		return NULL;
	area = (void *)(s->bytes + at);
	area->address = address;
	area->size = 0;
	area->unused = 0;
	return area;
}

static void end_area(struct scratch *s, struct memory_area *area, __u32 size)
{
	area->size = size;
	s->end += memory_area_whole(size);
}

/* These are checked by the verifier once, not at each place where they are called, and so take
 * nothing but numbers. */

/* Takes a piece that is in one page. How much could be read. */
__noinline int take_piece(__u64 address, __u32 n)
{
	struct scratch *s = this_scratch();
	struct memory_area *area;

	/* In this form the verifier sees what it cannot be more than. */
	n &= 2 * CHUNK - 1;
	asm volatile("" : "+r"(n));
	area = s && n ? begin_area(s, address) : NULL;
	if (!area || bpf_probe_read_user(area + 1, n, (void *)address) < 0)
		return 0;
	end_area(s, area, n);
	return n;
}

struct stretch {
	__u64 address;
	__u32 left, unread;
};

static long take_next_piece(__u32 i, struct stretch *s)
{
	__u32 n = CHUNK - (s->address & (CHUNK - 1));

	if (n > s->left)
		n = s->left;
	if (!take_piece(s->address, n) && i == 0)
		s->unread = 1;
	s->address += n;
	s->left -= n;
	return s->left == 0;
}

__noinline int take_bytes(__u64 address, __u32 n)
{
	struct scratch *s = this_scratch();
	struct stretch stretch = {.address = address, .left = n};

	if (!s)
		return 0;
	if (n > s->left)
		stretch.left = s->left;
	if (!stretch.left)
		return 0;
	s->left -= stretch.left;
	bpf_loop(TAP_BYTES / CHUNK + 1, take_next_piece, &stretch, 0);
	if (stretch.unread && address >= LEAST_ADDRESS)
		s->unread = 1;
	return 0;
}

__noinline int take_text(__u64 address)
{
	struct scratch *s = this_scratch();
	struct memory_area *area = s && address ? begin_area(s, address) : NULL;
	long n = area ? bpf_probe_read_user_str(area + 1, TAP_STRING, (void *)address) : 0;

	if (n > 0)
		end_area(s, area, n);
	else if (area && address >= LEAST_ADDRESS)
		s->unread = 1;
	return 0;
}

/* Of the kernel's memory. */
__noinline int take_name(__u64 address)
{
	struct scratch *s = this_scratch();
	struct memory_area *area = s ? begin_area(s, TAP_NAME) : NULL;
	long n = area ? bpf_probe_read_kernel_str(area + 1, 256, (void *)address) : 0;

	if (n > 0)
		end_area(s, area, n);
	return 0;
}

static long take_word(__u32 i, __u64 *address)
{
	__u64 word = 0;

	if (bpf_probe_read_user(&word, 8, (void *)(*address + i * 8ULL)) < 0 || !word)
		return 1;
	take_text(word);
	return 0;
}

__noinline int take_list(__u64 address)
{
	take_bytes(address, TAP_WORDS * 8);
	bpf_loop(TAP_WORDS, take_word, &address, 0);
	return 0;
}

__noinline int take_filter(__u64 address)
{
	struct {
		__u16 n;
		__u64 code;
	} program = {0};

	if (bpf_probe_read_user(&program, sizeof program, (void *)address) < 0)
		return 0;
	take_bytes(address, sizeof program);
	take_bytes(program.code, program.n * 8u);
	return 0;
}

/* One of struct iovec. */
static long take_part(__u32 i, __u64 *vector)
{
	__u64 part[2];

	if (bpf_probe_read_user(part, 16, (void *)(*vector + i * 16ULL)) < 0)
		return 1;
	take_bytes(part[0], part[1] < TAP_BYTES ? part[1] : TAP_BYTES);
	return 0;
}

__noinline int take_parts(__u64 vector, __u64 n)
{
	if (n > TAP_PARTS)
		n = TAP_PARTS;
	take_bytes(vector, n * 16);
	bpf_loop(n, take_part, &vector, 0);
	return 0;
}

/* Of struct msghdr where its parts are and how many. */
__noinline int take_message(__u64 address)
{
	__u64 message[7];

	if (bpf_probe_read_user(message, sizeof message, (void *)address) < 0)
		return 0;
	take_bytes(address, sizeof message);
	take_parts(message[2], message[3]);
	return 0;
}

static void take_said(__u32 bytes, const __u64 *arguments)
{
	__u64 n = arguments[2];

	if (bytes == TAP_PLAIN)
		take_bytes(arguments[1], n < TAP_BYTES ? n : TAP_BYTES);
	else if (bytes == TAP_VECTOR)
		take_parts(arguments[1], n);
	else if (bytes == TAP_MESSAGE)
		take_message(arguments[1]);
}

static void take_argument(__u32 shape, __u64 before, __u64 value, __u64 after)
{
	if (shape == TAP_TEXT)
		take_text(value);
	else if (shape == TAP_LIST)
		take_list(value);
	else if (shape == TAP_COUNTED)
		take_bytes(value, TAP_POINTERS * 8);
	else if (shape == TAP_SIZED)
		take_bytes(value, after < CHUNK ? after : CHUNK);
	else if (shape == TAP_IDS)
		take_bytes(value, before < CHUNK / 4 ? before * 4 : CHUNK);
	else if (shape == TAP_STRUCT)
		take_bytes(value, TAP_FIXED);
	else if (shape == TAP_FILTER)
		take_filter(value);
}
