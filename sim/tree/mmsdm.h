/* The monthly archive: one file for each table and month since July 2009, published in the first
 * days of the next month.
 *
 *      …/MMSDM/2024/MMSDM_2024_07/MMSDM_Historical_Data_SQLLoader/
 *          DATA/               PUBLIC_DVD_DISPATCHPRICE_202407010000.zip
 *          PREDISP_ALL_DATA/   the same of every run of pre-dispatch, where DATA has of each half
 *                              hour only what its last run said
 *
 * From the next month on the names are PUBLIC_ARCHIVE#DISPATCHPRICE#FILE01#202408010000.zip, and
 * large tables come in several files. Nothing is ever wrong with these files. Their sizes in lists
 * are estimates, because it takes long to make a month's largest ones; a whole month is sent while
 * it is made.
 */
#ifndef SIM_MMSDM_H
#define SIM_MMSDM_H

#include "sim/tree/tree.h"

/* Months are numbered 12 * year + month - 1. */
static inline int sim_month(int year, int month) {
    return 12 * year + month - 1;
}
aest_us sim_month_begin(int month);

#define SIM_MMSDM_PATH "Data_Archive/Wholesale_Electricity/MMSDM"
#define SIM_MMSDM_BELOW "MMSDM_Historical_Data_SQLLoader" /* a month's folder */
enum sim_mmsdm_folder { SIM_MMSDM_DATA, SIM_MMSDM_ALL_RUNS, SIM_MMSDM_FOLDERS };
extern const char *const sim_mmsdm_folder_name[SIM_MMSDM_FOLDERS];

/* The first and the last month that are there at [now]; the last is before the first when none is.
 */
int sim_mmsdm_first(const struct sim_tree *t);
int sim_mmsdm_last(const struct sim_tree *t, aest_us now);
/* When a month's last file was published. */
aest_us sim_mmsdm_published(const struct sim_tree *t, int month);

void sim_mmsdm_list(const struct sim_tree *t, int month, enum sim_mmsdm_folder folder, aest_us now,
                    void (*entry)(void *context, const struct sim_entry *e), void *context);
bool sim_mmsdm_read(const struct sim_tree *t, int month, enum sim_mmsdm_folder folder, str name,
                    aest_us now, struct buf *out);

/* The years to 2014 are offered as one zip a month since August 2025. */
bool sim_mmsdm_whole(int month, aest_us now);
void sim_mmsdm_whole_entry(const struct sim_tree *t, int month, struct sim_entry *e);
/* [flow] may be NULL. */
void sim_mmsdm_whole_write(const struct sim_tree *t, int month, const struct sim_flow *flow,
                           struct buf *out);

#endif
