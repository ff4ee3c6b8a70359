/* Asks the kernel to keep idle processors ready, PM QoS (/dev/cpu_dma_latency,
 * Documentation/power/pm_qos_interface.rst). A stop of a thread is two wake-ups, each on a
 * processor that has just gone to sleep: out of a deep sleep, or of a virtual machine's, they take
 * several times as long as all that is done at the stop. The kernel forgets the request when the
 * file is closed, whatever way we end.
 *
 * Idle processors spin meanwhile, so it is asked for only while stops follow each other. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu_latency {
	int fd;        /* -1: not asked for */
	bool refused;  /* by the kernel: it is not asked again */
	uint64_t last; /* microseconds: the last stop */
};

#define CPU_LATENCY_INIT                                                                           \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* A thread has stopped at `now` (microseconds of CLOCK_MONOTONIC). Without the right (root) or the
 * file nothing happens. */
void cpu_latency_stopped(struct cpu_latency *l, uint64_t now);
/* Takes the request back when nothing has stopped for a while; whether it still stands. */
bool cpu_latency_stands(struct cpu_latency *l, uint64_t now);
void cpu_latency_release(struct cpu_latency *l);
