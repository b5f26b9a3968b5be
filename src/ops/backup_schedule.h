/* A backup each day at a time of day, for as long as a process runs.
 *
 * What is due goes by when one was tried last, which its note tells (backup.c): a machine that was
 * off at the time makes up for it once it is on, and a process that is started again soon after one
 * makes no second. One that failed is tried again an hour later. Where nobody ever made one the
 * first comes at its time.
 */
#ifndef OPS_BACKUP_SCHEDULE_H
#define OPS_BACKUP_SCHEDULE_H

#include "ops/backup.h"

struct backup_schedule {
    struct backup backup; /* its stop ends the schedule */
    int minute;           /* of the day, AEST */
};

/* "02:30"; ERR_USAGE, with the setting's name, for what is none. */
err *backup_schedule_read(const char *name, const char *text, int *minute) ERR_NODISCARD;

struct backup_try {
    aest_us at; /* 0: never */
    bool failed;
};

/* When the next one is due, after the last tries as the note and the process itself know them, in a
 * process that goes by the schedule since [begun]. A try after [now], by a clock that was set back
 * since, is none. */
aest_us backup_due(const struct backup_schedule *s, aest_us now, aest_us begun,
                   struct backup_try noted, struct backup_try own);

/* Makes them, and says in the log how it went, until told to stop. */
void backup_each_day(const struct backup_schedule *s);

/* The same in a thread of its own; [s] has to live as long. */
struct backup_keeper;
err *backup_keeper_start(const struct backup_schedule *s, struct backup_keeper **out) ERR_NODISCARD;
void backup_keeper_join(struct backup_keeper *k); /* NULL is none */

#endif
