/* The parts of the image view: which cards there are, and what they say. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* What every card needs. */
struct image_view {
	const struct view_input *in;
	const struct model *now, *before;
	struct scene *s;
	const char *name;                       /* as asked for, or as the model has it */
	const struct model_image *i, *i_before; /* NULL = not there */
};

enum image_card { IMAGE_URL, IMAGE_MANIFEST, IMAGE_CONFIG, IMAGE_LAYERS, IMAGE_CARDS };

/* From the name to the layers, in the order in which one leads to the next. */
void image_cards(const struct image_view *v, struct card ret[IMAGE_CARDS]);
/* One card for each container that stands on the image; *ret is in the scene's arena. */
size_t image_container_cards(const struct image_view *v, struct card **ret);
/* "lab/shop · 3 layers, 1.2M" */
const char *image_headline(const struct image_view *v);
enum scene_mark image_mark(const struct image_view *v);
