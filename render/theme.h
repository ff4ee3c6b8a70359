/* Themes: from a role and a mark to a colour. Only backends ask. */
#pragma once

#include "render/scene.h"

#include <stdint.h>

enum theme { THEME_NONE, THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_CONTRAST };

struct style {
	uint32_t rgb; /* 0xRRGGBB, for SVG and true colour */
	uint8_t ansi; /* 0-15, for terminals */
	bool bold, reverse, dim, underline;
};

struct style theme_style(enum theme t, enum scene_role role, enum scene_mark mark);
/* By name ("dark", "light", "mono", "contrast", "none"); false when there is none. */
bool theme_find(const char *name, enum theme *ret);
