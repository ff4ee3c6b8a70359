#include "kernel/do/cgroup/group_v2.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, " \n");
		if (n == length && !memcmp(p, word, n))
			return true;
		p += n + (p[n] != '\0');
	}
	return false;
}

static bool file_has(const char *directory, const char *file, const char *word)
{
	auto_free char *path = NULL;
	auto_buf text = BUF_INIT;

	return asprintf(&path, "%s/%s", directory, file) >= 0 &&
	       file_read_at(AT_FDCWD, path, 4096, &text) == 0 && has_word(buf_text(&text), word);
}

bool group_v2_has(const char *mount, const char *controller)
{
	return file_has(mount, "cgroup.controllers", controller);
}

int group_v2_enable(
        const char *mount, const char *directory, const char *controller, struct error *err)
{
	auto_free char *at = strdup(directory);
	char word[64];

	if (!at)
		return error_set(err, ENOMEM, "switch on controller", controller, NULL);
	snprintf(word, sizeof word, "+%s", controller);
	for (char *end = at + strlen(mount); *end; end = strchrnul(end + 1, '/')) {
		auto_free char *file = NULL;
		char kept = *end;
		int r = 0;
		*end = '\0';
		if (!file_has(at, "cgroup.subtree_control", controller)) {
			r = asprintf(&file, "%s/cgroup.subtree_control", at) < 0
			            ? -ENOMEM
			            : file_write_at(AT_FDCWD, file, word);
			if (r < 0)
				return error_set(err, -r, "switch on controller", at,
				        r == -EBUSY ? "%s: the group has processes of its own"
				                    : "%s: the kernel refuses",
				        controller);
		}
		*end = kept;
	}
	return 0;
}

/* ---- devices: a filter in eBPF -------------------------------------------------------------- */

enum { PER_RULE = 8, FIXED = 8, RULES_MAX = 256 };

static struct bpf_insn load(int to, int offset)
{
	return (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_W,
	        .dst_reg = (uint8_t)(to & 15),
	        .src_reg = BPF_REG_1 & 15,
	        .off = (int16_t)offset};
}

static struct bpf_insn with_number(int code, int reg, int jump, int number)
{
	return (struct bpf_insn){.code = (uint8_t)code,
	        .dst_reg = (uint8_t)(reg & 15),
	        .off = (int16_t)jump,
	        .imm = number};
}

static struct bpf_insn move(int to, int from)
{
	return (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X,
	        .dst_reg = (uint8_t)(to & 15),
	        .src_reg = (uint8_t)(from & 15)};
}

static int access_bits(const char *text)
{
	return (strchr(text, 'm') ? BPF_DEVCG_ACC_MKNOD : 0) |
	       (strchr(text, 'r') ? BPF_DEVCG_ACC_READ : 0) |
	       (strchr(text, 'w') ? BPF_DEVCG_ACC_WRITE : 0);
}

/* One rule: answers when all of it fits, else falls through to the next. R2 type, R3 access, R4
 * major, R5 minor. A rule that allows must cover all that is asked; one that denies, any of it. */
static size_t add_rule(struct bpf_insn *out, const struct device_rule *d)
{
	struct bpf_insn part[PER_RULE];
	int all = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
	int bits = access_bits(d->access);
	size_t n = 0;

	if (d->type != 'a')
		part[n++] = with_number(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, -1,
		        d->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK);
	if (bits != all) {
		part[n++] = move(BPF_REG_1, BPF_REG_3);
		part[n++] = with_number(
		        BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, d->allow ? all & ~bits : bits);
		part[n++] = with_number(
		        BPF_JMP | (d->allow ? BPF_JNE : BPF_JEQ) | BPF_K, BPF_REG_1, -1, 0);
	}
	if (d->major >= 0)
		part[n++] = with_number(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, -1, d->major);
	if (d->minor >= 0)
		part[n++] = with_number(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, -1, d->minor);
	part[n++] = with_number(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, d->allow);
	part[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	for (size_t i = 0; i < n; i++) {
		if (part[i].off == -1) /* to the instruction after this rule */
			part[i].off = (int16_t)(n - i - 1);
		out[i] = part[i];
	}
	return n;
}

static size_t make_program(const struct config *c, struct bpf_insn *out)
{
	size_t n = 0, first = 0;
	bool all = false;

	out[n++] = load(BPF_REG_2, 0); /* access_type: the type in the lower half */
	out[n++] = move(BPF_REG_3, BPF_REG_2);
	out[n++] = with_number(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0xffff);
	out[n++] = with_number(BPF_ALU | BPF_RSH | BPF_K, BPF_REG_3, 0, 16);
	out[n++] = load(BPF_REG_4, 4);
	out[n++] = load(BPF_REG_5, 8);
	/* The later rule wins, so it is asked first; before one for everything none counts. */
	for (size_t i = 0; i < c->n_device_rules; i++)
		if (c->device_rules[i].type == 'a' && c->device_rules[i].major < 0 &&
		        c->device_rules[i].minor < 0 && strlen(c->device_rules[i].access) == 3) {
			first = i;
			all = true;
		}
	for (size_t i = c->n_device_rules; i-- > first;)
		n += add_rule(out + n, &c->device_rules[i]);
	/* After one for everything nothing is reached, and the kernel takes no such program. */
	if (!all) {
		out[n++] = with_number(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 1);
		out[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	}
	return n;
}

int group_v2_devices(const char *directory, const struct config *c, struct error *err)
{
	static const char license[] = "GPL";
	struct bpf_insn program[RULES_MAX * PER_RULE + FIXED];
	union bpf_attr load_it = {0}, attach = {0};
	auto_close dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;

	if (dir < 0)
		return error_set(err, errno, "open control group", directory, NULL);
	if (c->n_device_rules > RULES_MAX)
		return error_set(err, E2BIG, "set limit", "linux.resources.devices",
		        "more than %d rules", RULES_MAX);
	load_it.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	load_it.insns = (uint64_t)(uintptr_t)program;
	load_it.insn_cnt = (uint32_t)make_program(c, program);
	load_it.license = (uint64_t)(uintptr_t)license;
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load_it, sizeof load_it);
	if (fd < 0)
		return errno == ENOSYS
		               ? error_set(err, ENOTSUP, "set limit", "linux.resources.devices",
		                         "this kernel has no bpf(2)")
		               : error_set(err, errno, "load device filter", "bpf(BPF_PROG_LOAD)",
		                         NULL);
	attach.target_fd = (uint32_t)dir;
	attach.attach_bpf_fd = (uint32_t)fd;
	attach.attach_type = BPF_CGROUP_DEVICE;
	attach.attach_flags = BPF_F_ALLOW_MULTI;
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) < 0)
		return error_set(err, errno, "attach device filter", directory, NULL);
	return 0;
}
