#include "shell/watch/inferred.h"

#include "kernel/base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More are not looked through: each is compared with each. */
enum { MOST = 4096, LETTERS_MOST = 128 };
/* A request that has a container's configuration in it; how much longer an answer may be than what
 * it repeats, for the times that it adds; an empty message is its five bytes of length. */
enum { RECORD_LEAST = 512, RECORD_GROWS = 64, EMPTY = 5 };

/* A request that waits for its answer. */
struct wait {
	size_t request, answer; /* events; answer 0 = none was seen */
	int letter;             /* -1 = its method is known */
	int rule;               /* what the shim was asked for; -1 = nothing */
};

struct letter {
	const char *text; /* of the request */
	int rule;
	bool contrary;         /* what it caused was now this and now that */
	bool doubled;          /* another one has come out the same */
	bool shim;             /* the shim was asked for something meanwhile */
	size_t waits, repeats; /* how many were answered with a message; with one like their own */
	int64_t sent, least, most; /* bytes of it; of the messages that came back */
	const char *name, *because;
};

struct seen {
	const struct watch_recording *r;
	struct arena *arena;
	struct wait *waits;
	size_t n, n_letters, n_good;
	struct letter letters[LETTERS_MOST];
	const char *good[LETTERS_MOST]; /* statuses that came with a message */
	bool failed;
};

static bool is_unseen(const char *text, const char *what)
{
	size_t n = strlen(what);

	return *text == '(' && !strncmp(text + 1, what, n) && text[1 + n] == ' ' &&
	       strstr(text, ": named before we looked)") != NULL;
}

static bool is_api(const struct watch_event *e, const char *api, bool answer)
{
	return e->kind == WATCH_API && e->answer == answer && !strcmp(e->name, api);
}

/* ---- who waits ------------------------------------------------------------------------------- */

static int letter_of(struct seen *s, const char *text)
{
	size_t i = 0;

	if (!is_unseen(text, "method"))
		return -1;
	while (i < s->n_letters && strcmp(s->letters[i].text, text) != 0)
		i++;
	if (i == LETTERS_MOST)
		return -1;
	if (i == s->n_letters)
		s->letters[s->n_letters++] = (struct letter){.text = text, .rule = -1};
	return (int)i;
}

/* The request that this answers: of those alike the one that was asked when it says. */
static void take_answer(struct seen *s, size_t i)
{
	const struct watch_event *e = &s->r->events[i], *q;
	uint64_t asked = e->us < e->t ? e->t - e->us : 0, off, best = UINT64_MAX;
	struct wait *found = NULL;

	for (size_t k = 0; k < s->n; k++) {
		q = &s->r->events[s->waits[k].request];
		off = q->t > asked ? q->t - asked : asked - q->t;
		if (!s->waits[k].answer && q->pid == e->other && off < best &&
		        !strcmp(q->text, e->of)) {
			found = &s->waits[k];
			best = off;
		}
	}
	if (found)
		found->answer = i;
}

static void gather(struct seen *s)
{
	for (size_t i = 0; i < s->r->n && s->n < MOST; i++) {
		const struct watch_event *e = &s->r->events[i];

		if (is_api(e, "grpc", false))
			s->waits[s->n++] = (struct wait){i, 0, letter_of(s, e->text), -1};
		else if (is_api(e, "grpc", true) && *e->of)
			take_answer(s, i);
	}
}

/* ---- what it caused -------------------------------------------------------------------------- */

/* Of all that the shim is asked for during a call the first that stands here tells which one it is:
 * who creates also asks for the state. */
static const struct {
	const char *shim, *method;
} rules[] = {{"Create", "Create"}, {"Start", "Start"}, {"Shutdown", "Delete"}, {"Kill", "Kill"},
        {"Exec", "Exec"}, {"Pause", "Pause"}, {"Resume", "Resume"}, {"ResizePty", "ResizePty"},
        {"CloseIO", "CloseIO"}, {"Pids", "ListPids"}, {"Checkpoint", "Checkpoint"},
        {"Update", "Update"}, {"Stats", "Metrics"}, {"Wait", "Wait"}, {"State", "Get"}};

