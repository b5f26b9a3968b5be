#include "base/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#include <libproc.h>
#include <mach/mach_time.h>

bool process_usage(long pid, struct process_usage *out) {
    struct proc_taskinfo info;
    mach_timebase_info_data_t base;
    *out = (struct process_usage){0};
    if (proc_pidinfo((int)pid, PROC_PIDTASKINFO, 0, &info, sizeof info) != (int)sizeof info)
        return false;
    mach_timebase_info(&base);
    double ticks = (double)(info.pti_total_user + info.pti_total_system);
    out->cpu_s = ticks * base.numer / base.denom / 1e9;
    out->memory = info.pti_resident_size;
    out->threads = info.pti_threadnum;
    return true;
}
#else

/* The line of /proc/<pid>/stat behind the program's name, which may hold anything. */
static const char *read_stat(long pid, char line[1024]) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    size_t got = f ? fread(line, 1, 1023, f) : 0;
    if (f)
        fclose(f);
    line[got] = 0;
    const char *name_end = strrchr(line, ')');
    return name_end ? name_end + 1 : NULL;
}

bool process_usage(long pid, struct process_usage *out) {
    /* Fields by their number in proc(5); the one behind the name is the third. */
    enum { STATE = 3, UTIME = 14, STIME = 15, THREADS = 20, RSS = 24 };
    char line[1024], *save = NULL;
    double ticks = 0;
    *out = (struct process_usage){0};
    char *rest = (char *)(uintptr_t)read_stat(pid, line);
    if (!rest)
        return false;
    char *word = strtok_r(rest, " ", &save);
    for (int field = STATE; word && field <= RSS; field++, word = strtok_r(NULL, " ", &save)) {
        if (field == STATE && (*word == 'Z' || *word == 'X'))
            return false;
        if (field == UTIME || field == STIME)
            ticks += strtod(word, NULL);
        if (field == THREADS)
            out->threads = (int)strtol(word, NULL, 10);
        if (field == RSS)
            out->memory = strtoull(word, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    }
    out->cpu_s = ticks / (double)sysconf(_SC_CLK_TCK);
    return out->memory > 0;
}
#endif
