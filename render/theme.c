#include "render/theme.h"

#include <string.h>

/* The colour of each role on a dark and on a light ground, and its number among the 16 of a
 * terminal. Every pair with its ground reaches a contrast of 4.5 (WCAG 2.1, level AA), which
 * tests/unit/test_theme.c computes. High contrast is held to 7 (level AAA). */
struct role_colours {
	uint32_t dark, light, contrast;
	uint8_t ansi_dark, ansi_light, ansi_contrast;
	bool bold;
};

static const struct role_colours roles[SCENE_ROLES] = {
        [SCENE_PLAIN] = {0xD5DAE3, 0x2B303B, 0xFFFFFF, 7, 0, 15, false},
        [SCENE_FRAME] = {0x989FB0, 0x616978, 0xFFFFFF, 7, 8, 15, false},
        [SCENE_TITLE] = {0xF2F4F8, 0x12151B, 0xFFFFFF, 15, 0, 15, true},
        [SCENE_YOU] = {0xF5C97A, 0x86560A, 0xFFE08A, 11, 3, 11, true},
        [SCENE_LAB] = {0xE8B968, 0x86560A, 0xFFE08A, 3, 3, 11, false},
        [SCENE_DAEMON] = {0xC3A6E8, 0x6B3FA0, 0xE3CCFF, 5, 5, 13, false},
        [SCENE_PROCESS] = {0xA9B4C6, 0x4A5468, 0xE6E9F0, 7, 0, 15, false},
        [SCENE_CONTAINER] = {0x7CC4F5, 0x0B5E9A, 0x9BDDFF, 12, 4, 14, true},
        [SCENE_NAMESPACE_USER] = {0xF2A0A0, 0xA62B2B, 0xFFC0C0, 9, 1, 15, false},
        [SCENE_NAMESPACE_PID] = {0xF0B27A, 0x974A0B, 0xFFD2A6, 3, 3, 15, false},
        [SCENE_NAMESPACE_MNT] = {0xD9CE72, 0x6B5D00, 0xF7EE9A, 11, 3, 11, false},
        [SCENE_NAMESPACE_UTS] = {0x9AD48B, 0x2E6B1F, 0xBFF5B0, 10, 2, 10, false},
        [SCENE_NAMESPACE_IPC] = {0x6FD0B4, 0x0B6B53, 0x9DF2DA, 6, 6, 10, false},
        [SCENE_NAMESPACE_NET] = {0x73C8DE, 0x0A6478, 0xA5EAFA, 14, 6, 14, false},
        [SCENE_NAMESPACE_CGROUP] = {0x9DB2F2, 0x3650A8, 0xC5D2FF, 12, 4, 15, false},
        [SCENE_NAMESPACE_TIME] = {0xDBA4DA, 0x8A2F89, 0xFAC8F9, 13, 5, 13, false},
        [SCENE_CGROUP] = {0x9DB2F2, 0x3650A8, 0xC5D2FF, 12, 4, 15, false},
        [SCENE_SECURITY] = {0xF2A0A0, 0xA62B2B, 0xFFC0C0, 9, 1, 15, false},
        [SCENE_MOUNT] = {0xD9CE72, 0x6B5D00, 0xF7EE9A, 11, 3, 11, false},
        [SCENE_LAYER] = {0xE0B884, 0x7A4A10, 0xFFD9A8, 3, 3, 11, false},
        [SCENE_LINK] = {0x73C8DE, 0x0A6478, 0xA5EAFA, 14, 6, 14, false},
        [SCENE_DIM] = {0x969FAF, 0x616978, 0xD8DCE4, 7, 8, 15, false},
};

/* What a mark says stands above what a role says: the eye is to find it first. */
static const struct role_colours marks[] = {
        [MARK_CHANGED] = {0x8CE99A, 0x1B6E2C, 0xA6FFB0, 10, 2, 10, true},
        [MARK_GHOST] = {0x99A2B3, 0x616978, 0xE6E9F0, 7, 8, 15, false},
        [MARK_FAILED] = {0xFF8F8F, 0xB42318, 0xFFB3B3, 9, 1, 15, true},
        [MARK_GONE] = {0xB59A9A, 0x7A5C5C, 0xE0CACA, 7, 8, 15, false},
};

struct style theme_style(enum theme t, enum scene_role role, enum scene_mark mark)
{
	const struct role_colours *c;
	struct style s = {0};

	if ((unsigned)role >= SCENE_ROLES)
		role = SCENE_PLAIN;
	if ((unsigned)mark > MARK_GONE)
		mark = MARK_NONE;
	c = mark != MARK_NONE ? &marks[mark] : &roles[role];
	s.bold = c->bold;
	switch (t) {
	case THEME_DARK:
		s.rgb = c->dark;
		s.ansi = c->ansi_dark;
		break;
	case THEME_LIGHT:
		s.rgb = c->light;
		s.ansi = c->ansi_light;
		break;
	case THEME_CONTRAST:
	case THEME_LARGE:
		s.rgb = c->contrast;
		s.ansi = c->ansi_contrast;
		s.bold = true;
		break;
	case THEME_NONE:
	case THEME_MONO: /* no hue: weight alone */
		s.rgb = theme_ground(t).text;
		s.ansi = 7;
		s.dim = mark == MARK_GHOST || mark == MARK_GONE ||
		        (mark == MARK_NONE && role == SCENE_DIM);
		s.reverse = mark == MARK_FAILED;
		break;
	}
	return s;
}

struct style style_spot(struct style s, enum scene_spot_kind kind)
{
	s.bold |= kind != SPOT_NONE;
	s.dim &= kind == SPOT_NONE;
	s.underline |= kind == SPOT_MATCH;
	s.reverse |= kind == SPOT_FOCUS;
	return s;
}

struct theme_ground theme_ground(enum theme t)
{
	switch (t) {
	case THEME_DARK:
		return (struct theme_ground){0x14171D, 0x1A1E26, 0x212631, 0xD5DAE3};
	case THEME_CONTRAST:
	case THEME_LARGE:
		return (struct theme_ground){0x000000, 0x000000, 0x0A0A0A, 0xFFFFFF};
	case THEME_LIGHT:
		return (struct theme_ground){0xFFFFFF, 0xF6F7F9, 0xFFFFFF, 0x2B303B};
	case THEME_NONE:
	case THEME_MONO:
		break;
	}
	return (struct theme_ground){0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 0x1A1A1A};
}

const char theme_names[] = "dark, light, mono, contrast, large, none";

bool theme_find(const char *name, enum theme *ret)
{
	static const char *const names[] = {
	        [THEME_NONE] = "none",
	        [THEME_DARK] = "dark",
	        [THEME_LIGHT] = "light",
	        [THEME_MONO] = "mono",
	        [THEME_CONTRAST] = "contrast",
	        [THEME_LARGE] = "large",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!strcmp(names[i], name)) {
			*ret = (enum theme)i;
			return true;
		}
	}
	return false;
}
