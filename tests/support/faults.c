#include "support/faults.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

struct faults faults = {.at = -1};

void faults_arm(int at, enum fault_way way) {
    faults.reached = 0;
    faults.at = at;
    faults.way = way;
}

int faults_disarm(void) {
    if (*faults.closed)
        chmod(faults.closed, 0755);
    *faults.closed = 0;
    faults.at = -1;
    return faults.reached;
}

static int chown_entry(const char *path, const struct stat *st, int kind, struct FTW *walk) {
    (void)st, (void)kind, (void)walk;
    return chown(path, NOBODY, NOBODY);
}

void faults_drop_root(const char *folder) {
    if (geteuid() != 0)
        return;
    if (nftw(folder, chown_entry, 16, FTW_PHYS) || setgid(NOBODY) || setuid(NOBODY))
        _exit(99);
}

/* From here on the folder of [path] takes no new names, and gives up none. */
static void close_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash || *faults.closed)
        return;
    snprintf(faults.closed, sizeof faults.closed, "%.*s", (int)(slash - path), path);
    chmod(faults.closed, 0555);
}

err *fault(enum fault_point point, const char *path) {
    if (point == FAULT_UNLINK && access(path, F_OK))
        return NULL; /* a day that there isn't */
    faults.seen[point] = true;
    if (faults.reached < FAULTS_NOTED)
        faults.noted[faults.reached] = point;
    if (faults.reached++ != faults.at)
        return NULL;
    snprintf(faults.path, sizeof faults.path, "%s", path);
    switch (faults.way) {
    case FAULT_KILL:
        kill(getpid(), SIGKILL);
        break;
    case FAULT_FULL:
        return err_errno(ENOSPC, "can't write %s", path);
    case FAULT_READ_ONLY:
        close_folder(path);
        break;
    case FAULT_WAYS:
        break;
    }
    return NULL;
}
