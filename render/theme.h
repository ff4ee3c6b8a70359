/* Themes: from a role and a mark to a colour. Only backends ask. */
#pragma once

#include "render/scene.h"

#include <stdint.h>

enum theme { THEME_NONE, THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_CONTRAST, THEME_LARGE };

struct style {
	uint32_t rgb; /* 0xRRGGBB, for SVG and terminals of 256 colours */
	uint8_t ansi; /* 0-15, for terminals of 8 and 16 colours */
	bool bold, reverse, dim, underline;
};

/* What lies behind, for SVG (a terminal keeps its own ground): the page, a band, a card in it. */
struct theme_ground {
	uint32_t page, band, card, text; /* 0xRRGGBB */
};

struct style theme_style(enum theme t, enum scene_role role, enum scene_mark mark);
struct theme_ground theme_ground(enum theme t);
/* The style of a cell that focus or search points at: reversed, or underlined. */
struct style style_spot(struct style s, enum scene_spot_kind kind);
/* By name; false when there is none. */
bool theme_find(const char *name, enum theme *ret);
/* "dark, light, mono, contrast, large, none": for help and errors. */
extern const char theme_names[];
