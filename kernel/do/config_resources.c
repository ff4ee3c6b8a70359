/* `linux.resources` of config.json, told as the files of both versions of control groups.
 *
 * One table says what a member is called there. Where the versions count differently (shares and
 * weight, memory and swap together or apart) the number is translated here, so that the plan has
 * only texts to write. */
#include "kernel/base/cleanup.h"
#include "kernel/do/config_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RESOURCES_FIXED = 32, LIST_MAX = 512 };

static int add(struct config *c, const struct resource *what, struct error *err)
{
	struct resource *r;

	r = &c->resources[c->n_resources++];
	*r = *what;
	if (what->v1_value)
		r->v1_value = arena_strdup(&c->arena, what->v1_value);
	if (what->v2_value)
		r->v2_value = arena_strdup(&c->arena, what->v2_value);
	if ((what->v1_value && !r->v1_value) || (what->v2_value && !r->v2_value))
		return config_no_memory(err);
	return 0;
}

/* Numbers that are the same in both versions, but for the word for "no limit". */
static const struct plain {
	const char *group, *key, *member, *controller, *v1_file, *v2_file;
	bool unlimited; /* -1 means "max" */
} plain[] = {
        {"memory", "limit", "linux.resources.memory.limit", "memory", "memory.limit_in_bytes",
                "memory.max", true},
        {"memory", "reservation", "linux.resources.memory.reservation", "memory",
                "memory.soft_limit_in_bytes", "memory.low", true},
        {"memory", "swappiness", "linux.resources.memory.swappiness", "memory", "memory.swappiness",
                NULL, false},
        {"pids", "limit", "linux.resources.pids.limit", "pids", "pids.max", "pids.max", true},
        {"cpu", "burst", "linux.resources.cpu.burst", "cpu", "cpu.cfs_burst_us", "cpu.max.burst",
                false},
        {"cpu", "idle", "linux.resources.cpu.idle", "cpu", "cpu.idle", "cpu.idle", false},
        {"cpu", "realtimePeriod", "linux.resources.cpu.realtimePeriod", "cpu", "cpu.rt_period_us",
                NULL, false},
        {"cpu", "realtimeRuntime", "linux.resources.cpu.realtimeRuntime", "cpu",
                "cpu.rt_runtime_us", NULL, false},
        {"blockIO", "weight", "linux.resources.blockIO.weight", "io", "blkio.bfq.weight",
                "io.bfq.weight", false},
        {"network", "classID", "linux.resources.network.classID", "net_cls", "net_cls.classid",
                NULL, false},
};

static int read_plain(
        struct config *c, const json_t *resources, const struct plain *p, struct error *err)
{
	const json_t *group = json_object_get(resources, p->group);
	int64_t value = 0;
	char v1[32], v2[32];
	int r = config_number(group, p->key, p->member, -1, INT64_MAX, &value, err);

	/* Engines write 0 where they mean nothing; -1 is the kernel's own default. */
	if (r < 0 || !json_object_get(group, p->key))
		return r;
	if (value == 0 && p->unlimited && strcmp(p->group, "pids") != 0)
		return config_bad(
		        err, p->member, "should be a positive number, or -1 for no limit");
	if (value == 0 && strcmp(p->key, "idle") != 0)
		return 0;
	snprintf(v1, sizeof v1, "%" PRId64, value);
	snprintf(v2, sizeof v2, "%" PRId64, value);
	if (p->unlimited && value == -1) {
		strcpy(v2, "max");
		if (!strcmp(p->group, "pids"))
			strcpy(v1, "max");
	}
	return add(c, &(struct resource){p->member, p->controller, p->v1_file, v1, p->v2_file, v2},
	        err);
}

/* Version 1 limits memory and swap together, version 2 swap alone. */
static int read_swap(struct config *c, const json_t *memory, struct error *err)
{
	static const char member[] = "linux.resources.memory.swap";
	int64_t swap = 0, limit = -1;
	char v1[32], v2[32];
	int r = config_number(memory, "swap", member, -1, INT64_MAX, &swap, err);

	if (r == 0)
		r = config_number(memory, "limit", "linux.resources.memory.limit", -1, INT64_MAX,
		        &limit, err);
	if (r < 0 || swap == 0)
		return r;
	if (swap > 0 && (limit < 0 || swap < limit))
		return config_bad(
		        err, member, "counts memory and swap: it is not below memory.limit");
	snprintf(v1, sizeof v1, "%" PRId64, swap);
	snprintf(v2, sizeof v2, "%" PRId64, swap - limit);
	return add(c,
	        &(struct resource){member, "memory", "memory.memsw.limit_in_bytes", v1,
	                "memory.swap.max", swap < 0 ? "max" : v2},
	        err);
}

