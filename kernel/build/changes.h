/* What an upper directory has changed of the layers below it. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum change_kind { CHANGE_ADDED = 'A', CHANGE_CHANGED = 'C', CHANGE_DELETED = 'D' };

struct change {
	enum change_kind kind;
	char *path; /* absolute, as inside */
};

/* `layers` (the topmost first; may be none) is what is below. Each directory comes before what is
 * in it; one is changed when something in it is. The caller frees with changes_free(). */
int changes_find(const char *upper, char *const *layers, size_t n, struct change **ret,
        size_t *ret_n, struct error *err);
void changes_free(struct change *changes, size_t n);
