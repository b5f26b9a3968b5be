/* What the processor has to be told. */
#ifndef BASE_PROCESSOR_H
#define BASE_PROCESSOR_H

/* Says that the upper halves of wide registers hold nothing. Where a thread's C library has copied
 * with wide registers, each switch of tasks makes an x86 processor take them for in use, and it
 * then carries them through every step of arithmetic on narrow ones: what adds up and writes many
 * numbers takes half as long again. To be called before such work in a thread that has waited. */
void processor_drop_wide(void);

#endif
