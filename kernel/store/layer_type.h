/* How a layer is compressed: what its media type says, and what its bytes are. */
#pragma once

enum layer_compression { LAYER_PLAIN, LAYER_GZIP, LAYER_ZSTD, LAYER_UNKNOWN };

/* What a media type says (OCI image specification 1.1, layer.md; Docker's image manifest 2.2).
 * LAYER_UNKNOWN: it is no layer's. */
enum layer_compression layer_type_compression(const char *media_type);
/* The OCI media type of such a layer; NULL for LAYER_UNKNOWN. */
const char *layer_type_of(enum layer_compression c);
/* "gzip", "zstd", "a plain tar". */
const char *layer_compression_name(enum layer_compression c);
/* What the bytes say, at least four of them if the file has them. */
enum layer_compression layer_bytes_compression(const unsigned char *bytes, unsigned long n);
/* What a file says. */
enum layer_compression layer_file_compression(int blob);
