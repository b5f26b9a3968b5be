/* The files of a span of time, written into a folder as the server has them. */
#ifndef SIM_WRITE_H
#define SIM_WRITE_H

#include "sim/tree/tree.h"

/* Writes into [dir] what is published in (from, to]: the files of CURRENT, none of which goes when
 * its time is up, and the months of MMSDM. [feeds] are folders under CURRENT and MMSDM, with
 * commas; NULL: all. ERR_USAGE for a feed that isn't there, ERR_IO. */
err *sim_write(const struct sim_tree *t, const char *dir, aest_us from, aest_us to,
               const char *feeds) ERR_NODISCARD;

/* The same, and calls [wrote] with each file's path once it is written. */
err *sim_write_telling(const struct sim_tree *t, const char *dir, aest_us from, aest_us to,
                       const char *feeds, void (*wrote)(void *context, const char *path),
                       void *context) ERR_NODISCARD;

#endif
