/* The store's locks: whoever writes holds <data>/lock, whoever reads many files shares
 * <data>/lock.read.
 *
 * They are flocks, so a killed holder leaves nothing behind. The file holds a line
 * that says who has, or had, it to itself. Nobody is told when a lock becomes free: it is tried for
 * every 20 ms, in which one process that writes month after month would take it again each time. So
 * whoever writes first takes its turn, the lock of <data>/lock.turn, and keeps that until it has
 * the other one. In the same way who wants lock.read alone keeps new readers from coming until
 * those that are there have gone. Each acquisition opens the file anew: flocks of one
 * descriptor don't exclude the threads that share it.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/stop.h"

enum { LOCK_PATIENCE_MS = 30000, LOCK_READERS_MS = 3000 };

/* Waits up to [patience_ms]. ERR_BUSY, naming the holder, when that wasn't enough; ERR_STOPPED when
 * [stop], which may be NULL, is requested meanwhile. */
err *lock_acquire(const char *path, int patience_ms, const struct stop *stop,
                  int *lock) ERR_NODISCARD;
/* The same among those who all take it so, one after the other: who has just let go of it, and
 * wants it again at once, comes behind those who wait. */
err *lock_acquire_in_turn(const char *path, int patience_ms, const struct stop *stop,
                          int *lock) ERR_NODISCARD;
/* The same against those who share it, who wait meanwhile: so every LOCK_READERS_MS they get a
 * chance, and one that reads for minutes keeps no others from it. */
err *lock_acquire_from_readers(const char *path, int patience_ms, const struct stop *stop,
                               int *lock) ERR_NODISCARD;
/* Makes the files, so that the lock can be held by those who may not make it. */
err *lock_make(const char *path) ERR_NODISCARD;
/* Takes the lock if nobody has it, in whatever way; ERR_BUSY when somebody does. */
err *lock_try(const char *path, int *lock) ERR_NODISCARD;
/* Takes it together with others who take it so, as lock_acquire waits; after who waits for it in
 * turn, to himself. A file that isn't there yet
 * can't be held against anybody, and may stand in a folder that can't be written: then nothing is
 * locked. */
err *lock_acquire_shared(const char *path, int patience_ms, const struct stop *stop,
                         int *lock) ERR_NODISCARD;
void lock_release(int lock);

#endif
