/* Two numbers at a time, which the processors of today calculate with in one step. */
#ifndef BASE_PAIRS_H
#define BASE_PAIRS_H

#include <stdint.h>

enum { PAIR = 2 };
typedef double doubles __attribute__((vector_size(PAIR * sizeof(double))));
typedef int64_t masks __attribute__((vector_size(PAIR * sizeof(int64_t)))); /* 0 or -1 each */

#endif
