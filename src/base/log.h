/* The log: one event a line, in logfmt.
 *
 *   time=2025-08-20T18:05:14+10:00 level=info msg=committed dataset=prices5 day=2025-08-20 rows=5
 *
 * Values that hold blanks, quotes or control characters are quoted and escaped, so that a file's
 * name or a server's words can't forge a line. Safe to call from any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key; /* NULL ends a list */
    str text;        /* the value, unless text.at is NULL */
    int64_t number;
};

static inline struct log_field log_str(const char *key, str value) {
    return (struct log_field){key, value.at ? value : STR(""), 0};
}
static inline struct log_field log_cstr(const char *key, const char *value) {
    return log_str(key, str_from(value));
}
static inline struct log_field log_int(const char *key, int64_t value) {
    return (struct log_field){.key = key, .number = value};
}
static inline struct log_field log_err(const err *e) {
    return log_cstr("error", err_text(e));
}

/* [fields] ends with a field without key. */
void log_event(enum log_level level, const char *msg, const struct log_field *fields);

/* log_info("committed", log_cstr("dataset", name), log_int("rows", n)); */
#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__})
#define log_debug(msg, ...) log_event(LOG_DEBUG, msg, LOG_FIELDS(__VA_ARGS__ __VA_OPT__(, ){0}))
#define log_info(msg, ...) log_event(LOG_INFO, msg, LOG_FIELDS(__VA_ARGS__ __VA_OPT__(, ){0}))
#define log_warn(msg, ...) log_event(LOG_WARN, msg, LOG_FIELDS(__VA_ARGS__ __VA_OPT__(, ){0}))
#define log_error(msg, ...) log_event(LOG_ERROR, msg, LOG_FIELDS(__VA_ARGS__ __VA_OPT__(, ){0}))

/* Events below [level] are dropped. The start is LOG_INFO. */
void log_set_level(enum log_level level);
/* "debug", "info", "warn" or "error", in either case; "warning" and "critical", as other programs
 * call them, are "warn" and "error". */
bool log_level_from_name(str name, enum log_level *out);

/* Appends to the file at [path] instead of standard error. */
err *log_open(const char *path) ERR_NODISCARD;
/* Whether log_open was called. */
bool log_has_file(void);
/* Opens the file of log_open anew, for log rotation; without one does nothing. On failure the
 * old file goes on being used. */
err *log_reopen(void) ERR_NODISCARD;

/* From now on a file of log_open that is longer than [bytes] is put aside as <path>.1, that one as
 * <path>.2, and so on up to LOG_GENERATIONS, and begun anew. 0: it isn't. Several processes may
 * share a file. */
enum { LOG_GENERATIONS = 5 };
void log_rotate_at(int64_t bytes);

/* From now on warnings and errors go to the file at [path] as well, whatever else becomes of the
 * log: what is asked about a program that runs unseen is what went wrong lately. The file is begun
 * anew when it gets long, the one before it is <path>.1. Without a path they don't. */
enum { LOG_KEPT_BYTES = 128 << 10 };
err *log_keep(const char *path) ERR_NODISCARD;

#endif
