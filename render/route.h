/* Lines between boxes that run through no box, along no other line and around as few corners as may
 * be; they may cross one another, and the border of a frame, straight. Lee's algorithm (C. Y. Lee,
 * 1961) with prices for corners and crossings. */
#pragma once

#include "kernel/base/arena.h"
#include "render/scene.h"

#include <stdint.h>

enum { ROUTE_POINTS = 24 };

/* A cell of a border where a line may begin or end, and the direction that leads out of the box. */
struct route_end {
	int x, y;
	int dx, dy;
};

struct route {
	int width, height;
	uint8_t *cells;   /* what lies in each, see route.c */
	int *cost, *from; /* of a search, for each cell and direction */
	struct arena arena;
};

int route_init(struct route *r, int width, int height); /* 0 or -ENOMEM */
void route_release(struct route *r);
/* Nothing may run here. */
void route_block(struct route *r, int x, int y, int width, int height);
/* The border of a frame: to be crossed, not to be run along. */
void route_frame(struct route *r, int x, int y, int width, int height);
/* Whether exactly one line, and nothing else, runs across the cell. */
bool route_is_single(const struct route *r, int x, int y);
bool route_is_free(const struct route *r, int x, int y);

/* The cheapest line from one of the ends to beside another of the others; takes its place. The
 * points are as struct scene_edge wants them. False when there is none. */
bool route_find(struct route *r, const struct route_end *from, size_t n_from,
        const struct route_end *to, size_t n_to, struct scene_point points[ROUTE_POINTS],
        size_t *ret_n);
