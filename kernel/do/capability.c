#include "kernel/do/capability.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#define BIT(CAP) (UINT64_C(1) << (CAP))

uint64_t capability_default(void)
{
	return BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) | BIT(CAP_FOWNER) |
	       BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) | BIT(CAP_SETGID) | BIT(CAP_SETUID) |
	       BIT(CAP_SETFCAP) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
	       BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE);
}

int capability_count(void)
{
	return cap_max_bits();
}

int capability_number(const char *name)
{
	char full[64] = "cap_";
	cap_value_t value;
	size_t n = 0;

	if (!name || strlen(name) > 40)
		return -1;
	if (strncasecmp(name, "cap_", 4) == 0)
		name += 4;
	for (; name[n]; n++)
		full[4 + n] = (char)tolower((unsigned char)name[n]);
	full[4 + n] = '\0';
	return cap_from_name(full, &value) == 0 ? value : -1;
}

void capability_name(int number, struct buf *out)
{
	char *name = cap_to_name(number);

	for (const char *p = name; p && *p; p++)
		buf_addc(out, (char)toupper((unsigned char)*p));
	cap_free(name);
}

static int popcount(uint64_t set)
{
	return __builtin_popcountll(set);
}

static void add_names(uint64_t set, struct buf *out)
{
	bool any = false;

	for (int i = 0; i < 64; i++)
		if (set & BIT(i)) {
			buf_add(out, any ? "|" : "");
			capability_name(i, out);
			any = true;
		}
	if (!any)
		buf_addc(out, '0');
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct capability_sets *c = &b->config->capabilities;
	auto_buf list = BUF_INIT;

	(void)s;
	buf_addf(&e->call, "prctl(PR_CAPBSET_DROP, N) for each of the %d others\n",
	        capability_count() - popcount(c->bounding));
	buf_add(&e->call, "capset({effective=permitted=");
	add_names(c->permitted, &e->call);
	buf_add(&e->call, ", inheritable=");
	add_names(c->inheritable, &e->call);
	buf_add(&e->call, "})");
	for (int i = 0; i < capability_count(); i++)
		if (!(c->bounding & BIT(i))) {
			auto_buf name = BUF_INIT;
			capability_name(i, &name);
			buf_addf(&list, ",%s", buf_text(&name));
		}
	buf_addf(&e->shell, "capsh --drop=%s -- …", list.len ? buf_text(&list) + 1 : "");
	buf_addf(&e->why,
	        "Root is some forty powers; %d are kept. The bounding set makes it final: no "
	        "program it starts can have the others again.",
	        popcount(c->bounding));
}

/* Effective, permitted and inheritable in one call; the arguments stand on the stack, since a
 * state object of libcap would have to be allocated. */
static int set_three(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
	        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
	        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32),
	                (uint32_t)(inheritable >> 32)},
	};

	return capset(&header, data) < 0 ? -errno : 0;
}

static int current_permitted(uint64_t *ret)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (capget(&header, data) < 0)
		return -errno;
	*ret = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return 0;
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct capability_sets *c = &b->config->capabilities;
	uint64_t now = 0;
	int r = current_permitted(&now);

	(void)s;
	/* A user other than root has kept the permitted set, but nothing of it is in effect:
	 * dropping from the bounding set needs CAP_SETPCAP to be. */
	if (r == 0)
		r = set_three(now, now, 0);
	if (r < 0)
		return child_fail(fail, -r, "capset", "all permitted");
	/* Not every kernel has all bits: EINVAL ends the list, capabilities(7). */
	for (int i = 0; i < 64; i++)
		if (!(c->bounding & BIT(i)) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
			if (errno == EINVAL)
				break;
			return child_fail(fail, errno, "prctl PR_CAPBSET_DROP", NULL);
		}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return child_fail(fail, errno, "prctl PR_CAP_AMBIENT_CLEAR_ALL", NULL);
	r = set_three(c->effective, c->permitted, c->inheritable);
	if (r < 0)
		return child_fail(fail, -r, "capset", "process.capabilities");
	for (int i = 0; i < 64; i++)
		if (c->ambient & BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return child_fail(fail, errno, "prctl PR_CAP_AMBIENT_RAISE", NULL);
	prctl(PR_SET_KEEPCAPS, 0);
	return 0;
}

int capability_read(pid_t pid, struct capability_sets *ret)
{
	char path[64], line[256];
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof line, file)) {
		uint64_t bits;
		if (sscanf(line, "CapInh: %" SCNx64, &bits) == 1)
			ret->inheritable = bits;
		else if (sscanf(line, "CapPrm: %" SCNx64, &bits) == 1)
			ret->permitted = bits;
		else if (sscanf(line, "CapEff: %" SCNx64, &bits) == 1)
			ret->effective = bits;
		else if (sscanf(line, "CapBnd: %" SCNx64, &bits) == 1)
			ret->bounding = bits;
		else if (sscanf(line, "CapAmb: %" SCNx64, &bits) == 1)
			ret->ambient = bits;
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct capability_sets *want = &b->config->capabilities;
	struct capability_sets is = {0};
	char path[64];
	int r = capability_read(b->process.pid, &is);

	snprintf(path, sizeof path, "/proc/%d/status", (int)b->process.pid);
	if (r < 0)
		return step_unverified(s, err, path, "%s", strerror(-r));
	if (is.bounding != want->bounding || is.permitted != want->permitted ||
	        is.effective != want->effective || is.inheritable != want->inheritable ||
	        is.ambient != want->ambient)
		return step_unverified(s, err, path, "CapEff is %" PRIx64 " and CapBnd is %" PRIx64,
		        is.effective, is.bounding);
	buf_addf(seen, "%s: CapEff %016" PRIx64 ", CapBnd %016" PRIx64 "\n", path, is.effective,
	        is.bounding);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "a capability was asked for that we do not have ourselves");
		error_advise(err, "leave out --cap-add, or use a user namespace (no --userns "
		                  "host): in there all can be had");
	}
}

const struct step_ops step_capabilities = {
        .id = "capabilities",
        .title = "only a few powers of root",
        .man = "capabilities(7), capset(2), prctl(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