static int read_memory(struct config *c, const json_t *memory, struct error *err)
{
	static const char *const refused[][2] = {
	        {"kernel", "linux.resources.memory.kernel"},
	        {"kernelTCP", "linux.resources.memory.kernelTCP"},
	};
	int r = read_swap(c, memory, err);

	for (size_t i = 0; r == 0 && i < 2; i++) {
		int64_t value = 0;
		r = config_number(memory, refused[i][0], refused[i][1], -1, INT64_MAX, &value, err);
		if (r == 0 && value > 0)
			r = config_refuse(err, refused[i][1], "is no limit of kernels of today");
	}
	if (r == 0 && json_is_true(json_object_get(memory, "disableOOMKiller")))
		r = add(c,
		        &(struct resource){"linux.resources.memory.disableOOMKiller", "memory",
		                "memory.oom_control", "1", NULL, NULL},
		        err);
	if (r == 0 && json_is_true(json_object_get(memory, "useHierarchy")))
		r = add(c,
		        &(struct resource){"linux.resources.memory.useHierarchy", "memory",
		                "memory.use_hierarchy", "1", "", NULL},
		        err);
	return r;
}

/* 2…262144 shares of version 1 are 1…10000 of weight in version 2. */
static int read_shares(struct config *c, const json_t *cpu, struct error *err)
{
	static const char member[] = "linux.resources.cpu.shares";
	int64_t shares = 0;
	char v1[32], v2[32];
	int r = config_number(cpu, "shares", member, 0, INT64_MAX, &shares, err);

	if (r < 0 || shares == 0)
		return r;
	if (shares < 2)
		shares = 2;
	if (shares > 262144)
		shares = 262144;
	snprintf(v1, sizeof v1, "%" PRId64, shares);
	snprintf(v2, sizeof v2, "%" PRId64, 1 + (shares - 2) * 9999 / 262142);
	return add(c, &(struct resource){member, "cpu", "cpu.shares", v1, "cpu.weight", v2}, err);
}

/* The period stands first: version 1 has a file each, and checks one against the other. */
static int read_quota(struct config *c, const json_t *cpu, struct error *err)
{
	int64_t quota = 0, period = 0;
	char p[32], q[32], both[64];
	int r = config_number(
	        cpu, "quota", "linux.resources.cpu.quota", -1, INT64_MAX, &quota, err);

	if (r == 0)
		r = config_number(
		        cpu, "period", "linux.resources.cpu.period", 0, INT64_MAX, &period, err);
	c->cpu_quota_us = quota > 0 ? (uint64_t)quota : CONFIG_UNLIMITED;
	c->cpu_period_us = period ? (uint64_t)period : 100000; /* the kernel's own */
	if (r < 0 || (!quota && !period))
		return r;
	snprintf(p, sizeof p, "%" PRId64, period);
	snprintf(q, sizeof q, "%" PRId64, quota);
	snprintf(both, sizeof both, "%s %" PRId64, quota > 0 ? q : "max", period ? period : 100000);
	if (period)
		r = add(c,
		        &(struct resource){"linux.resources.cpu.period", "cpu", "cpu.cfs_period_us",
		                p, quota ? "" : "cpu.max", both},
		        err);
	if (r == 0 && quota)
		r = add(c,
		        &(struct resource){"linux.resources.cpu.quota", "cpu", "cpu.cfs_quota_us",
		                q, "cpu.max", both},
		        err);
	return r;
}

static int read_cpu(struct config *c, const json_t *cpu, struct error *err)
{
	static const char *const sets[][3] = {
	        {"cpus", "linux.resources.cpu.cpus", "cpuset.cpus"},
	        {"mems", "linux.resources.cpu.mems", "cpuset.mems"},
	};
	int r = read_shares(c, cpu, err);

	if (r == 0)
		r = read_quota(c, cpu, err);
	for (size_t i = 0; r == 0 && i < 2; i++) {
		const char *text = "";
		r = config_text(c, cpu, sets[i][0], sets[i][1], "", &text, err);
		if (r == 0 && *text)
			r = add(c,
			        &(struct resource){
			                sets[i][1], "cpuset", sets[i][2], text, sets[i][2], text},
			        err);
	}
	return r;
}

/* {major, minor, KEY} of a list of block devices. */
static int read_device_number(const json_t *one, const char *key, const char *member,
        int64_t ret[static 3], struct error *err)
{
	int r = config_number(one, "major", member, 0, INT32_MAX, &ret[0], err);

	if (r == 0)
		r = config_number(one, "minor", member, 0, INT32_MAX, &ret[1], err);
	if (r == 0)
		r = config_number(one, key, member, 0, INT64_MAX, &ret[2], err);
	return r;
}

