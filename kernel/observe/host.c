/* The machine as a whole: name, kernel, memory, processors. */
#include "kernel/observe/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *first_line(struct reading *r, const char *file)
{
	long n = reading_file(r, r->proc, file);
	const char *end = n > 0 ? memchr(r->scratch, '\n', (size_t)n) : NULL;

	if (n <= 0)
		return "";
	return reading_string(r, r->scratch, end ? (size_t)(end - r->scratch) : (size_t)n);
}

/* "MemTotal:       16318464 kB". The kernel makes that file, and /proc/stat, anew for each reader,
 * which takes longer than to read a process: of this machine a call tells the same. */
static uint64_t memory_total(struct reading *r)
{
	struct sysinfo info;
	const char *at;

	if (r->live && sysinfo(&info) == 0)
		return (uint64_t)info.totalram * info.mem_unit;
	if (reading_file(r, r->proc, "meminfo") <= 0 || !(at = strstr(r->scratch, "MemTotal:")))
		return 0;
	return strtoull(at + strlen("MemTotal:"), NULL, 10) * 1024;
}

/* Lines "cpu0 …", "cpu1 …" of /proc/stat. */
static unsigned cpus(struct reading *r)
{
	long online = r->live ? sysconf(_SC_NPROCESSORS_ONLN) : 0;
	unsigned n = 0;

	if (online > 0)
		return (unsigned)online;
	if (reading_file(r, r->proc, "stat") <= 0)
		return 0;
	for (const char *at = r->scratch; (at = strstr(at, "\ncpu")); at += 4)
		n += at[4] >= '0' && at[4] <= '9';
	return n;
}

int host_read(struct reading *r)
{
	struct model_host *host = &r->model->host;
	struct utsname uts;

	if (r->live && uname(&uts) == 0) { /* what the files tell, in one call */
		host->hostname = reading_string(r, uts.nodename, strlen(uts.nodename));
		host->kernel = reading_string(r, uts.release, strlen(uts.release));
		host->machine = reading_string(r, uts.machine, strlen(uts.machine));
	} else {
		host->hostname = first_line(r, "sys/kernel/hostname");
		host->kernel = first_line(r, "sys/kernel/osrelease");
		host->machine = first_line(r, "sys/kernel/arch"); /* since Linux 6.1 */
	}
	host->cgroup_mode = "none";
	host->memory_total = memory_total(r);
	host->cpus = cpus(r);
	host->uid = r->live ? geteuid() : 0;
	return 0;
}
