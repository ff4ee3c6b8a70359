#include "kernel/watch/cpu_latency.h"

#include "kernel/base/cleanup.h"

#include <fcntl.h>
#include <unistd.h>

enum { CALM_US = 50000 };

void cpu_latency_stopped(struct cpu_latency *l, uint64_t now)
{
	const int32_t none = 0; /* microseconds that a wake-up may take */

	l->last = now;
	if (l->fd >= 0 || l->refused)
		return;
	l->fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
	l->refused = l->fd < 0 || write(l->fd, &none, sizeof none) != sizeof none;
	if (l->refused)
		cpu_latency_release(l);
}

bool cpu_latency_stands(struct cpu_latency *l, uint64_t now)
{
	if (l->fd >= 0 && now - l->last > CALM_US)
		cpu_latency_release(l);
	return l->fd >= 0;
}

void cpu_latency_release(struct cpu_latency *l)
{
	cleanup_fd(&l->fd);
}
