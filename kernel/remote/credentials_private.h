/* What reading (credentials.c) and writing (credentials_keep.c) the files have in common. */
#pragma once

enum { CREDENTIALS_FILE_MAX = 1 << 20 };

/* The i-th place, NULL: there is no such. The caller's. */
char *credentials_place(int i);
