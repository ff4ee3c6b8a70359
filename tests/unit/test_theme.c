/* Every role and mark has a colour that can be read on every ground it stands on. */
#include "render/palette.h"
#include "render/theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

/* x to the power of 2.4: the square times the fifth root of the square, by Newton's method. */
static double power_2_4(double x)
{
	double square = x * x, root = 1;

	for (int i = 0; i < 60; i++)
		root = (4 * root + square / (root * root * root * root)) / 5;
	return square * root;
}

static double channel(unsigned value)
{
	double c = value / 255.0;

	return c <= 0.04045 ? c / 12.92 : power_2_4((c + 0.055) / 1.055);
}

/* WCAG 2.1, relative luminance. */
static double luminance(uint32_t rgb)
{
	return 0.2126 * channel(rgb >> 16 & 255) + 0.7152 * channel(rgb >> 8 & 255) +
	       0.0722 * channel(rgb & 255);
}

static double contrast(uint32_t a, uint32_t b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* The ground of a card's title: the colour of its role at 13 in 100 over the card. */
static uint32_t tint(uint32_t over, uint32_t ground)
{
	uint32_t mixed = 0;

	for (int shift = 0; shift < 24; shift += 8)
		mixed |= (uint32_t)((over >> shift & 255) * 0.13 + (ground >> shift & 255) * 0.87)
		         << shift;
	return mixed;
}

static void check(enum theme t, enum scene_role role, enum scene_mark mark, double least)
{
	struct style s = theme_style(t, role, mark);
	struct theme_ground g = theme_ground(t);
	const uint32_t grounds[] = {g.page, g.band, g.card, tint(s.rgb, g.card)};

	for (size_t i = 0; i < sizeof grounds / sizeof *grounds; i++) {
		double c = contrast(s.rgb, grounds[i]);
		if (c < least)
			fail_msg("theme %d role %d mark %d on ground %zu: contrast %.2f below %.1f",
			        t, role, mark, i, c, least);
	}
	assert_true(s.ansi < 16);
}

static void test_contrast(void **state)
{
	static const enum theme themes[] = {
	        THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_CONTRAST, THEME_LARGE};

	(void)state;
	for (size_t t = 0; t < sizeof themes / sizeof *themes; t++)
		for (int role = 0; role < SCENE_ROLES; role++)
			for (int mark = MARK_NONE; mark <= MARK_GONE; mark++)
				check(themes[t], (enum scene_role)role, (enum scene_mark)mark,
				        themes[t] >= THEME_CONTRAST ? 7 : 4.5);
}

static void test_names(void **state)
{
	static const char *const names[] = {"dark", "light", "mono", "contrast", "large", "none"};
	enum theme t;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(theme_find(names[i], &t));
	assert_false(theme_find("", &t));
	assert_false(theme_find("Dark", &t));
}

static void test_palette(void **state)
{
	(void)state;
	assert_int_equal(palette_nearest(0, 0, 0), 16);
	assert_int_equal(palette_nearest(255, 255, 255), 231);
	assert_int_equal(palette_nearest(255, 0, 0), 196);
	assert_int_equal(palette_nearest(128, 128, 128), 244);
	for (int n = 0; n < 256; n++)
		assert_in_range(palette_reduce(n), 0, 15);
	for (int n = 0; n < 16; n++)
		assert_int_equal(palette_reduce(n), n);
	assert_int_equal(palette_reduce(196), 9);
	assert_int_equal(palette_reduce(231), 15);
	assert_int_equal(palette_reduce(16), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_contrast),
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_palette),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
