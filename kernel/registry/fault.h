/* What a registry answers when it refuses: the codes of the OCI distribution specification 1.1,
 * "Error Codes", each with the HTTP status that clients expect beside it. */
#pragma once

enum fault {
	FAULT_NONE,
	FAULT_BLOB_UNKNOWN,
	FAULT_BLOB_UPLOAD_INVALID,
	FAULT_BLOB_UPLOAD_UNKNOWN,
	FAULT_DIGEST_INVALID,
	FAULT_MANIFEST_BLOB_UNKNOWN,
	FAULT_MANIFEST_INVALID,
	FAULT_MANIFEST_UNKNOWN,
	FAULT_NAME_INVALID,
	FAULT_NAME_UNKNOWN,
	FAULT_SIZE_INVALID,
	FAULT_UNAUTHORIZED,
	FAULT_DENIED,
	FAULT_UNSUPPORTED,
	FAULT_TOO_MANY_REQUESTS,
	/* Of the same codes, with another status: */
	FAULT_TAG_INVALID, /* what is no tag */
	FAULT_RANGE,       /* a chunk that does not follow the one before */
	FAULT_RANGE_GET,   /* a part of a blob that it does not have */
	FAULT_TOO_LARGE,   /* more than is ever taken */
	FAULT_FULL,        /* no space is left */
	FAULT_BUSY,        /* somebody else sends to this upload */
	FAULT_METHOD,      /* nothing that can be done here */
	FAULT_PATH,        /* no such place */
	FAULT_PARAMETER,   /* a bad parameter behind the '?' */
	FAULT_OWN,         /* of the machine's own images, which are not changed from here */
	FAULT_INTERNAL,    /* ours */
};

int fault_status(enum fault f);
const char *fault_code(enum fault f);
/* One sentence for people. */
const char *fault_message(enum fault f);
