/* Settings: KEY=VALUE, from files in .env syntax and from the environment.
 *
 *   # a comment
 *   LOG_LEVEL=info                 export KEY=… is taken too
 *   NAME="two words \"quoted\""    escapes \n \" \\ count inside double quotes
 *   PLAIN='as it is'
 *
 * Flags beat the environment, the environment beats the file, the file beats the default. A
 * command applies its flags itself; config_get does the rest.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/err.h"
#include "base/str.h"

struct config_entry {
    str key, value;
    const char *from; /* the file, or what config_parse called it */
};

struct config {
    struct arena memory;
    struct config_entry *entries;
    size_t count;
};

/* Takes the settings of [text]; later lines win. [name] is what messages call it. */
err *config_parse(struct config *c, const char *name, str text) ERR_NODISCARD;
err *config_read(struct config *c, const char *path) ERR_NODISCARD;
/* The value of [key] from the environment, else from the file, else [fallback]. Valid as long as
 * [c] is. An empty value counts as set. */
const char *config_get(const struct config *c, const char *key, const char *fallback);
/* The file that config_get's value of [key] is from; NULL for the environment's, and for none. */
const char *config_file_of(const struct config *c, const char *key);
void config_free(struct config *c);

#endif
