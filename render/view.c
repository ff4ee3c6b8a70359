#include "render/view.h"

#include <string.h>

const struct view views[] = {
        {"host", "user space and kernel of this machine", view_host_layout},
        {"container", "one container: process, namespaces, limits, rights, mounts, steps",
                view_container_layout},
        {0},
};

const struct view *view_find(const char *name)
{
	for (const struct view *v = views; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}
