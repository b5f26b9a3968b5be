/* Running rsync. */
#ifndef OPS_RSYNC_H
#define OPS_RSYNC_H

#include "base/err.h"
#include "base/stop.h"
#include "base/str.h"

enum { RSYNC_WORDS = 16 };

/* Runs rsync with [words], which NULL ends, to its end. What it prints is appended to [out]; its
 * files of output are made in [scratch]. ERR_IO with the first line of what it complained of;
 * ERR_STOPPED when [stop] came first. */
err *rsync_run(const char *const *words, const char *scratch, const struct stop *stop,
               struct buf *out) ERR_NODISCARD;

#endif
