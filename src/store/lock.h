/* The store's lock: whoever writes holds it.
 *
 * It is an flock on <data>/lock, so a killed holder leaves nothing behind. The file holds one line
 * that says who has it. Each acquisition opens the file anew: flocks of one descriptor don't
 * exclude the threads that share it.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/stop.h"

enum { LOCK_PATIENCE_MS = 30000 };

/* Waits up to [patience_ms]. ERR_BUSY, naming the holder, when that wasn't enough; ERR_STOPPED when
 * [stop], which may be NULL, is requested meanwhile. */
err *lock_acquire(const char *path, int patience_ms, const struct stop *stop,
                  int *lock) ERR_NODISCARD;
void lock_release(int lock);

#endif
