/* Arguments of capset(2), prctl(2), seccomp(2), bpf(2) and keyctl(2). */
#include "kernel/watch/call_structure.h"
#include "kernel/watch/filter_names.h"
#include "kernel/watch/flags.h"
#include "kernel/watch/memory.h"

#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

static void add_pointer(struct buf *out, uint64_t address)
{
	if (address)
		buf_addf(out, "0x%" PRIx64, address);
	else
		buf_add(out, "NULL");
}

/* ---- capabilities ---------------------------------------------------------------------------- */

static void add_capability(struct buf *out, unsigned number)
{
	char *name = cap_to_name((cap_value_t)number);

	for (char *c = name; c && *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	if (name)
		buf_add(out, name);
	else
		buf_addf(out, "%u", number);
	cap_free(name);
}

static void add_capabilities(struct buf *out, uint64_t set)
{
	const char *between = "";

	if (!set)
		buf_addc(out, '0');
	for (unsigned k = 0; k < 64; k++)
		if (set >> k & 1) {
			buf_add(out, between);
			add_capability(out, k);
			between = "|";
		}
}

void call_add_cap_header(struct buf *out, const struct call_made *made, size_t i)
{
	struct __user_cap_header_struct header;

	if (!memory_read(&made->memory, made->arguments[i], &header, sizeof header)) {
		add_pointer(out, made->arguments[i]);
		return;
	}
	if (header.version == _LINUX_CAPABILITY_VERSION_3)
		buf_add(out, "{version=_LINUX_CAPABILITY_VERSION_3");
	else
		buf_addf(out, "{version=0x%x", header.version);
	buf_addf(out, ", pid=%d}", header.pid);
}

void call_add_cap_data(struct buf *out, const struct call_made *made, size_t i)
{
	struct __user_cap_data_struct d[2];

	if (!memory_read(&made->memory, made->arguments[i], d, sizeof d)) {
		add_pointer(out, made->arguments[i]);
		return;
	}
	buf_add(out, "{effective=");
	add_capabilities(out, d[0].effective | (uint64_t)d[1].effective << 32);
	buf_add(out, ", permitted=");
	add_capabilities(out, d[0].permitted | (uint64_t)d[1].permitted << 32);
	buf_add(out, ", inheritable=");
	add_capabilities(out, d[0].inheritable | (uint64_t)d[1].inheritable << 32);
	buf_addc(out, '}');
}

/* ---- filters --------------------------------------------------------------------------------- */

static void add_program(struct buf *out, const struct call_made *made, uint64_t address)
{
	struct sock_fprog program;
	struct sock_filter code[BPF_MAXINSNS];

	if (!memory_read(&made->memory, address, &program, sizeof program) || !program.len ||
	        program.len > BPF_MAXINSNS ||
	        !memory_read(&made->memory, (uintptr_t)program.filter, code,
	                program.len * sizeof *code)) {
		add_pointer(out, address);
		return;
	}
	buf_addf(out, "{len=%u", program.len);
	filter_names_add(out, code, program.len);
	buf_addc(out, '}');
}

void call_add_filter(struct buf *out, const struct call_made *made, size_t i)
{
	if (made->arguments[0] == SECCOMP_SET_MODE_FILTER)
		add_program(out, made, made->arguments[i]);
	else
		add_pointer(out, made->arguments[i]);
}

/* ---- prctl ----------------------------------------------------------------------------------- */

static void add_ambient(struct buf *out, const struct call_made *made)
{
	static const struct flag names[] = {
	        {PR_CAP_AMBIENT_IS_SET, "PR_CAP_AMBIENT_IS_SET"},
	        {PR_CAP_AMBIENT_RAISE, "PR_CAP_AMBIENT_RAISE"},
	        {PR_CAP_AMBIENT_LOWER, "PR_CAP_AMBIENT_LOWER"},
	        {PR_CAP_AMBIENT_CLEAR_ALL, "PR_CAP_AMBIENT_CLEAR_ALL"},
	        {0},
	};

	flags_add_value(out, names, made->arguments[1]);
	if (made->arguments[1] != PR_CAP_AMBIENT_CLEAR_ALL) {
		buf_add(out, ", ");
		add_capability(out, (unsigned)made->arguments[2]);
	}
}

void call_add_prctl(struct buf *out, const struct call_made *made, size_t i)
{
	uint64_t value = made->arguments[i];

	switch ((int)made->arguments[0]) {
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
		add_capability(out, (unsigned)value);
		break;
	case PR_CAP_AMBIENT:
		add_ambient(out, made);
		break;
	case PR_SET_NAME:
		memory_add_string(out, &made->memory, value);
		break;
	case PR_SET_PDEATHSIG:
		if (value && value < NSIG && sigabbrev_np((int)value))
			buf_addf(out, "SIG%s", sigabbrev_np((int)value));
		else
			buf_addf(out, "%" PRIu64, value);
		break;
	case PR_SET_SECCOMP:
		if (value != SECCOMP_MODE_FILTER) {
			buf_add(out, value == SECCOMP_MODE_STRICT ? "SECCOMP_MODE_STRICT" : "0");
			break;
		}
		buf_add(out, "SECCOMP_MODE_FILTER, ");
		add_program(out, made, made->arguments[2]);
		break;
	case PR_GET_DUMPABLE:
	case PR_GET_KEEPCAPS:
	case PR_GET_SECCOMP:
	case PR_GET_SECUREBITS:
		break;
	default:
		buf_addf(out, "%" PRIu64, value);
		break;
	}
}

/* ---- bpf and keyctl -------------------------------------------------------------------------- */

static void add_bpf_program(struct buf *out, const union bpf_attr *attr)
{
	static const struct flag types[] = {
	        {BPF_PROG_TYPE_SOCKET_FILTER, "BPF_PROG_TYPE_SOCKET_FILTER"},
	        {BPF_PROG_TYPE_CGROUP_SKB, "BPF_PROG_TYPE_CGROUP_SKB"},
	        {BPF_PROG_TYPE_CGROUP_DEVICE, "BPF_PROG_TYPE_CGROUP_DEVICE"},
	        {0},
	};

	buf_add(out, "{prog_type=");
	flags_add_value(out, types, attr->prog_type);
	buf_addf(out, ", insn_cnt=%u}", attr->insn_cnt);
}

void call_add_bpf(struct buf *out, const struct call_made *made, size_t i)
{
	union bpf_attr attr;
	uint64_t size = made->arguments[i + 1];

	memset(&attr, 0, sizeof attr);
	if (size > 4096 || !memory_read(&made->memory, made->arguments[i], &attr,
	                           size < sizeof attr ? size : sizeof attr)) {
		add_pointer(out, made->arguments[i]);
		return;
	}
	switch ((unsigned)made->arguments[0]) {
	case BPF_PROG_LOAD:
		add_bpf_program(out, &attr);
		break;
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
		buf_addf(out, "{target_fd=%u, attach_bpf_fd=%u, attach_type=%s}", attr.target_fd,
		        attr.attach_bpf_fd,
		        attr.attach_type == BPF_CGROUP_DEVICE ? "BPF_CGROUP_DEVICE" : "…");
		break;
	default:
		add_pointer(out, made->arguments[i]);
		break;
	}
}

void call_add_keyctl(struct buf *out, const struct call_made *made, size_t i)
{
	if (made->arguments[0] == KEYCTL_JOIN_SESSION_KEYRING)
		memory_add_string(out, &made->memory, made->arguments[i]);
	else
		buf_addf(out, "%d", (int)made->arguments[i]);
}
