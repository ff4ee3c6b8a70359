#include "kernel/store/layer_type.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum layer_compression layer_type_compression(const char *type)
{
	static const struct {
		const char *type;
		enum layer_compression compression;
	} known[] = {
	        {"application/vnd.oci.image.layer.v1.tar", LAYER_PLAIN},
	        {"application/vnd.oci.image.layer.v1.tar+gzip", LAYER_GZIP},
	        {"application/vnd.oci.image.layer.v1.tar+zstd", LAYER_ZSTD},
	        {"application/vnd.oci.image.layer.nondistributable.v1.tar", LAYER_PLAIN},
	        {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", LAYER_GZIP},
	        {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", LAYER_ZSTD},
	        {"application/vnd.docker.image.rootfs.diff.tar", LAYER_PLAIN},
	        {"application/vnd.docker.image.rootfs.diff.tar.gzip", LAYER_GZIP},
	        {"application/vnd.docker.image.rootfs.foreign.diff.tar", LAYER_PLAIN},
	        {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", LAYER_GZIP},
	};

	for (size_t i = 0; type && i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i].type, type))
			return known[i].compression;
	return LAYER_UNKNOWN;
}

const char *layer_type_of(enum layer_compression c)
{
	static const char *const types[] = {
	        [LAYER_PLAIN] = "application/vnd.oci.image.layer.v1.tar",
	        [LAYER_GZIP] = "application/vnd.oci.image.layer.v1.tar+gzip",
	        [LAYER_ZSTD] = "application/vnd.oci.image.layer.v1.tar+zstd"};

	return c < LAYER_UNKNOWN ? types[c] : NULL;
}

const char *layer_compression_name(enum layer_compression c)
{
	static const char *const names[] = {"a plain tar", "gzip", "zstd", "unknown"};

	return names[c];
}

/* gzip: RFC 1952, 2.3.1. zstd: RFC 8878, 3.1.1 and 3.1.2 (a frame to skip may come first). */
enum layer_compression layer_bytes_compression(const unsigned char *b, unsigned long n)
{
	if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b)
		return LAYER_GZIP;
	if (n >= 4 && b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd)
		return LAYER_ZSTD;
	if (n >= 4 && (b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18)
		return LAYER_ZSTD;
	return LAYER_PLAIN;
}

enum layer_compression layer_file_compression(int blob)
{
	unsigned char b[4] = {0};
	ssize_t n = pread(blob, b, sizeof b, 0);

	return n < 0 ? LAYER_UNKNOWN : layer_bytes_compression(b, (unsigned long)n);
}
