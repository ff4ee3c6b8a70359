#include "render/view.h"

#include "render/glyph.h"

#include <string.h>

const struct view views[] = {
        {"host", "user space and kernel of this machine", NULL, false, view_host_layout, false},
        {"kernel", "who shares which namespaces; control groups and what they use", NULL, false,
                view_kernel_layout, true},
        {"network", "links, addresses, routes and what joins them, by network namespace", NULL,
                false, view_network_layout, false},
        {"toolchain", "who calls whom, from you to the kernel: who started and who is connected",
                NULL, false, view_toolchain_layout, false},
        {"container", "one container: process, namespaces, limits, rights, mounts, steps",
                "container", false, view_container_layout, false},
        {"image", "one image: name, manifest, configuration, layers, and who stands on them",
                "image", false, view_image_layout, false},
        {"steps", "the plan of a container: done, next, to come, and what each makes", "container",
                false, view_steps_layout, false},
        {"diagram", "the diagram that you draw: parts in bands, arrows, the call at each",
                "diagram", true, view_diagram_layout, false},
        {"process", "one process, by its pid or its container: what the kernel knows of it",
                "process", true, view_process_layout, false},
        {"namespace", "the namespaces of one type (uts, net, …), and who is in each", "namespace",
                true, view_namespace_layout, false},
        {"fact", "one fact: its value, the file it is read from, commands that show the same",
                "fact", true, view_fact_layout, false},
        {0},
};

const struct view *view_find(const char *name)
{
	for (const struct view *v = views; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

static enum scene_mark any_mark(const struct scene *s, enum scene_mark mark)
{
	for (size_t i = 0; i < s->n_texts; i++)
		if (s->texts[i].mark == mark)
			return mark;
	for (size_t i = 0; i < s->n_boxes; i++)
		if (s->boxes[i].mark == mark)
			return mark;
	return MARK_NONE;
}

int scene_add_legend(struct scene *s, int y)
{
	static const char *const words[] = {
	        [MARK_CHANGED] = " new or changed",
	        [MARK_GHOST] = " still to come",
	        [MARK_FAILED] = " failed",
	        [MARK_GONE] = " gone",
	};
	int x = 2;

	for (int m = MARK_CHANGED; m <= MARK_GONE; m++) {
		int w = text_width(words[m]) + 1;
		if (any_mark(s, (enum scene_mark)m) == MARK_NONE || x + w > s->width)
			continue;
		scene_add_text(
		        s, &(struct scene_text){x, y, w, words[m], SCENE_DIM, (enum scene_mark)m});
		x += w + 2;
	}
	return x;
}
