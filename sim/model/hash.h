/* A hash of names, which turns a file or a path into a stream of noise or a place in a table. */
#ifndef SIM_HASH_H
#define SIM_HASH_H

#include "base/str.h"

/* FNV-1a. Letters count alike in either case, as they do in the server's paths. */
static inline uint64_t sim_hash(str s) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        hash = (hash ^ c) * UINT64_C(0x100000001b3);
    }
    return hash;
}

#endif
