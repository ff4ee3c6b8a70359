/* In which order choices are shown: the same every time, whatever the order of the file, and one
 * that does not tell which is right, in the questions of our lessons either. */
#include "kernel/base/cleanup.h"
#include "shell/lesson/choice_order.h"
#include "shell/lesson/page_question.h"
#include "shell/lesson/quiz.h"
#include "shell/lesson/scenario.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_whatever_the_file_says(void **state)
{
	const char *a[] = {"a tag", "a digest", "a layer", "a blob"};
	const char *b[] = {"a blob", "a layer", "a tag", "a digest"};

	(void)state;
	assert_int_equal(
	        choice_order_texts("What?", b, 4, 3), choice_order_texts("What?", a, 4, 1));
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(a[i], b[i]);
}

/* Written down: an order that differs on another machine would differ from this. */
static void test_everywhere(void **state)
{
	const char *a[] = {"a tag", "a digest", "a layer"};
	const char *b[] = {"a tag", "a digest", "a layer"};

	(void)state;
	assert_int_equal(choice_order_texts("What is it?", a, 3, 0), 2);
	assert_string_equal(a[0], "a layer");
	assert_string_equal(a[1], "a digest");
	choice_order_texts("And this?", b, 3, 0);
	assert_string_equal(b[0], "a tag");
	assert_string_equal(b[1], "a layer");
}

static void test_what_stays(void **state)
{
	static const char *const amounts[] = {"about 1 MB", "about 4 MB", "10 MB: all"};
	const char *falling[] = {"9", "3", "1"};
	bool moved = false;

	(void)state;
	for (int i = 0; i < 50; i++) {
		const char *others[] = {"one", "two", "three", "None of these"};
		size_t order[3];
		char question[32];

		snprintf(question, sizeof question, "Question %d?", i);
		choice_order(question, amounts, 3, order);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(order[k], k);
		choice_order_texts(question, others, 4, 0);
		assert_string_equal(others[3], "None of these");
		choice_order_texts(question, falling, 3, 0);
		moved |= strcmp(falling[0], "9") != 0;
	}
	assert_true(moved);
	assert_int_equal(choice_order_texts("Q", falling, 3, 7), -1);
	assert_int_equal(choice_order_texts("Q", falling, 0, 0), -1);
}

/* Of many questions whose first choice is right, about as many are right at each place: within what
 * chance brings in one of a million draws (five deviations of 17). */
static void test_even(void **state)
{
	int at[3] = {0};

	(void)state;
	for (int i = 0; i < 1200; i++) {
		const char *texts[] = {"one", "the other", "neither"};
		char question[32];

		snprintf(question, sizeof question, "Question %d?", i);
		at[choice_order_texts(question, texts, 3, 0)]++;
	}
	for (size_t i = 0; i < 3; i++)
		assert_in_range(at[i], 400 - 85, 400 + 85);
}

/* Whoever says the same number to all of n questions knows less than half of them. */
static void assert_tells_nothing(const size_t at[], size_t n)
{
	assert_true(n > 20);
	for (size_t i = 0; i < 3; i++) {
		assert_true(at[i] * 2 < n);
		assert_true(at[i] * 6 > n);
	}
}

static void test_our_questions(void **state)
{
	struct quiz quiz;
	size_t at[CHOICE_ORDER_MOST] = {0}, n = 0;

	(void)state;
	assert_int_equal(quiz_read("lessons", &quiz, NULL), 0);
	for (size_t i = 0; i < quiz.n; i++)
		if (quiz.questions[i].choices) {
			at[quiz.questions[i].answer]++;
			n++;
		}
	quiz_release(&quiz);
	assert_tells_nothing(at, n);
}

static void test_our_guesses(void **state)
{
	size_t at[CHOICE_ORDER_MOST] = {0}, n = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob("lessons/*/index.json", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct scenario *s;

		*strrchr(found.gl_pathv[i], '/') = '\0';
		assert_int_equal(scenario_load(found.gl_pathv[i], &s, NULL), 0);
		for (size_t k = 0; k < s->n_pages; k++)
			if (s->pages[k].predict.question) {
				at[s->pages[k].predict.answer]++;
				n++;
			}
		scenario_free(s);
	}
	globfree(&found);
	assert_tells_nothing(at, n);
}

/* The numbers on the page are those that are understood. */
static void test_others(void **state)
{
	static const char page[] = ">>Which lists files?<<\n"
	                           "(*) ls\n( ) ps\n( ) df\n( ) All of the above\n\n"
	                           ">>Which are shells?<<\n"
	                           "[*] bash\n[*] dash\n[ ] cat\n[ ] sed\n";
	struct arena arena = {0};
	struct page_question *q;
	auto_buf text = BUF_INIT;
	size_t n;

	(void)state;
	assert_int_equal(page_questions_read(page, &arena, &q, &n), 0);
	assert_int_equal(n, 2);
	page_questions_hide(page, &text);
	for (size_t i = 0; i < n; i++) {
		auto_buf right = BUF_INIT;
		for (size_t k = 0; k < q[i].n_choices; k++) {
			auto_buf line = BUF_INIT;
			buf_addf(&line, "\n%zu. %s\n", k + 1, q[i].choices[k].text);
			assert_non_null(strstr(buf_text(&text), buf_text(&line)));
			if (q[i].choices[k].right)
				buf_addf(&right, "%zu ", k + 1);
		}
		assert_true(page_question_is_right(&q[i], buf_text(&right)));
	}
	assert_string_equal(q[0].choices[3].text, "All of the above");
	assert_true(page_question_is_right(&q[0], "ls"));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_whatever_the_file_says),
	        cmocka_unit_test(test_everywhere), cmocka_unit_test(test_what_stays),
	        cmocka_unit_test(test_even), cmocka_unit_test(test_our_questions),
	        cmocka_unit_test(test_our_guesses), cmocka_unit_test(test_others)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
