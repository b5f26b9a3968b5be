/* The headers of AEMO's tables: which version and which columns a table has on a given date, in the
 * files of Reports (CURRENT, ARCHIVE) and in the monthly MMSDM archive.
 */
#ifndef SIM_SCHEMA_H
#define SIM_SCHEMA_H

#include "base/aest.h"

enum sim_edition {
    SIM_REPORT, /* files of Reports/CURRENT and ARCHIVE */
    SIM_MMSDM,  /* monthly files */
};

struct sim_schema {
    const char *report, *subtable; /* "DISPATCH", "PRICE" */
    uint8_t edition;
    int from; /* yyyymmdd: the first publication date with this header */
    int version;
    /* comma-separated, exactly as in the I record; NULL: from this date on it isn't published */
    const char *columns;
};

/* The header in force on the date of [published], or NULL when the table isn't published then. */
const struct sim_schema *sim_schema_at(const char *report, const char *subtable,
                                       enum sim_edition edition, aest_us published);

/* All of them, by report, subtable, edition and date. */
extern const struct sim_schema sim_schemas[];
extern const size_t sim_schema_count;

#endif
