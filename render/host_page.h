/* The page of the host view while it is laid out: columns of cards, and rows kept free for lines.
 */
#pragma once

#include "render/host.h"

enum {
	STACKS_MOST = 40,
	BESIDE_MOST = 4,
	YOU_X = 14, /* right of the title of the band below */
};

/* A column of user space. Only containers stand beside each other within a stack. */
struct stack {
	struct card *cards;
	size_t n;
	int x, width;
};

struct page {
	struct host *h;
	struct host_user user;
	struct card kernel[KERNEL_CARDS];
	struct stack stacks[STACKS_MOST];
	size_t n_stacks;
	struct card beside[BESIDE_MOST]; /* what is not a container, when it shares a column */
	int header, legend;              /* rows */
	int user_height, kernel_height;
	int kernel_least; /* cells that a card of the kernel's is wide at least */
	/* Rows for lines, the heads of arrows in the last: who is connected to whom and who started
	 * whom, above the cards of user space; what a container is in, above those of the kernel.
	 */
	int talk, family, bus, comb;
};

/* Decides which lines there is room for: talk, family, bus, comb. */
void host_edges_choose(struct page *p);
/* Draws those of user space, whose first free row is `y`; and those into the kernel's band, whose
 * border is in row `y`. */
void host_edges_user(const struct page *p, int y);
void host_edges_kernel(const struct page *p, int y);
/* Says what the lines mean, in row `y` from `x` on. */
void host_edges_legend(const struct page *p, int x, int y);