static int read_weights(struct config *c, const json_t *io, struct error *err)
{
	static const char member[] = "linux.resources.blockIO.weightDevice";
	const json_t *list = json_object_get(io, "weightDevice"), *one;
	size_t i;

	if (json_integer_value(json_object_get(io, "leafWeight")))
		return config_refuse(err, "linux.resources.blockIO.leafWeight",
		        "is no limit of kernels of today");
	json_array_foreach (list, i, one) {
		int64_t n[3] = {0};
		char value[64];
		int r = read_device_number(one, "weight", member, n, err);
		if (r < 0)
			return r;
		if (json_integer_value(json_object_get(one, "leafWeight")))
			return config_refuse(err, "linux.resources.blockIO.weightDevice.leafWeight",
			        "is no limit of kernels of today");
		if (n[2] < 1 || n[2] > 1000)
			return config_bad(err, member, "needs a weight from 1 to 1000");
		snprintf(value, sizeof value, "%" PRId64 ":%" PRId64 " %" PRId64, n[0], n[1], n[2]);
		r = add(c,
		        &(struct resource){member, "io", "blkio.bfq.weight_device", value,
		                "io.bfq.weight", value},
		        err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_throttles(struct config *c, const json_t *io, struct error *err)
{
	static const char *const kinds[][4] = {
	        {"throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps",
	                "linux.resources.blockIO.throttleReadBpsDevice"},
	        {"throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps",
	                "linux.resources.blockIO.throttleWriteBpsDevice"},
	        {"throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops",
	                "linux.resources.blockIO.throttleReadIOPSDevice"},
	        {"throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops",
	                "linux.resources.blockIO.throttleWriteIOPSDevice"},
	};

	for (size_t k = 0; k < 4; k++) {
		const json_t *list = json_object_get(io, kinds[k][0]), *one;
		size_t i;
		json_array_foreach (list, i, one) {
			int64_t n[3] = {0};
			char v1[96], v2[96];
			int r = read_device_number(one, "rate", kinds[k][3], n, err);
			if (r < 0)
				return r;
			snprintf(v1, sizeof v1, "%" PRId64 ":%" PRId64 " %" PRId64, n[0], n[1],
			        n[2]);
			snprintf(v2, sizeof v2, "%" PRId64 ":%" PRId64 " %s=%" PRId64, n[0], n[1],
			        kinds[k][2], n[2]);
			r = add(c,
			        &(struct resource){
			                kinds[k][3], "io", kinds[k][1], v1, "io.max", v2},
			        err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int read_huge_pages(struct config *c, const json_t *list, struct error *err)
{
	static const char member[] = "linux.resources.hugepageLimits";
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *size = json_string_value(json_object_get(one, "pageSize"));
		char v1_file[64], v2_file[64], value[32];
		struct resource what = {member, "hugetlb", NULL, value, NULL, value};
		int64_t limit = -1;
		int r = config_number(one, "limit", member, 0, INT64_MAX, &limit, err);
		if (r < 0)
			return r;
		if (!size || strlen(size) > 16 || strchr(size, '/') || limit < 0)
			return config_bad(err, member, "needs pageSize and limit");
		snprintf(v1_file, sizeof v1_file, "hugetlb.%s.limit_in_bytes", size);
		snprintf(v2_file, sizeof v2_file, "hugetlb.%s.max", size);
		snprintf(value, sizeof value, "%" PRId64, limit);
		what.v1_file = arena_strdup(&c->arena, v1_file);
		what.v2_file = arena_strdup(&c->arena, v2_file);
		if (!what.v1_file || !what.v2_file)
			return config_no_memory(err);
		r = add(c, &what, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A name that is written into a file of the kernel as one word. */
static bool is_word(const char *text)
{
	return text && *text && strlen(text) < 64 && !text[strcspn(text, " \t\n")];
}

/* How much of each RDMA device: a line a device (rdma.rst). */
static int read_rdma(struct config *c, const json_t *map, struct error *err)
{
	static const char member[] = "linux.resources.rdma";
	const char *device;
	json_t *limits;

	json_object_foreach ((json_t *)map, device, limits) {
		int64_t handles = -1, objects = -1;
		auto_buf value = BUF_INIT;
		int r = config_number(limits, "hcaHandles", member, 0, UINT32_MAX, &handles, err);
		if (r == 0)
			r = config_number(
			        limits, "hcaObjects", member, 0, UINT32_MAX, &objects, err);
		if (r < 0)
			return r;
		if (!is_word(device) || (handles < 0 && objects < 0))
			return config_bad(err, member,
			        "should name devices, each with hcaHandles or hcaObjects");
		buf_add(&value, device);
		if (handles >= 0)
			buf_addf(&value, " hca_handle=%" PRId64, handles);
		if (objects >= 0)
			buf_addf(&value, " hca_object=%" PRId64, objects);
		if (buf_failed(&value))
			return config_no_memory(err);
		r = add(c,
		        &(struct resource){member, "rdma", "rdma.max", buf_text(&value), "rdma.max",
		                buf_text(&value)},
		        err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Version 2 has no such: packets are marked by BPF there. */
static int read_priorities(struct config *c, const json_t *network, struct error *err)
{
	static const char member[] = "linux.resources.network.priorities";
	const json_t *list = json_object_get(network, "priorities"), *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));
		int64_t priority = -1;
		char value[96];
		int r = config_number(one, "priority", member, 0, UINT32_MAX, &priority, err);
		if (r < 0)
			return r;
		if (!is_word(name) || priority < 0)
			return config_bad(err, member, "needs name and priority");
		snprintf(value, sizeof value, "%s %" PRId64, name, priority);
		r = add(c,
		        &(struct resource){
		                member, "net_prio", "net_prio.ifpriomap", value, NULL, NULL},
		        err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Files of version 2 by their own names; the part before the dot is the controller. */
static int read_unified(struct config *c, const json_t *map, struct error *err)
{
	static const char member[] = "linux.resources.unified";
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)map, key, value) {
		struct resource what = {.member = member, .v2_value = json_string_value(value)};
		size_t n = strcspn(key, ".");
		int r;
		if (!what.v2_value || !key[n] || strchr(key, '/') ||
		        (!strncmp(key, "cgroup.", 7) && strcmp(key, "cgroup.max.depth") != 0 &&
		                strcmp(key, "cgroup.max.descendants") != 0))
			return config_bad(err, member, "should name files of cgroup v2 and texts");
		what.v2_file = arena_strdup(&c->arena, key);
		what.controller =
		        strncmp(key, "cgroup.", 7) ? arena_strndup(&c->arena, key, n) : "";
		if (!what.v2_file || !what.controller)
			return config_no_memory(err);
		r = add(c, &what, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* How many limits the lists can come to; 0 when that is too many. */
static size_t room_for(const json_t *resources)
{
	const json_t *io = json_object_get(resources, "blockIO"), *list;
	size_t n = RESOURCES_FIXED + json_object_size(json_object_get(resources, "unified")) +
	           json_array_size(json_object_get(resources, "hugepageLimits")) +
	           json_object_size(json_object_get(resources, "rdma")) +
	           json_array_size(
	                   json_object_get(json_object_get(resources, "network"), "priorities"));
	const char *key;

	json_object_foreach ((json_t *)io, key, list)
		n += json_array_size(list);
	return n > LIST_MAX ? 0 : n;
}

int config_read_resources(struct config *c, const json_t *resources, struct error *err)
{
	const json_t *memory = json_object_get(resources, "memory");
	const json_t *pids = json_object_get(resources, "pids");
	size_t room = room_for(resources);
	int r = config_limit(memory, "limit", "linux.resources.memory.limit", &c->memory_max, err);

	if (resources && !json_is_null(resources) && !json_is_object(resources))
		return config_bad(err, "linux.resources", "should be an object");
	if (!room)
		return config_bad(err, "linux.resources", "has too many entries");
	c->resources = arena_alloc(&c->arena, room * sizeof *c->resources);
	if (!c->resources)
		return config_no_memory(err);
	c->pids_max = CONFIG_UNLIMITED;
	if (r == 0 && json_integer_value(json_object_get(pids, "limit")))
		r = config_limit(pids, "limit", "linux.resources.pids.limit", &c->pids_max, err);
	for (size_t i = 0; r == 0 && i < sizeof plain / sizeof *plain; i++)
		r = read_plain(c, resources, &plain[i], err);
	if (r == 0)
		r = read_memory(c, memory, err);
	if (r == 0)
		r = read_cpu(c, json_object_get(resources, "cpu"), err);
	if (r == 0)
		r = read_weights(c, json_object_get(resources, "blockIO"), err);
	if (r == 0)
		r = read_throttles(c, json_object_get(resources, "blockIO"), err);
	if (r == 0)
		r = read_rdma(c, json_object_get(resources, "rdma"), err);
	if (r == 0)
		r = read_priorities(c, json_object_get(resources, "network"), err);
	if (r == 0)
		r = read_huge_pages(c, json_object_get(resources, "hugepageLimits"), err);
	if (r == 0)
		r = read_unified(c, json_object_get(resources, "unified"), err);
	if (r == 0)
		r = config_read_device_rules(c, json_object_get(resources, "devices"), err);
	return r;
}
