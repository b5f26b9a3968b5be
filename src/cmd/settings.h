/* All settings there are: what nemd.env(5) and docs/configuration.md are made of.
 *
 * Settings are read where they are used; this table says what they mean, and a test holds that
 * none is read that isn't here, with the default that stands here.
 */
#ifndef CMD_SETTINGS_H
#define CMD_SETTINGS_H

#include <stdbool.h>

#include "base/str.h"

struct setting {
    const char *key;      /* NULL ends a group */
    const char *flag;     /* the option that beats it; NULL: none does */
    const char *fallback; /* what holds where it isn't set; NULL: nothing, or what [meaning] says */
    const char *meaning;
    const char *example;
    const char *also; /* other names of it, of the earlier system and of others; or NULL */
    bool secret;      /* may come from <key>_FILE, and from files of mode 0600 only */
};

struct setting_group {
    const char *title, *intro; /* [intro] may be NULL */
    const struct setting *settings;
};

/* NULL as title ends the list. */
extern const struct setting_group setting_groups[];

/* How settings are read, in paragraphs (command.h). */
extern const char settings_intro[], settings_secrets[];

/* docs/configuration.md. */
void settings_markdown(struct buf *out);

#endif
