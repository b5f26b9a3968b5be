/* What a process of this machine uses: from /proc, or on macOS from libproc. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process_usage {
    double cpu_s;    /* of all its threads, since it began */
    uint64_t memory; /* resident, in bytes */
    int threads;     /* 0 where the system does not tell */
};

/* False where there is no such process, or the system doesn't tell. */
bool process_usage(long pid, struct process_usage *out);

#endif