enum { RULES = sizeof rules / sizeof *rules, DELETED = 2, CREATED = 0, STARTED = 1 };

static int rule_of(const struct watch_event *e)
{
	const char *method = strstr(e->text, ".Task/");

	for (int i = 0; method && i < RULES; i++)
		if (!strcmp(method + 6, rules[i].shim))
			return i;
	return -1;
}

static bool waits_at(const struct seen *s, const struct wait *w, const struct watch_event *e)
{
	const struct watch_event *q = &s->r->events[w->request], *a = &s->r->events[w->answer];

	if (!w->answer) /* perhaps never: a stream of events has no end */
		return w->letter >= 0 && q->other == e->pid && q->t <= e->t;
	return a->pid == e->pid && q->t <= e->t && e->t <= a->t;
}

/* Only where one alone waited it is clear whose doing it was. */
static void take_shim(struct seen *s, const struct watch_event *e)
{
	struct wait *whose = NULL;
	int rule = rule_of(e);

	for (size_t k = 0; k < s->n; k++) {
		if (!waits_at(s, &s->waits[k], e))
			continue;
		if (s->waits[k].letter >= 0)
			s->letters[s->waits[k].letter].shim = true;
		if (whose) {
			rule = -1;
			continue;
		}
		whose = &s->waits[k];
	}
	if (whose && whose->answer && rule >= 0 && (whose->rule < 0 || rule < whose->rule))
		whose->rule = rule;
}

static void look_at_wait(struct seen *s, const struct wait *w)
{
	struct letter *l = w->letter >= 0 ? &s->letters[w->letter] : NULL;
	const struct watch_event *q = &s->r->events[w->request], *a = &s->r->events[w->answer];

	if (!l || !w->answer)
		return;
	if (w->rule >= 0) {
		l->contrary |= l->rule >= 0 && l->rule != w->rule;
		l->rule = w->rule;
	}
	if (q->bytes > 0)
		l->sent = q->bytes;
	if (a->bytes <= 0)
		return;
	l->repeats += q->bytes >= RECORD_LEAST && a->bytes >= q->bytes &&
	              a->bytes <= q->bytes + RECORD_GROWS;
	l->least = l->waits && l->least < a->bytes ? l->least : a->bytes;
	l->most = l->most > a->bytes ? l->most : a->bytes;
	l->waits++;
}

/* ---- which method that makes it -------------------------------------------------------------- */

static const char *format(struct seen *s, const char *before, const char *name, const char *behind)
{
	char text[256];
	const char *kept;

	snprintf(text, sizeof text, "%s%s%s", before, name, behind);
	kept = arena_strdup(s->arena, text);
	s->failed |= !kept;
	return kept;
}

static void by_shim(struct seen *s, struct letter *l)
{
	if (l->rule < 0 || l->contrary)
		return;
	l->name = format(s, "Tasks/", rules[l->rule].method, "");
	l->because = format(s,
	        "while it waited for its answer, and nothing else did, the shim was "
	        "asked for ",
	        rules[l->rule].shim, ".");
}

static const struct letter *with_rule(const struct seen *s, int rule)
{
	for (size_t i = 0; i < s->n_letters; i++)
		if (s->letters[i].rule == rule && s->letters[i].name)
			return &s->letters[i];
	return NULL;
}

