#include "shell/diagram/grade_arrow.h"

#include "kernel/base/cleanup.h"
#include "shell/diagram/evidence.h"
#include "shell/diagram/label.h"

#include <string.h>

struct arrow {
	const struct diagram_rules *rules;
	const struct model *now;
	size_t from, to;
	const struct diagram_arrow_rule *rule; /* NULL = the rules do not know it */
	struct label_mention mentions[LABEL_MENTIONS];
	size_t n_mentions;
};

static const char *title(const struct arrow *a, size_t part)
{
	return a->rules->parts[part].title;
}

static bool is_in_kernel(const struct arrow *a, size_t part)
{
	return a->rules->parts[part].bands == 1u << BAND_KERNEL;
}

/* The calls that were named, of one kind. */
static bool names_kind(const struct arrow *a, enum diagram_kind kind)
{
	for (size_t i = 0; i < a->n_mentions; i++)
		for (size_t c = 0; c < a->rules->n_calls; c++)
			if (a->mentions[i].calls >> c & 1 && a->rules->calls[c].kind == kind)
				return true;
	return false;
}

/* ---- the machine ---- */

static enum evidence ask_machine(const struct arrow *a, struct buf *said)
{
	bool doubted = !a->rule;
	enum evidence found = EVIDENCE_NONE;

	if (!a->now || is_in_kernel(a, a->to))
		return EVIDENCE_NONE;
	if (names_kind(a, KIND_START) || (doubted && !a->n_mentions))
		found = evidence_started(a->rules, a->now, a->from, a->to, doubted, said);
	if (found == EVIDENCE_NONE && names_kind(a, KIND_PARENT))
		found = evidence_parent(a->rules, a->now, a->from, a->to, said);
	if (found == EVIDENCE_NONE && names_kind(a, KIND_TALK))
		found = evidence_connected(a->rules, a->now, a->from, a->to, doubted, said);
	return found;
}

/* ---- an arrow that the rules do not know ---- */

/* How many arrows lie between two parts, 0 = they are not joined. */
static size_t distance(const struct diagram_rules *r, size_t from, size_t to)
{
	size_t steps[256] = {0}, far = 1;
	bool grown = true;

	if (r->n_parts > 256)
		return 0;
	steps[from] = 1;
	for (; grown && !steps[to]; far++) {
		grown = false;
		for (size_t i = 0; i < r->n_arrows; i++)
			if (steps[r->arrows[i].from] == far && !steps[r->arrows[i].to]) {
				steps[r->arrows[i].to] = far + 1;
				grown = true;
			}
	}
	return steps[to] ? steps[to] - 1 : 0;
}

static void say_unknown(const struct arrow *a, struct buf *said)
{
	const struct diagram_arrow_rule *wrong = diagram_wrong_find(a->rules, a->from, a->to);
	const struct diagram_arrow_rule *back = diagram_arrow_find(a->rules, a->to, a->from);
	size_t far = distance(a->rules, a->from, a->to);

	if (wrong)
		buf_add(said, wrong->why);
	else if (is_in_kernel(a, a->from))
		buf_add(said, "the kernel calls nobody: it answers the calls of processes, so "
		              "arrows end there");
	else if (back)
		buf_addf(said, "the other way round: %s", back->why);
	else if (a->rules->parts[a->to].bands == 1u << BAND_YOU)
		buf_add(said, "nobody calls you: you begin");
	else if (a->rules->parts[a->from].bands == 1u << BAND_YOU)
		buf_addf(said, "you cannot call %s: what you type goes to another process first",
		        title(a, a->to));
	else if (is_in_kernel(a, a->to))
		buf_addf(said, "%s does not make this call: another process here does",
		        title(a, a->from));
	else if (far > 1)
		buf_addf(said, "%s does not reach %s by itself: %s stand%s between them",
		        title(a, a->from), title(a, a->to), far == 2 ? "another part" : "others",
		        far == 2 ? "s" : "");
	else
		buf_addf(said, "%s asks nothing of %s", title(a, a->from), title(a, a->to));
}

static void say_here(struct buf *said, const struct buf *seen)
{
	if (seen->len)
		buf_addf(said, "%s%s", said->len ? ". Here: " : "here: ", buf_text(seen));
}

/* ---- the label ---- */

static bool has_strong(const struct arrow *a, uint64_t calls)
{
	for (size_t c = 0; c < a->rules->n_calls; c++) {
		enum diagram_kind kind = a->rules->calls[c].kind;
		if (calls >> c & 1 && kind != KIND_OTHER && kind != KIND_VAGUE)
			return true;
	}
	return false;
}

/* An arrow that is true, with what was written at it. */
static enum diagram_verdict judge_label(const struct arrow *a, const char *label, struct buf *said)
{
	const struct label_mention *stray = NULL;
	const char *why = a->rule->why;
	bool right = false, key = !a->rule->key, vague = false;

	for (size_t i = 0; i < a->n_mentions; i++) {
		const struct label_mention *m = &a->mentions[i];

		right |= m->calls & a->rule->calls;
		key |= m->calls & a->rule->key;
		if (m->calls & a->rule->calls)
			continue;
		if (has_strong(a, m->calls) || (!stray && !names_kind(a, KIND_VAGUE)))
			stray = m;
		else
			vague = true;
	}
	if (!label[strspn(label, " ")])
		buf_add(said, "right so far: now say which call it is, as its label");
	else if (!a->n_mentions)
		buf_add(said, "right so far, but its label names no call that is known here: "
		              "'diagram calls' lists them");
	else if (right && stray && has_strong(a, stray->calls))
		buf_addf(said, "right, and yet not '%s' as well: %s", stray->words, why);
	else if (right && !key)
		buf_addf(said, "true, but it says the lesser half: %s", why);
	else if (right)
		return VERDICT_RIGHT;
	else if (stray)
		buf_addf(said, "they belong together, but not by '%s': %s", stray->words, why);
	else
		buf_addf(said, "right so far: which %s? %s", vague ? "call" : "one", why);
	return (right && !key) || !stray ? VERDICT_VAGUE : VERDICT_WRONG;
}

enum diagram_verdict grade_arrow(const struct diagram_rules *r, const struct model *now,
        size_t from, size_t to, const char *label, struct buf *said)
{
	struct arrow a = {
	        .rules = r,
	        .now = now,
	        .from = from,
	        .to = to,
	        .rule = diagram_arrow_find(r, from, to),
	};
	auto_buf seen = BUF_INIT;
	enum evidence evidence;
	enum diagram_verdict verdict;

	a.n_mentions = label_read(r, label, a.mentions);
	evidence = ask_machine(&a, &seen);
	if (!a.rule && evidence == EVIDENCE_SEEN) {
		say_here(said, &seen);
		return VERDICT_RIGHT;
	}
	if (!a.rule) {
		say_unknown(&a, said);
		if (evidence == EVIDENCE_AGAINST)
			say_here(said, &seen);
		return VERDICT_WRONG;
	}
	verdict = judge_label(&a, label, said);
	if (verdict == VERDICT_RIGHT && evidence == EVIDENCE_AGAINST) {
		buf_add(said, "elsewhere it may be so, but not on this machine");
		verdict = VERDICT_WRONG;
	}
	if (verdict == VERDICT_RIGHT || evidence == EVIDENCE_AGAINST)
		say_here(said, &seen);
	return verdict;
}
