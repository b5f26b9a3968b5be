/* The reports: what is published under Reports/CURRENT and ARCHIVE, when, under which name, for how
 * long, and of which tables. A report is one entry of a table.
 */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include "sim/tables/table.h"

/* What one file of the archive holds. It is made when the next period ends. */
enum sim_period { SIM_NO_ARCHIVE, SIM_DAILY, SIM_WEEKLY, SIM_MONTHLY };

struct sim_archiving {
    enum sim_period period;
    int weekday;    /* on which a week begins; 0 is Sunday */
    aest_us after;  /* a period holds the files with times in (begin + after, end + after] */
    bool two_dates; /* the name has the period's first and last date, else the first alone */
};

enum { SIM_REPORT_TABLES = 8 };

struct sim_size;

struct sim_report {
    const char *folder; /* under CURRENT and ARCHIVE; several reports can share one */
    const char *prefix; /* of its files' names, up to the time */
    const char *title;  /* third field of the first line */
    const char *group;  /* and the ninth */
    int digits;         /* of the time in the name: 8, 12 or 14 */
    bool stamped;       /* the name ends with the second of creation, else with the file's id */
    bool lower_case;    /* the zip's member ends in .csv, else in .CSV */
    int group_id;       /* the place of its files' group among the ids of five minutes, */
    int id;             /* and a file's in the group */
    aest_us cadence;
    int half_hourly_until; /* yyyymmdd: every half hour before this date; 0: never */
    int first;             /* yyyymmdd: date of its first file */
    /* Instead of a cadence: the first time after [after] at which there is something to publish. */
    aest_us (*next)(const struct sim_market *m, aest_us after);

    /* Created [least] + an exponential of mean [spread] after what it holds is [known] or, without
     * that, [begin] after the time in the name; on the server an exponential of mean [upload]
     * later. */
    aest_us (*known)(const struct sim_market *m, aest_us time);
    aest_us begin;
    double least_s, spread_s, upload_s;

    /* Rows of the times in (time + to - span, time + to], [time] being that in the name. */
    aest_us to, span;
    const struct sim_table *tables[SIM_REPORT_TABLES]; /* in the file's order */
    const struct sim_size *size;

    aest_us keep; /* in CURRENT */
    struct sim_archiving archive;
};

extern const struct sim_report sim_reports[];
extern const int sim_report_count;

/* Time from one file to the next at [time]. */
aest_us sim_report_cadence(const struct sim_report *r, aest_us time);
/* The first time after [after] that a file of the report carries. */
aest_us sim_report_next(const struct sim_market *m, const struct sim_report *r, aest_us after);

#endif
