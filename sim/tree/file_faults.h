/* What is wrong inside a file, on purpose. */
#ifndef SIM_FILE_FAULTS_H
#define SIM_FILE_FAULTS_H

#include "sim/tree/publication.h"

/* Changes a file's CSV as the fault of [p] wants it, and adds a unit that no registration knows in
 * the hours that are chosen for that. */
void sim_file_faults(const struct sim_tree *t, const struct sim_publication *p, struct buf *csv);

#endif
