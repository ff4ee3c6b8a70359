#include "kernel/watch/filter_names.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_MAX = 600, SHOWN_NAMES = 8, ANSWERS_MAX = 32, SCRATCH = BPF_MEMWORDS };

struct machine {
	uint32_t a, x, memory[SCRATCH];
};

static bool load(const struct seccomp_data *data, uint32_t at, uint32_t *ret)
{
	if (at % 4 || at > sizeof *data - 4)
		return false;
	memcpy(ret, (const char *)data + at, 4);
	return true;
}

static bool calculate(uint16_t operation, uint32_t *a, uint32_t k)
{
	switch (operation) {
	case BPF_ADD:
		*a += k;
		break;
	case BPF_SUB:
		*a -= k;
		break;
	case BPF_MUL:
		*a *= k;
		break;
	case BPF_DIV:
		if (!k)
			return false;
		*a /= k;
		break;
	case BPF_AND:
		*a &= k;
		break;
	case BPF_OR:
		*a |= k;
		break;
	case BPF_XOR:
		*a ^= k;
		break;
	case BPF_LSH:
		*a = k < 32 ? *a << k : 0;
		break;
	case BPF_RSH:
		*a = k < 32 ? *a >> k : 0;
		break;
	case BPF_NEG:
		*a = -*a;
		break;
	default:
		return false;
	}
	return true;
}

/* How many instructions to pass over. */
static bool jump(const struct sock_filter *f, const struct machine *m, uint32_t *ret)
{
	uint32_t k = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
	bool holds;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		*ret = f->k;
		return true;
	case BPF_JEQ:
		holds = m->a == k;
		break;
	case BPF_JGT:
		holds = m->a > k;
		break;
	case BPF_JGE:
		holds = m->a >= k;
		break;
	case BPF_JSET:
		holds = (m->a & k) != 0;
		break;
	default:
		return false;
	}
	*ret = holds ? f->jt : f->jf;
	return true;
}

static bool move(const struct sock_filter *f, const struct seccomp_data *data, struct machine *m)
{
	uint32_t *to = BPF_CLASS(f->code) == BPF_LD ? &m->a : &m->x;

	switch (BPF_MODE(f->code)) {
	case BPF_IMM:
		*to = f->k;
		return true;
	case BPF_LEN:
		*to = sizeof *data;
		return true;
	case BPF_ABS:
		return to == &m->a && load(data, f->k, to);
	case BPF_MEM:
		if (f->k >= SCRATCH)
			return false;
		*to = m->memory[f->k];
		return true;
	default:
		return false;
	}
}

bool filter_run(
        const struct sock_filter *code, size_t n, const struct seccomp_data *data, uint32_t *ret)
{
	struct machine m = {0};

	/* Jumps lead forward only: it ends. */
	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *f = &code[i];
		uint32_t over = 0;
		bool good = true;
		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
		case BPF_LDX:
			good = move(f, data, &m);
			break;
		case BPF_ST:
		case BPF_STX:
			good = f->k < SCRATCH;
			if (good)
				m.memory[f->k] = BPF_CLASS(f->code) == BPF_ST ? m.a : m.x;
			break;
		case BPF_ALU:
			good = calculate(
			        BPF_OP(f->code), &m.a, BPF_SRC(f->code) == BPF_X ? m.x : f->k);
			break;
		case BPF_JMP:
			good = jump(f, &m, &over);
			break;
		case BPF_RET:
			*ret = BPF_RVAL(f->code) == BPF_A ? m.a : f->k;
			return true;
		case BPF_MISC:
			if (BPF_MISCOP(f->code) == BPF_TAX)
				m.x = m.a;
			else
				m.a = m.x;
			break;
		default:
			good = false;
			break;
		}
		if (!good || over >= n - i)
			return false;
		i += over;
	}
	return false;
}

/* ---- told ------------------------------------------------------------------------------------ */

struct answer {
	uint32_t value;
	size_t n;
	const char *names[SHOWN_NAMES];
};

static void add_answer(struct buf *out, uint32_t value)
{
	uint32_t code = value & SECCOMP_RET_DATA;

	switch (value & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
		buf_add(out, "kills the process");
		break;
	case SECCOMP_RET_KILL_THREAD:
		buf_add(out, "kills");
		break;
	case SECCOMP_RET_TRAP:
		buf_add(out, "SIGSYS");
		break;
	case SECCOMP_RET_USER_NOTIF:
		buf_add(out, "asks its listener");
		break;
	case SECCOMP_RET_TRACE:
		buf_add(out, "asks its tracer");
		break;
	case SECCOMP_RET_LOG:
		buf_add(out, "logs");
		break;
	case SECCOMP_RET_ERRNO:
		if (strerrorname_np((int)code) && code)
			buf_add(out, strerrorname_np((int)code));
		else
			buf_addf(out, "errno %u", code);
		break;
	default:
		buf_add(out, "allows");
		break;
	}
}

static void count(struct answer *answers, size_t *n, uint32_t value, char *name)
{
	size_t i = 0;

	while (i < *n && answers[i].value != value)
		i++;
	if (i == *n && *n < ANSWERS_MAX)
		answers[(*n)++] = (struct answer){.value = value};
	if (i < *n && answers[i].n++ < SHOWN_NAMES) {
		answers[i].names[answers[i].n - 1] = name;
		return;
	}
	free(name);
}

void filter_names_add(struct buf *out, const struct sock_filter *code, size_t n)
{
	struct answer answers[ANSWERS_MAX];
	size_t n_answers = 0;
	struct seccomp_data data = {.arch = seccomp_arch_native()};

	for (int number = 0; number < CALLS_MAX; number++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
		uint32_t value;
		data.nr = number;
		if (name && filter_run(code, n, &data, &value))
			count(answers, &n_answers, value, name);
		else
			free(name);
	}
	for (size_t i = 0; i < n_answers; i++) {
		const struct answer *a = &answers[i];
		bool allowed = a->value == SECCOMP_RET_ALLOW;
		buf_add(out, ", ");
		add_answer(out, a->value);
		buf_addf(out, " %zu call%s", a->n, a->n == 1 ? "" : "s");
		for (size_t k = 0; k < a->n && k < SHOWN_NAMES; k++) {
			if (!allowed)
				buf_addf(out, "%s%s", k ? ", " : ": ", a->names[k]);
			free((char *)a->names[k]);
		}
		if (!allowed && a->n > SHOWN_NAMES)
			buf_add(out, ", …");
	}
}
