#include "kernel/store/busybox.h"

#include "kernel/base/cleanup.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { MAX_HEADERS = 64 };

static const char *const places[] = {
        "/bin/busybox",
        "/usr/bin/busybox",
        "/usr/lib/busybox/busybox-static",
        "/usr/lib/busybox/bin/busybox",
        "/usr/sbin/busybox",
        "/sbin/busybox",
        "/usr/local/bin/busybox",
};

/* Static: an ELF program of this machine's kind whose program headers name no interpreter, so that
 * the kernel starts it without a dynamic loader (execve(2), elf(5)). */
static bool is_static(int fd)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) program;

	if (pread(fd, &header, sizeof header, 0) != sizeof header ||
	        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	        header.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	        header.e_phentsize != sizeof program || header.e_phnum == 0 ||
	        header.e_phnum > MAX_HEADERS)
		return false;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		off_t at = (off_t)(header.e_phoff + i * sizeof program);
		if (pread(fd, &program, sizeof program, at) != sizeof program ||
		        program.p_type == PT_INTERP)
			return false;
	}
	return true;
}

int busybox_find(char **ret, struct error *err)
{
	bool dynamic = false;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		auto_close fd = open(places[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (access(places[i], X_OK) == 0 && is_static(fd)) {
			*ret = strdup(places[i]);
			return *ret ? 0 : error_set(err, ENOMEM, "find busybox", "", NULL);
		}
		dynamic = true;
	}
	error_set(err, ENOENT, "find static busybox", "/bin/busybox", "%s",
	        dynamic ? "the one here needs shared libraries, which an empty root does not have"
	                : "it is not installed");
	error_advise(err, "install it: apt install busybox-static (Fedora: dnf install busybox; "
	                  "Arch: pacman -S busybox)");
	return -ENOENT;
}
