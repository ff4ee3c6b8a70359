#include "render/diagram.h"

const char *const diagram_band_titles[BAND_COUNT] = {
        [BAND_YOU] = "you",
        [BAND_REMOTE] = "another host",
        [BAND_USER] = "user space",
        [BAND_KERNEL] = "kernel",
};
