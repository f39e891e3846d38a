#ifndef KNUTPUNKT_CZLIB_SHIM_H
#define KNUTPUNKT_CZLIB_SHIM_H

#include <zlib.h>

/* inflateInit2 is a macro, which Swift can't call. 15 + 16: gzip; 15: zlib; -15: deflate without a header. */
static inline int knutpunkt_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
