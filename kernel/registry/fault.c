#include "kernel/registry/fault.h"

static const struct {
	int status;
	const char *code, *message;
} faults[] = {
        [FAULT_NONE] = {200, "", ""},
        [FAULT_BLOB_UNKNOWN] = {404, "BLOB_UNKNOWN", "the repository has no such blob"},
        [FAULT_BLOB_UPLOAD_INVALID] = {400, "BLOB_UPLOAD_INVALID", "the upload cannot go on"},
        [FAULT_BLOB_UPLOAD_UNKNOWN] = {404, "BLOB_UPLOAD_UNKNOWN",
                "there is no such upload: ended, given up, or of another repository"},
        [FAULT_DIGEST_INVALID] = {400, "DIGEST_INVALID",
                "that is no digest, or not the digest of what was sent"},
        [FAULT_MANIFEST_BLOB_UNKNOWN] = {400, "MANIFEST_BLOB_UNKNOWN",
                "the manifest names content that the repository does not have: push it first"},
        [FAULT_MANIFEST_INVALID] = {400, "MANIFEST_INVALID", "that is no manifest"},
        [FAULT_MANIFEST_UNKNOWN] = {404, "MANIFEST_UNKNOWN", "the repository has no such manifest"},
        [FAULT_NAME_INVALID] = {400, "NAME_INVALID",
                "no repository can have that name: lower-case letters and digits, with '.', '_' "
                "or '-' between them, in parts separated by '/'"},
        [FAULT_NAME_UNKNOWN] = {404, "NAME_UNKNOWN", "there is no such repository"},
        [FAULT_SIZE_INVALID] = {400, "SIZE_INVALID", "the size is not that of what was sent"},
        [FAULT_UNAUTHORIZED] = {401, "UNAUTHORIZED", "say who you are"},
        [FAULT_DENIED] = {403, "DENIED", "that is not allowed to you"},
        [FAULT_UNSUPPORTED] = {405, "UNSUPPORTED", "this registry does not do that"},
        [FAULT_TOO_MANY_REQUESTS] = {429, "TOOMANYREQUESTS",
                "too many uploads at once: end some first"},
        [FAULT_TAG_INVALID] = {400, "MANIFEST_INVALID",
                "that is no tag: at most 128 letters, digits, '_', '.' and '-', and none of the "
                "last two in front"},
        [FAULT_RANGE] = {416, "BLOB_UPLOAD_INVALID",
                "the chunk does not begin where the one before it ended"},
        [FAULT_RANGE_GET] = {416, "UNSUPPORTED", "the blob has no such bytes"},
        [FAULT_TOO_LARGE] = {413, "SIZE_INVALID", "that is larger than what is taken here"},
        [FAULT_FULL] = {507, "BLOB_UPLOAD_INVALID", "no space is left on the disk"},
        [FAULT_BUSY] = {409, "BLOB_UPLOAD_INVALID", "another request sends to this upload now"},
        [FAULT_METHOD] = {405, "UNSUPPORTED", "that method means nothing here"},
        [FAULT_PATH] = {404, "UNSUPPORTED", "a registry has nothing at this path"},
        [FAULT_PARAMETER] = {400, "UNSUPPORTED", "a parameter behind the '?' is not understood"},
        [FAULT_OWN] = {405, "UNSUPPORTED",
                "this is an image of the machine's own store: remove it with 'cutaway rmi'"},
        [FAULT_INTERNAL] = {500, "UNKNOWN", "the registry could not do it"},
};

int fault_status(enum fault f)
{
	return faults[f].status;
}

const char *fault_code(enum fault f)
{
	return faults[f].code;
}

const char *fault_message(enum fault f)
{
	return faults[f].message;
}
