#include "kernel/do/overlay_options.h"

/* Commas and colons part the options of overlayfs; a path with one needs a backslash. */
static void add_path(struct buf *out, const char *path)
{
	for (; *path; path++) {
		if (*path == ',' || *path == ':' || *path == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *path);
	}
}

void overlay_options(const struct overlay_source *o, bool userxattr, struct buf *out)
{
	buf_add(out, "lowerdir=");
	for (size_t i = 0; i < o->n_layers; i++) {
		if (i)
			buf_addc(out, ':');
		add_path(out, o->layers[i]);
	}
	if (o->upper) {
		buf_add(out, ",upperdir=");
		add_path(out, o->upper);
		buf_add(out, ",workdir=");
		add_path(out, o->work);
	}
	/* When it goes away overlayfs writes the whole file system below to disk. For a container
	 * whose files go with it that is time for nothing; Linux 5.10. */
	if (o->is_volatile)
		buf_add(out, ",volatile");
	if (userxattr)
		buf_add(out, ",userxattr");
}
