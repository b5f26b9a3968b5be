/* Settings of alerts, and how secrets are read.
 *
 * A secret comes from the environment, from a file that <KEY>_FILE names, or from the --config
 * file. A file with a secret in it must be readable by its owner alone (mode 0600, or less):
 * another one is refused, and so is one that belongs to somebody else. A secret is never part of
 * a message, an error or the log; a URL that holds a token counts as one.
 */
#ifndef ALERT_SETTINGS_H
#define ALERT_SETTINGS_H

#include "base/config.h"
#include "base/stop.h"

struct alert_settings {
    const struct config *config;
    const char *config_file; /* that --config names, or NULL */
    const char *ca_file;     /* certificates to trust instead of the system's, or NULL */
    const char *user_agent;  /* how nemd introduces itself */
    const struct stop *stop; /* ends a delivery that is under way; may be NULL */
    struct arena *memory;    /* of what was read; lives as long as the settings */
};

/* The first of the keys, of which NULL ends the list, that has a value that isn't empty; or NULL.
 */
const char *setting_text(const struct alert_settings *s, const char *const *keys);
err *setting_double(const struct alert_settings *s, const char *key, double fallback,
                    double *out) ERR_NODISCARD;
/* The first of [keys] that is set, as a secret; *out is NULL where none is. */
err *setting_secret(const struct alert_settings *s, const char *const *keys,
                    const char **out) ERR_NODISCARD;
/* Whether an environment variable may hold a secret, so that no command gets it. */
bool setting_is_secret(str key);

/* The parts of a list that commas or semicolons part, trimmed and not empty; NULL behind them. */
const char **setting_list(struct arena *a, const char *text, size_t *count);

/* "22:00-07:00" as minutes of the day; *there is false for NULL and "". */
struct quiet_hours {
    bool there;
    int from, to;
};
err *quiet_hours_read(const char *key, const char *text, struct quiet_hours *out) ERR_NODISCARD;
bool quiet_hours_hold(const struct quiet_hours *q, int minute);

#endif
