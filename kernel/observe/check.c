#include "kernel/observe/check.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/check_text.h"
#include "kernel/observe/query.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct expression {
	char fact[512];
	enum check_op op;
	char value[512];
	bool quoted; /* then it is a text even if it looks like a fact */
};

/* ---- reading the expression ---- */

static int wrong(const char *whole, const char *at, struct error *err, const char *cause)
{
	size_t column = (size_t)(at - whole) + 1;

	if (*at)
		error_set(err, EINVAL, "read condition", whole, "%s, at character %zu ('%c')",
		        cause, column, *at);
	else
		error_set(err, EINVAL, "read condition", whole, "%s, at its end", cause);
	error_advise(err, "a condition is FACT, !FACT or FACT OP VALUE with OP one of "
	                  "= != < <= > >= ~, for example: container.hand.hostname = hand");
	return -EINVAL;
}

static bool ends_fact(char c)
{
	return !c || isspace((unsigned char)c) || strchr("=!<>~\"", c);
}

static const struct {
	const char *text;
	enum check_op op;
} operators[] = {
        /* the longer before those they begin with */
        {"!=", CHECK_NE},
        {"<=", CHECK_LE},
        {">=", CHECK_GE},
        {"==", CHECK_EQ},
        {"=", CHECK_EQ},
        {"<", CHECK_LT},
        {">", CHECK_GT},
        {"~", CHECK_HAS},
};

static bool take_operator(const char **at, enum check_op *ret)
{
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		size_t n = strlen(operators[i].text);
		if (!strncmp(*at, operators[i].text, n)) {
			*ret = operators[i].op;
			*at += n;
			return true;
		}
	}
	return false;
}

static const char *skip_space(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* A word, or a text in double quotes in which a backslash takes the next character as it is. */
static const char *take_value(const char *at, struct expression *e, const char **ret_problem)
{
	size_t n = 0;

	e->quoted = *at == '"';
	at += e->quoted;
	while (*at && (e->quoted ? *at != '"' : !isspace((unsigned char)*at))) {
		if (e->quoted && *at == '\\' && at[1])
			at++;
		if (n == sizeof e->value - 1) {
			*ret_problem = "the value is too long";
			return at;
		}
		e->value[n++] = *at++;
	}
	e->value[n] = '\0';
	if (e->quoted && *at != '"')
		*ret_problem = "the closing quote is missing";
	else if (!e->quoted && n == 0)
		*ret_problem = "a value is missing";
	return at + (e->quoted && *at == '"');
}

static int parse(const char *whole, struct expression *e, struct error *err)
{
	const char *at = skip_space(whole), *problem = NULL;
	bool negated = *at == '!';
	size_t n = 0;

	at = skip_space(at + negated);
	if (ends_fact(*at))
		return wrong(whole, at, err, "the name of a fact is missing");
	while (!ends_fact(at[n]))
		n++;
	if (n >= sizeof e->fact)
		return wrong(whole, at + n, err, "the name of the fact is too long");
	memcpy(e->fact, at, n);
	e->fact[n] = '\0';
	at = skip_space(at + n);
	e->op = negated ? CHECK_NOT : CHECK_IS;
	if (!*at)
		return 0;
	if (negated)
		return wrong(whole, at, err, "'!' takes a fact alone");
	if (!take_operator(&at, &e->op))
		return wrong(whole, at, err, "an operator is missing");
	at = skip_space(at);
	at = take_value(at, e, &problem);
	if (!problem && *(at = skip_space(at)))
		problem = "something follows the value (put a value with spaces in quotes)";
	return problem ? wrong(whole, at, err, problem) : 0;
}

/* ---- comparing ---- */

/* "67108864", "64M", "64MiB", "max". Sizes count in 1024, as cgroup files read them. */
static bool as_number(const char *text, uint64_t *ret)
{
	static const char units[] = "kmgt";
	char *stop;
	const char *end, *unit;
	uint64_t value;

	if (!strcmp(text, "max")) {
		*ret = MODEL_NO_LIMIT;
		return true;
	}
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &stop, 10);
	end = stop;
	if (errno)
		return false;
	if (*end && (unit = strchr(units, tolower((unsigned char)*end)))) {
		if (__builtin_mul_overflow(value, UINT64_C(1) << (10 * (unit - units + 1)), &value))
			return false;
		end++;
		if (!strcasecmp(end, "b") || !strcasecmp(end, "ib"))
			end = "";
	}
	*ret = value;
	return !*end;
}

