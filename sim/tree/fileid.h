/* The ids of published files: 16 digits that grow with time, as AEMO's system numbers all that it
 * writes.
 */
#ifndef SIM_FILEID_H
#define SIM_FILEID_H

#include "base/aest.h"

/* The id of a group of files that is made within the five minutes that [created] is in. The files
 * of the group have this id or one of the next few. */
uint64_t sim_file_id(uint64_t seed, aest_us created);

#endif
