/* Sixty-four bytes of CSV as bit masks: bit i stands for byte i.
 *
 * SSE2 is on every x86-64. Elsewhere the masks are made eight bytes at a time in ordinary
 * registers: (v ^ pattern) has a zero byte where v matches, and a multiplication gathers the top
 * bits of the eight bytes. Both give the same masks; NEMD_SCAN_PORTABLE chooses the second
 * anywhere.
 */
#ifndef MMS_SCAN_H
#define MMS_SCAN_H

#include <stdint.h>
#include <string.h>

struct scan_masks {
    uint64_t quote, comma, newline;
};

enum { SCAN_BYTES = 64 };

#if defined(__SSE2__) && !defined(NEMD_SCAN_PORTABLE)
#include <emmintrin.h>

static inline uint64_t scan_match(const __m128i v[4], char c) {
    const __m128i pattern = _mm_set1_epi8(c);
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint16_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], pattern)) << (16 * i);
    return mask;
}

/* [at] need not be aligned; all SCAN_BYTES bytes must be readable. */
static inline struct scan_masks scan_block(const char *at) {
    __m128i v[4];
    for (int i = 0; i < 4; i++)
        v[i] = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
    return (struct scan_masks){scan_match(v, '"'), scan_match(v, ','), scan_match(v, '\n')};
}

#else

static inline uint64_t scan_match8(uint64_t v, unsigned char c) {
    const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t x = v ^ (UINT64_C(0x0101010101010101) * c);
    uint64_t zero = ~(((x & low7) + low7) | x | low7); /* 0x80 in each byte that is zero */
    return (zero >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline struct scan_masks scan_block(const char *at) {
    struct scan_masks m = {0, 0, 0};
    for (int i = 0; i < 8; i++) {
        uint64_t v = 0;
        for (int k = 0; k < 8; k++) /* little-endian on every machine; one load on most */
            v |= (uint64_t)(unsigned char)at[8 * i + k] << (8 * k);
        m.quote |= scan_match8(v, '"') << (8 * i);
        m.comma |= scan_match8(v, ',') << (8 * i);
        m.newline |= scan_match8(v, '\n') << (8 * i);
    }
    return m;
}

#endif

/* Bit i of the result is the parity of bits 0..i. */
static inline uint64_t scan_parity(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

#endif
