/* What the names in a layer mean (OCI image specification 1.1, layer.md). */
#pragma once

/* The name without "./" in front, "" for the top itself; NULL when it tries to leave: absolute, or
 * with a "..". Accepts NULL. */
const char *layer_inner_name(const char *name);

enum layer_whiteout {
	WHITEOUT_NONE,
	WHITEOUT_NAME,    /* ".wh.NAME": NAME of the layers below is gone */
	WHITEOUT_OPAQUE,  /* ".wh..wh..opq": all that the layers below have in this directory is */
	WHITEOUT_IGNORED, /* ".wh..wh.…": what the file system aufs kept for itself */
	WHITEOUT_BAD,     /* of nothing, "." or ".." */
};
/* `name` has no slash. *ret_hidden is the NAME in it. */
enum layer_whiteout layer_whiteout_of(const char *name, const char **ret_hidden);
