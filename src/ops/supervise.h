/* nemd as a service: the text that systemd or launchd wants, where it goes, and how it is told.
 *
 * A service runs `nemd run` on one store with one file of settings. It is of the user who installs
 * it, or of the whole system; the latter is fenced in: nothing but its store, its log and its
 * backups can be written, no privilege gained. It is started at boot and again when it ends, unless
 * by wrong settings, and under systemd it has to say every forty seconds that it is alive
 * (base/notify.h). systemd's journal takes its log; under launchd, which never lets go of a log, it
 * has a file that nemd itself rotates.
 */
#ifndef OPS_SUPERVISE_H
#define OPS_SUPERVISE_H

#include "base/err.h"
#include "base/str.h"

enum supervisor { SUPERVISOR_SYSTEMD, SUPERVISOR_LAUNCHD };

struct supervised {
    enum supervisor kind;
    bool system;         /* else the user's own */
    const char *program; /* absolute */
    const char *data;    /* absolute */
    const char *config;  /* absolute, or NULL */
    const char *log;     /* absolute: LOG_FILE of the settings; or NULL */
    const char *backup;  /* absolute: the folder NEMD_BACKUP of the settings; or NULL */
    const char *user;    /* of a system service, or NULL: root's */
    const char *home;
    const char *root; /* what all paths of files stand below; NULL: the system's */
};

/* The one that this machine has. */
enum supervisor supervisor_here(void);
/* The text of the unit or agent. ERR_USAGE for paths that it can't hold. */
err *supervise_text(const struct supervised *s, struct buf *out) ERR_NODISCARD;
/* The file that it stands in. */
const char *supervise_path(const struct supervised *s, struct arena *a);

/* Writes the file, and has the service started now and at boot; below a root of its own it is only
 * written. The store's folder is made where it isn't there, [user]'s. */
err *supervise_install(const struct supervised *s, struct arena *a) ERR_NODISCARD;
/* Stops it, and removes the file; ERR_USAGE when there is none. The store stays. */
err *supervise_uninstall(const struct supervised *s, struct arena *a) ERR_NODISCARD;
/* Whether it is started at boot, and runs now, by the words of systemd or launchd; false when they
 * can't be asked. */
bool supervise_state(const struct supervised *s, struct arena *a, bool *at_boot, bool *active);

#endif