static bool is_true(const char *value)
{
	return *value && strcmp(value, "0") != 0 && strcmp(value, "no") != 0;
}

static bool compare(enum check_op op, const char *value, const char *wanted)
{
	uint64_t a = 0, b = 0;
	bool numbers = as_number(value, &a) && as_number(wanted, &b);

	switch (op) {
	case CHECK_IS:
		return is_true(value);
	case CHECK_NOT:
		return !is_true(value);
	case CHECK_EQ:
		return numbers ? a == b : !strcmp(value, wanted);
	case CHECK_NE:
		return numbers ? a != b : strcmp(value, wanted) != 0;
	case CHECK_HAS:
		return strstr(value, wanted) != NULL;
	case CHECK_LT:
		return numbers && a < b;
	case CHECK_LE:
		return numbers && a <= b;
	case CHECK_GT:
		return numbers && a > b;
	case CHECK_GE:
		return numbers && a >= b;
	}
	return false;
}

/* ---- the whole ---- */

static bool looks_like_fact(const char *word)
{
	static const char *const starts[] = {"container.", "containers.", "host.", "process.",
	        "processes.", "cgroup.", "lab.", "measure.", "image.", "file."};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (!strncmp(word, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static int ask(const struct model *m, const char *whole, const char *fact, struct buf *value,
        struct error *err)
{
	int r = query_fact(m, fact, value);
	const char *at = strstr(whole, fact);

	if (r == -EINVAL) {
		error_set(err, EINVAL, "read condition", whole,
		        "no fact is called '%s', at character %zu", fact,
		        at ? (size_t)(at - whole) + 1 : 1);
		error_advise(err, "'cutaway check --list' prints those that exist now");
	}
	return r;
}

static void copy(char *to, size_t room, const char *from)
{
	size_t n = strlen(from);

	if (n >= room) { /* cut between characters, not within one (UTF-8) */
		n = room - 1;
		while (n && ((unsigned char)from[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(to, from, n);
	to[n] = '\0';
}

int check_eval(
        const struct model *m, const char *expression, struct check_result *ret, struct error *err)
{
	struct expression e = {.value = ""};
	auto_buf value = BUF_INIT, wanted = BUF_INIT, text = BUF_INIT;
	int r = parse(expression, &e, err), found;

	if (r < 0)
		return r;
	found = ask(m, expression, e.fact, &value, err);
	if (found == -EINVAL)
		return found;
	if (!e.quoted && looks_like_fact(e.value)) {
		if (ask(m, expression, e.value, &wanted, err) == -EINVAL)
			return -EINVAL;
	} else {
		buf_add(&wanted, e.value);
	}
	struct check_subject subject = {
	        .model = m,
	        .fact = e.fact,
	        .op = e.op,
	        .value = buf_text(&value),
	        .exists = found == 0,
	        .wanted = buf_text(&wanted),
	        .holds = found == 0 ? compare(e.op, buf_text(&value), buf_text(&wanted))
	                            : e.op == CHECK_NOT,
	};
	check_describe(&subject, &text);
	if (buf_failed(&text) || buf_failed(&value) || buf_failed(&wanted))
		return error_set(err, ENOMEM, "check", expression, NULL);
	*ret = (struct check_result){.holds = subject.holds};
	copy(ret->text, sizeof ret->text, buf_text(&text));
	copy(ret->fact, sizeof ret->fact, e.fact);
	copy(ret->wanted, sizeof ret->wanted, subject.wanted);
	return 0;
}
