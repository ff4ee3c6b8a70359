/* What the follower knows, and what is told of a stopped thread. Internal to kernel/watch. */
#pragma once

#include "kernel/watch/call.h"
#include "kernel/watch/connections.h"
#include "kernel/watch/cpu_latency.h"
#include "kernel/watch/guard.h"
#include "kernel/watch/outlet.h"
#include "kernel/watch/tap/tap.h"
#include "kernel/watch/tracee.h"

#include <stdbool.h>
#include <stdint.h>

enum { FOLLOWING_NUMBERS = 1024 };

struct following {
	struct tracees all;
	struct connections said;
	const struct call *by_number[FOLLOWING_NUMBERS];
	uint32_t architecture; /* AUDIT_ARCH_…, whose numbers these are */
	uint64_t begun;        /* microseconds */
	uint64_t ns[NS_COUNT]; /* our own */
	pid_t command;
	bool filtered;      /* it runs under our filter, with all that it starts */
	bool only_filtered; /* and so does everybody who stops for us */
	bool bodies;        /* are told as well */
	bool finished;      /* the command has ended: nothing is told any more */
	uint64_t every; /* microseconds: a timer goes, see attend() of tracer.c; 0 = it does not */
	struct outlet out;
	struct cpu_latency latency;
	struct tap *tap; /* follows those who are not stopped; NULL = there are none */
	unsigned quiet;  /* how often it has been asked in vain, one time after the other */
	const struct tap_event *seen; /* what is being told was seen by the tap, then */
	struct guard *guard;
	int alive; /* guard.h */
	struct buf line;
};

uint64_t following_now(void); /* microseconds */
/* When what is being told has happened: microseconds as following_now() has them, and since the
 * watch has begun. */
uint64_t following_clock(const struct following *f);
uint64_t following_moment(const struct following *f);
/* What is in `line` goes out. */
void following_tell(struct following *f);
/* Learns the numbers of calls and our namespaces. */
void following_prepare(struct following *f);
/* Tells in which namespaces it is, when that has changed. */
void following_namespaces(struct following *f, struct tracee *t);
/* The same, known to be in these. */
void following_namespaces_are(struct following *f, struct tracee *t, const uint64_t *inodes);
/* A thread is about to do a call. */
void following_enter(
        struct following *f, struct tracee *t, uint64_t number, const struct call_made *made);
/* It has done it. Whether it is on its way again already. */
bool following_leave(struct following *f, struct tracee *t, int64_t result, bool failed);
/* It has stopped at the beginning or end of a call; `filter`: at the filter's word. Whether it is
 * on its way again already. */
bool following_call(struct following *f, struct tracee *t, bool filter);
