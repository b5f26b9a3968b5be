/* Where history is: which monthly tables and which archives fill which datasets.
 *
 * AEMO keeps three stretches of the past, and a day is taken from the first of them that has it:
 *
 *      MMSDM      a zip for each table and month, 2009-07 to the month before last or last
 *      ARCHIVE    a zip of zips for each feed and day, week or month, 13 months back
 *      CURRENT    a file for each interval, some days back: what the live collector reads
 *
 * Months of 2009 to 2014 can come as one zip of all tables.
 */
#ifndef COLLECT_HISTORY_H
#define COLLECT_HISTORY_H

#include "base/aest.h"
#include "collect/listing.h"
#include "store/dataset.h"

typedef uint32_t dataset_set; /* bit i: dataset i */
#define DATASET_BIT(id) ((dataset_set)1 << (id))
enum { EVERY_DATASET = (1 << DATASETS) - 1 };
/* Market notices are no dataset, but the monthly archive has a table of them. */
enum { HISTORY_NOTICES = 1 << DATASETS };

/* A table of the monthly archive. */
struct monthly {
    const char *table;
    dataset_set fills;
    bool all_runs; /* stands in the folder of all pre-dispatch runs, not in DATA */
    bool notices;  /* its rows are market notices */
    int memory_mb; /* what a month of it takes while it is read, about */
};
extern const struct monthly monthly_tables[];
extern const int monthly_table_count;

/* A feed's folder under Reports/ARCHIVE. */
struct archived {
    const char *feed, *folder, *prefix;
    dataset_set fills;
    int days; /* that a file with one date in its name may hold, from that date on */
    int memory_mb;
};
extern const struct archived archived_feeds[];
extern const int archived_feed_count;

/* "Data_Archive/Wholesale_Electricity/MMSDM/2025/MMSDM_2025_06/…/DATA"; [month] is a first day. */
const char *monthly_folder(struct arena *a, aest_day month, bool all_runs);
/* The folder that may have a month as one zip, and the zip's name. */
const char *monthly_whole_folder(struct arena *a, aest_day month);
const char *monthly_whole_name(struct arena *a, aest_day month);
/* A table of it, as the ledger names what is in: "MMSDM_2009_07.zip/DISPATCHPRICE". */
const char *monthly_part_name(struct arena *a, str whole, const struct monthly *m);
/* The other way round; NULL for any other name. */
const struct monthly *monthly_part_of(str name, aest_day *month);

/* Whether [name] is (a part of) the file of a monthly table, in either scheme of names:
 * "…_DVD_X_2…" and "…ARCHIVE#X#FILE01#2…", with the "#" as it is or as "%23". */
bool monthly_name_is(const struct monthly *m, str name);
/* The days (first to last) that the name of an archive's file gives: one date, or two. */
bool archived_name_days(const struct archived *f, str name, aest_day *first, aest_day *last);

#endif
