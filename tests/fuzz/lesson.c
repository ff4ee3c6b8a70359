/* Pages of lessons, from anywhere: read and drawn they keep to the width, hold nothing that a
 * terminal acts upon, and are in time; an index.json that is mended is mended for good. */
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/lesson/json_mend.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/md_title.h"
#include "shell/lesson/page_question.h"
#include "shell/lesson/placeholder.h"
#include "shell/lesson/text_decode.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

static void check_line(const struct md_line *line, int width)
{
	int cells = 0;

	for (size_t i = 0; i < line->n; i++) {
		for (const char *p = line->spans[i].text; *p; p++)
			FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
		cells += text_width(line->spans[i].text);
	}
	FUZZ_CHECK(cells <= width || width < 4);
}

static void check_page(const char *text, int width)
{
	struct md_options options = {.width = width, .plain = width % 2};
	const struct md_block *blocks;
	struct markdown *page;
	struct md_text drawn;
	size_t n;

	FUZZ_CHECK(markdown_parse(text, &page) == 0);
	blocks = markdown_blocks(page, &n);
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(blocks[i].kind < MD_KINDS && blocks[i].terminal >= 1);
		FUZZ_CHECK(blocks[i].text[0] && !strchr(blocks[i].text, '\033'));
		FUZZ_CHECK(blocks[i].line >= 1);
	}
	FUZZ_CHECK(markdown_layout(page, &options, &drawn) == 0);
	for (size_t i = 0; i < drawn.n; i++)
		check_line(&drawn.lines[i], width);
	md_text_release(&drawn);
	markdown_free(page);
}

/* Titles: one line, of nothing that a terminal acts upon (md_title.h). */
static void check_title(const char *text)
{
	auto_buf title = BUF_INIT;
	struct markdown *page;

	md_title_text(text, &title);
	FUZZ_CHECK(markdown_parse(text, &page) == 0);
	md_title_of(page, &title);
	markdown_free(page);
	for (const char *p = buf_text(&title); *p; p++)
		FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void check_questions(const char *text)
{
	struct arena arena = {0};
	struct page_question *all;
	size_t n;

	FUZZ_CHECK(page_questions_read(text, &arena, &all, &n) == 0);
	for (size_t i = 0; i < n; i++) {
		auto_buf right = BUF_INIT;

		page_question_solution(&all[i], &right);
		FUZZ_CHECK(right.len);
		/* A text that is right is right as it stands. */
		if (all[i].answer && !all[i].pattern && strpbrk(all[i].answer, "abcxyz"))
			FUZZ_CHECK(page_question_is_right(&all[i], all[i].answer));
		page_question_is_right(&all[i], "1");
	}
	arena_release(&arena);
}

static void check_json(const char *text, size_t n)
{
	auto_buf mended = BUF_INIT;
	json_t *before = json_loadb(text, n, 0, NULL), *after;

	json_mend(text, n, &mended);
	after = json_loadb(buf_text(&mended), mended.len, JSON_ALLOW_NUL, NULL);
	if (before) /* what was JSON says the same still */
		FUZZ_CHECK(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	auto_buf text = BUF_INIT, moved = BUF_INIT, hidden = BUF_INIT;

	text_decode((const char *)bytes, n, &text);
	FUZZ_CHECK(!strchr(buf_text(&text), '\r'));
	placeholder_replace(buf_text(&text), &moved);
	check_questions(buf_text(&moved));
	page_questions_hide(buf_text(&moved), &hidden);
	check_title(buf_text(&hidden));
	check_page(buf_text(&hidden), n ? bytes[0] % 100 + 1 : 1);
	check_json(buf_text(&text), text.len);
	return 0;
}
