/* What is concluded about methods that were named before the watch: of a docker run whose methods
 * were all heard (tests/fixtures/watch/grpc.jsonl) they are hidden, and must be found again or be
 * left open, but never be another. */
#include "kernel/base/cleanup.h"
#include "shell/watch/explain.h"
#include "shell/watch/inferred.h"
#include "tests/unit/watch_fixture.h"

#include <stdlib.h>

enum { METHODS = 32 };

struct hidden {
	struct watch_recording r;
	const char *truth[METHODS]; /* by letter */
	size_t n;
	const char **was; /* by event: what its text was */
};

static const char *hide(struct hidden *h, const char *method)
{
	char text[64];
	size_t i = 0;

	while (i < h->n && strcmp(h->truth[i], method) != 0)
		i++;
	assert_true(i < METHODS);
	if (i == h->n)
		h->truth[h->n++] = method;
	snprintf(text, sizeof text, "(method %c: named before we looked)", (char)('A' + i));
	return arena_strdup(&h->r.strings, text);
}

static void hide_all(struct hidden *h)
{
	fixture_watch("grpc", &h->r);
	h->was = calloc(h->r.n, sizeof *h->was);
	assert_non_null(h->was);
	for (size_t i = 0; i < h->r.n; i++) {
		struct watch_event *e = &h->r.events[i];
		h->was[i] = e->text;
		if (e->kind != WATCH_API || strcmp(e->name, "grpc") != 0)
			continue;
		if (e->answer) {
			e->of = hide(h, e->of);
			e->text = strstr(e->text, " OK") ? "(status A: named before we looked)"
			                                 : "(status B: named before we looked)";
		} else {
			e->text = hide(h, e->text);
		}
	}
}

static void release(struct hidden *h)
{
	free(h->was);
	watch_recording_release(&h->r);
}

/* "/containerd.services.tasks.v1.Tasks/Create" ends with ".Tasks/Create". */
static bool ends_with(const char *text, const char *name)
{
	size_t n = strlen(text), m = strlen(name);

	return n > m && text[n - m - 1] == '.' && !strcmp(text + n - m, name);
}

static void test_found_again(void **state)
{
	static const char *const wanted[] = {"Tasks/Create", "Tasks/Start", "Tasks/Get",
	        "Tasks/Delete", "Containers/Create", "Containers/Get", "Containers/Delete", NULL};
	struct hidden h = {0};
	struct arena a = {0};
	const struct inference *all;
	size_t found = 0, open = 0;

	(void)state;
	hide_all(&h);
	all = inferred_of(&h.r, &a);
	assert_non_null(all);
	for (size_t i = 0; i < h.r.n; i++) {
		if (strcmp(h.r.events[i].name, "grpc") != 0 || h.r.events[i].answer)
			continue;
		assert_memory_equal(all[i].letter, "method ", 7);
		open += !all[i].name;
		found += all[i].name != NULL;
		if (all[i].name && !ends_with(h.was[i], all[i].name))
			fail_msg("%s was %s", all[i].name, h.was[i]);
		assert_int_equal(all[i].because != NULL, all[i].name != NULL);
	}
	for (size_t k = 0; wanted[k]; k++) {
		bool there = false;
		for (size_t i = 0; i < h.r.n; i++)
			there |= all[i].name && !strcmp(all[i].name, wanted[k]);
		if (!there)
			fail_msg("%s was not found", wanted[k]);
	}
	assert_true(found > open); /* of leases nothing tells */
	assert_true(open > 0);
	arena_release(&a);
	release(&h);
}

static void test_statuses(void **state)
{
	struct hidden h = {0};
	struct arena a = {0};
	const struct inference *all;
	auto_buf text = BUF_INIT;
	size_t bad = 0;

	(void)state;
	hide_all(&h);
	all = inferred_of(&h.r, &a);
	assert_non_null(all);
	for (size_t i = 0; i < h.r.n; i++) {
		const struct watch_event *e = &h.r.events[i];
		if (strcmp(e->name, "grpc") != 0 || !e->answer)
			continue;
		assert_int_equal(all[i].name != NULL, strstr(h.was[i], " OK") != NULL);
		bad += !all[i].name;
		buf_reset(&text);
		watch_explain_inferred(&all[i], &text);
		assert_non_null(strstr(buf_text(&text), all[i].letter));
		assert_int_equal(strstr(buf_text(&text), "Concluded") != NULL, all[i].name != NULL);
	}
	assert_int_equal(bad, 1); /* a task that is not there any more */
	arena_release(&a);
	release(&h);
}

/* A request whose size was not told, since its message came in a later write. */
static void test_sizes_not_told(void **state)
{
	static const char *const untold[] = {"Leases/Delete", "Containers/Delete", "/Start", "/"};

	(void)state;
	for (size_t k = 0; k < sizeof untold / sizeof *untold; k++) {
		struct hidden h = {0};
		struct arena a = {0};
		const struct inference *all;
		hide_all(&h);
		for (size_t i = 0; i < h.r.n; i++)
			if (!h.r.events[i].answer && strstr(h.was[i], untold[k]))
				h.r.events[i].bytes = -1;
		all = inferred_of(&h.r, &a);
		assert_non_null(all);
		for (size_t i = 0; i < h.r.n; i++)
			if (!h.r.events[i].answer && all[i].name &&
			        !ends_with(h.was[i], all[i].name))
				fail_msg("%s was %s", all[i].name, h.was[i]);
		arena_release(&a);
		release(&h);
	}
}

/* Nothing is concluded where two wait at once, or where one letter did now this and now that. */
static void test_left_open(void **state)
{
	struct hidden h = {0};
	struct arena a = {0};
	const struct inference *all;
	const struct watch_event *create = NULL;

	(void)state;
	hide_all(&h);
	for (size_t i = 0; i < h.r.n; i++) {
		struct watch_event *e = &h.r.events[i];
		if (strcmp(e->name, "grpc") != 0)
			continue;
		if (!e->answer && ends_with(h.was[i], "Tasks/Create"))
			create = e;
		/* As if one that is never answered had come before all. */
		if (!create && !e->answer)
			e->text = "(method Z: named before we looked)";
	}
	assert_non_null(create);
	all = inferred_of(&h.r, &a);
	assert_non_null(all);
	for (size_t i = 0; i < h.r.n; i++)
		assert_true(h.r.events[i].answer || !all[i].name);
	arena_release(&a);
	release(&h);
}

/* What is heard stays what it is. */
static void test_nothing_hidden(void **state)
{
	struct watch_recording r = {0};
	struct arena a = {0};
	const struct inference *all;

	(void)state;
	fixture_watch("grpc", &r);
	all = inferred_of(&r, &a);
	assert_non_null(all);
	for (size_t i = 0; i < r.n; i++)
		assert_true(!all[i].name && !all[i].letter && !all[i].because);
	arena_release(&a);
	watch_recording_release(&r);
	for (unsigned seed = 0; seed < 200; seed++) {
		fixture_random_watch(seed, &r);
		assert_non_null(inferred_of(&r, &a));
		arena_release(&a);
		watch_recording_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_found_again),
	        cmocka_unit_test(test_statuses),
	        cmocka_unit_test(test_sizes_not_told),
	        cmocka_unit_test(test_left_open),
	        cmocka_unit_test(test_nothing_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
