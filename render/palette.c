#include "render/palette.h"

/* The six steps of each axis of the cube, as xterm has them. */
static const int steps[] = {0, 95, 135, 175, 215, 255};

static const uint8_t first16[16][3] = {
        {0, 0, 0},
        {205, 0, 0},
        {0, 205, 0},
        {205, 205, 0},
        {0, 0, 238},
        {205, 0, 205},
        {0, 205, 205},
        {229, 229, 229},
        {127, 127, 127},
        {255, 0, 0},
        {0, 255, 0},
        {255, 255, 0},
        {92, 92, 255},
        {255, 0, 255},
        {0, 255, 255},
        {255, 255, 255},
};

static int nearest_step(int value)
{
	int best = 0;

	for (int i = 1; i < 6; i++) {
		int now = value > steps[i] ? value - steps[i] : steps[i] - value;
		int then = value > steps[best] ? value - steps[best] : steps[best] - value;
		if (now < then)
			best = i;
	}
	return best;
}

static int distance(int r, int g, int b, int r2, int g2, int b2)
{
	return (r - r2) * (r - r2) + (g - g2) * (g - g2) + (b - b2) * (b - b2);
}

int palette_nearest(uint8_t r, uint8_t g, uint8_t b)
{
	int x = nearest_step(r), y = nearest_step(g), z = nearest_step(b);
	int grey = ((r + g + b) / 3 - 3) / 10;
	int level;

	grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
	level = 8 + grey * 10;
	if (distance(r, g, b, level, level, level) <
	        distance(r, g, b, steps[x], steps[y], steps[z]))
		return 232 + grey;
	return 16 + 36 * x + 6 * y + z;
}

int palette_reduce(int n)
{
	int r, g, b, best = 0;

	if (n < 16)
		return n < 0 ? 0 : n;
	if (n >= 232) {
		r = g = b = 8 + (n - 232) * 10;
	} else {
		r = steps[(n - 16) / 36];
		g = steps[(n - 16) / 6 % 6];
		b = steps[(n - 16) % 6];
	}
	for (int i = 1; i < 16; i++)
		if (distance(r, g, b, first16[i][0], first16[i][1], first16[i][2]) <
		        distance(r, g, b, first16[best][0], first16[best][1], first16[best][2]))
			best = i;
	return best;
}
