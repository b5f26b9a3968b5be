#include "alert/settings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { LARGEST_SECRET = 4096 };

const char *setting_text(const struct alert_settings *s, const char *const *keys) {
    for (; *keys; keys++) {
        const char *value = config_get(s->config, *keys, NULL);
        if (value && *value)
            return value;
    }
    return NULL;
}

err *setting_double(const struct alert_settings *s, const char *key, double fallback, double *out) {
    const char *text = config_get(s->config, key, NULL);
    *out = fallback;
    if (text && *text && !str_to_double(str_trim(str_from(text)), out))
        return err_new(ERR_USAGE, "%s is '%s', not a number", key, text);
    return NULL;
}

/* -- secrets ------------------------------------------------------------------------------------
 */

static err *check_mode(const char *path, const char *key) {
    struct stat status;
    if (stat(path, &status))
        return err_errno(errno, "can't look at %s, which has %s", path, key);
    if (status.st_mode & 077)
        return err_new(ERR_USAGE,
                       "%s holds %s and can be read by others (mode %03o): run `chmod 600 %s`, or "
                       "set %s in the environment",
                       path, key, (unsigned)(status.st_mode & 0777), path, key);
    if (status.st_uid != geteuid() && geteuid() != 0)
        return err_new(ERR_USAGE, "%s holds %s and belongs to somebody else", path, key);
    return NULL;
}

static err *read_secret_file(const struct alert_settings *s, const char *key, const char *path,
                             const char **out) {
    struct buf text = {0};
    err *e = check_mode(path, key);
    if (!e)
        e = file_read(path, LARGEST_SECRET, &text);
    if (!e) {
        *out = str_dup(s->memory, str_trim(buf_str(&text)));
        if (!**out)
            e = err_new(ERR_USAGE, "%s, which has %s, is empty", path, key);
    }
    if (text.len)
        memset(text.at, 0, text.len);
    buf_free(&text);
    return e;
}

err *setting_secret(const struct alert_settings *s, const char *const *keys, const char **out) {
    *out = NULL;
    for (; *keys; keys++) {
        const char *value = getenv(*keys);
        if (value && *value) {
            *out = value;
            return NULL;
        }
        const char *path = config_get(s->config, arena_printf(s->memory, "%s_FILE", *keys), NULL);
        if (path && *path)
            return read_secret_file(s, *keys, path, out);
        value = config_get(s->config, *keys, NULL);
        if (value && *value) {
            if (s->config_file) /* read from one, it may be that of NEMD_SECRETS */
                TRY(check_mode(config_file_of(s->config, *keys), *keys));
            *out = value;
            return NULL;
        }
    }
    return NULL;
}

bool setting_is_secret(str key) {
    static const char *const words[] = {"TOKEN",  "PASSWORD", "SECRET", "TWILIO_",
                                        "EMAIL_", "SMTP_",    "ALERT_", "_KEY"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_find_nocase(key, str_from(words[i])) >= 0)
            return true;
    return false;
}

/* -- lists and hours ----------------------------------------------------------------------------
 */

const char **setting_list(struct arena *a, const char *text, size_t *count) {
    size_t most = 2; /* one part, and the NULL behind the last */
    for (const char *p = text; p && *p; p++)
        most += *p == ',' || *p == ';';
    const char **out = ARENA_ARRAY(a, const char *, most);
    *count = 0;
    for (str rest = str_from(text); rest.len;) {
        str commas = str_cut(&rest, ',');
        while (commas.len) {
            str part = str_trim(str_cut(&commas, ';'));
            if (part.len)
                out[(*count)++] = str_dup(a, part);
        }
    }
    return out;
}

/* "07:30" */
static bool read_minute(str text, int *out) {
    uint64_t hour, minute;
    text = str_trim(text);
    str hours = str_cut(&text, ':');
    if (hours.len > 2 || text.len != 2 || !str_to_u64(hours, &hour) || !str_to_u64(text, &minute) ||
        hour > 24 || minute > 59 || hour * 60 + minute > 24 * 60)
        return false;
    *out = (int)(hour * 60 + minute);
    return true;
}

err *quiet_hours_read(const char *key, const char *text, struct quiet_hours *out) {
    *out = (struct quiet_hours){0};
    if (!text || !*text)
        return NULL;
    str rest = str_from(text), from = str_cut(&rest, '-');
    if (!read_minute(from, &out->from) || !read_minute(rest, &out->to))
        return err_new(ERR_USAGE, "%s is '%s', not hours as in 22:00-07:00", key, text);
    out->there = true;
    return NULL;
}

bool quiet_hours_hold(const struct quiet_hours *q, int minute) {
    if (!q->there)
        return false;
    return q->from <= q->to ? minute >= q->from && minute < q->to
                            : minute >= q->from || minute < q->to;
}
