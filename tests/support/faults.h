/* Faults on purpose, for tests that are compiled with the store's fault points (base/fault.h).
 *
 * The points that an operation reaches are counted; the one whose turn it is goes wrong. So a test
 * runs the operation once to learn how many there are, and then once for each.
 */
#ifndef TESTS_SUPPORT_FAULTS_H
#define TESTS_SUPPORT_FAULTS_H

#include <stdbool.h>

#include "base/fault.h"

enum fault_way { FAULT_KILL, FAULT_FULL, FAULT_READ_ONLY, FAULT_WAYS };

enum { FAULTS_NOTED = 64 };

struct faults {
    int reached; /* points, since faults_arm */
    int at;      /* the number of the one that goes wrong; -1: none */
    enum fault_way way;
    bool seen[FAULT_POINTS];              /* in the life of the process */
    enum fault_point noted[FAULTS_NOTED]; /* those that were reached, in their order */
    char path[512];                       /* of the one that went wrong */
    char closed[512];                     /* the folder that was made read-only, or "" */
};
extern struct faults faults;

void faults_arm(int at, enum fault_way way);
/* Nothing goes wrong from here on; a folder that was made read-only can be written again. Returns
 * how many points were reached. */
int faults_disarm(void);
/* Makes this process one that permissions count for, and [folder] its own. */
void faults_drop_root(const char *folder);
#endif
