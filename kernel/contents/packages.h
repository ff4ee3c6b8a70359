/* Which package of the image's distribution brought a file, from the package manager's own lists:
 *
 *   dpkg   /var/lib/dpkg/info/PACKAGE.list and status, dpkg-query(1); images without the manager
 *          itself have status.d/PACKAGE and status.d/PACKAGE.md5sums
 *   apk    lib/apk/db/installed: P: package, V: version, F: directory, R: file in it
 *   rpm    what the program rpm lists of its database, packages_rpm.h; where that program is not,
 * or cannot read it, that is told */
#pragma once

#include "kernel/contents/image_contents.h"

#include <stddef.h>
#include <stdint.h>

enum package_manager { PACKAGES_DPKG = 1, PACKAGES_APK = 2, PACKAGES_RPM = 4 };

enum { PACKAGE_NAME_MAX = 128 };

/* "" where no list has the file, or does not say. */
struct package {
	char name[PACKAGE_NAME_MAX], version[PACKAGE_NAME_MAX];
};

/* Managers of which the image has a database: bits of enum package_manager. */
unsigned packages_managers(const struct file_tree *t);
/* The packages of `n` files, into `ret`. *ret_unread gets why the database of rpm could not be
 * read: ENOPKG without the program, EBADMSG when it is damaged; else 0. */
int packages_of(const struct image_contents *c, const uint32_t *nodes, size_t n,
        struct package *ret, int *ret_unread, struct error *err);
