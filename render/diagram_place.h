/* Where the parts of a diagram stand, and how its arrows run between them. For view_diagram.c. */
#pragma once

#include "render/diagram.h"
#include "render/scene.h"

enum { PLACES_MOST = 64 };

struct diagram_place {
	int x, y, width;
};

struct diagram_places {
	struct diagram_place parts[PLACES_MOST];
	/* Of the parts of a band: 3; 2 where rows are short, and the name is in the border. */
	int part_height[BAND_COUNT];
	int x[BAND_COUNT], y[BAND_COUNT], width[BAND_COUNT], height[BAND_COUNT];
	int rows; /* of all bands together */
};

/* False where it is too small for boxes, or where there are more parts than PLACES_MOST. */
bool diagram_place(
        const struct diagram_picture *p, int width, int height, struct diagram_places *ret);

/* Adds the arrows to the scene, each with its number and, where there is room, its label. Those
 * without a way are left out: the list has them. */
void diagram_route(
        struct scene *s, const struct diagram_picture *p, const struct diagram_places *at);