/* The service that keeps containers asks no shim. With Tasks/Start an id alone is sent. */
static void by_size(const struct seen *s, struct letter *l)
{
	const struct letter *start = with_rule(s, STARTED);
	bool id = start && start->sent && l->sent == start->sent;

	if (l->name || l->shim || !l->waits)
		return;
	if (l->repeats == l->waits && with_rule(s, CREATED)) {
		l->name = "Containers/Create";
		l->because = "no shim was asked for anything, as much came back as was sent, and a "
		             "task was created.";
	} else if (id && l->least >= RECORD_LEAST) {
		l->name = "Containers/Get";
		l->because = "no shim was asked for anything, an id was sent, as with Tasks/Start, "
		             "and much came back.";
	} else if (id && l->least == EMPTY && l->most == EMPTY && with_rule(s, DELETED)) {
		l->name = "Containers/Delete";
		l->because = "no shim was asked for anything, an id was sent, as with Tasks/Start, "
		             "an empty message came back, and a task was deleted.";
	}
}

/* A method has one letter as long as the other side keeps its number: where two have come out the
 * same one of them is another. */
static void drop_doubles(struct seen *s)
{
	for (size_t i = 0; i < s->n_letters; i++)
		for (size_t k = 0; k < i; k++) {
			struct letter *a = &s->letters[i], *b = &s->letters[k];
			if (a->name && b->name && !strcmp(a->name, b->name))
				a->doubled = b->doubled = true;
		}
	for (size_t i = 0; i < s->n_letters; i++)
		if (s->letters[i].doubled && s->letters[i].rule < 0)
			s->letters[i].name = s->letters[i].because = NULL;
}

static void conclude(struct seen *s)
{
	for (size_t i = 0; i < s->r->n; i++)
		if (is_api(&s->r->events[i], "ttrpc", false))
			take_shim(s, &s->r->events[i]);
	for (size_t k = 0; k < s->n; k++)
		look_at_wait(s, &s->waits[k]);
	for (size_t i = 0; i < s->n_letters; i++)
		by_shim(s, &s->letters[i]);
	for (size_t i = 0; i < s->n_letters; i++)
		by_size(s, &s->letters[i]);
	drop_doubles(s);
}

/* ---- telling --------------------------------------------------------------------------------- */

static bool is_good(const struct seen *s, const char *status)
{
	for (size_t i = 0; i < s->n_good; i++)
		if (!strcmp(s->good[i], status))
			return true;
	return false;
}

/* Who fails sends no message (github.com/grpc/grpc doc/PROTOCOL-HTTP2.md, "Trailers-Only"). */
static void find_good(struct seen *s)
{
	for (size_t i = 0; i < s->r->n && s->n_good < LETTERS_MOST; i++) {
		const struct watch_event *e = &s->r->events[i];
		if (is_api(e, "grpc", true) && e->bytes > 0 && is_unseen(e->text, "status") &&
		        !is_good(s, e->text))
			s->good[s->n_good++] = e->text;
	}
}

/* "method A" */
static const char *letter_text(struct seen *s, const char *text)
{
	const char *kept = arena_strndup(s->arena, text + 1, strcspn(text + 1, ":"));

	s->failed |= !kept;
	return kept;
}

static void tell(struct seen *s, struct inference *all)
{
	for (size_t i = 0; i < s->r->n; i++) {
		const struct watch_event *e = &s->r->events[i];
		int k = is_api(e, "grpc", false) ? letter_of(s, e->text) : -1;
		if (k >= 0)
			all[i] = (struct inference){
			        s->letters[k].name, s->letters[k].because, letter_text(s, e->text)};
		if (!is_api(e, "grpc", true) || !is_unseen(e->text, "status"))
			continue;
		all[i].letter = letter_text(s, e->text);
		if (is_good(s, e->text)) {
			all[i].name = "OK";
			all[i].because = "it came with a message, here or elsewhere, and who fails "
			                 "sends none.";
		}
	}
}

const struct inference *inferred_of(const struct watch_recording *r, struct arena *a)
{
	struct inference *all = arena_alloc(a, (r->n + 1) * sizeof *all);
	auto_free struct wait *waits = malloc(MOST * sizeof *waits);
	struct seen s = {.r = r, .arena = a, .waits = waits};

	if (!all || !waits)
		return NULL;
	gather(&s);
	conclude(&s);
	find_good(&s);
	tell(&s, all);
	return s.failed ? NULL : all;
}
