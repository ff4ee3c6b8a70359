/* What `cutaway --version` and `cutaway-oci --version` say. */
#pragma once

#define CUTAWAY_VERSION "0.1"
