/* Settings of the earlier system's .env, as nemd's. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ops/migrate.h"

/* Keys that nemd has, by what they begin with, and what they are called now. */
static const struct {
    const char *key, *name; /* [name] NULL: the same */
} taken[] = {
    {"TWILIO_FROM_PHONE", "TWILIO_PHONE_NUMBER"},
    {"TWILIO_TO_PHONE", "MY_PHONE_NUMBER"},
    {"TWILIO_ACCOUNT_SID", NULL},
    {"TWILIO_AUTH_TOKEN", NULL},
    {"TWILIO_PHONE_NUMBER", NULL},
    {"TWILIO_FROM_NUMBER", NULL},
    {"TWILIO_TO_NUMBER", NULL},
    {"MY_PHONE_NUMBER", NULL},
    {"ALERT_PASSWORD", "EMAIL_PASSWORD"},
    {"ALERT_EMAIL", "EMAIL_ADDRESS"},
    {"EMAIL_ADDRESS", NULL},
    {"EMAIL_PASSWORD", NULL},
    {"EMAIL_SMTP_SERVER", NULL},
    {"EMAIL_SMTP_PORT", NULL},
    {"EMAIL_RECIPIENT", NULL},
    {"SMTP_SERVER", NULL},
    {"SMTP_PORT", NULL},
    {"RECIPIENT_EMAIL", NULL},
    {"HIGH_PRICE_THRESHOLD", NULL},
    {"EXTREME_PRICE_THRESHOLD", NULL},
    {"NORMAL_PRICE_THRESHOLD", NULL},
    {"LOW_PRICE_THRESHOLD", "NORMAL_PRICE_THRESHOLD"},
    {"DASHBOARD_PORT", NULL},
    {"DASHBOARD_HOST", NULL},
    {"LOG_LEVEL", NULL},
};

/* Why others aren't taken. */
static const struct {
    const char *part, *note;
} known[] = {
    {"_FILE", "a path: its file was looked for"},
    {"DATA_DIR", "a path: files were looked for there"},
    {"AEMO_DATA_PATH", "a path: files were looked for there"},
    {"UPDATE_INTERVAL", "nemd looks when AEMO publishes"},
    {"USE_DUCKDB", "nemd has its own store"},
};

static bool is_secret(str key) {
    static const char *const words[] = {"PASSWORD", "TOKEN", "SECRET", "SID", "API_KEY"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_find_nocase(key, str_from(words[i])) >= 0)
            return true;
    return false;
}

static struct migrated_setting judge(const struct config_entry *e) {
    struct migrated_setting s = {.key = e->key.at, .is_secret = is_secret(e->key)};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (str_eq(e->key, str_from(taken[i].key)))
            s.name = taken[i].name ? taken[i].name : taken[i].key;
    s.note = s.name ? "" : "nemd has no such setting";
    for (size_t i = 0; !s.name && i < sizeof known / sizeof *known; i++)
        if (str_find(e->key, str_from(known[i].part)) >= 0)
            s.note = known[i].note;
    if (e->value.len == 0) {
        s.name = NULL;
        s.note = "it is empty";
    }
    return s;
}

void earlier_settings(struct arena *a, const struct config *env, struct migrated_setting **out,
                      size_t *count) {
    *out = ARENA_ARRAY(a, struct migrated_setting, env->count);
    *count = 0;
    for (size_t i = 0; i < env->count; i++) {
        bool again = false; /* later lines win */
        for (size_t k = i + 1; k < env->count; k++)
            again = again || str_eq(env->entries[i].key, env->entries[k].key);
        if (!again)
            (*out)[(*count)++] = judge(&env->entries[i]);
    }
}

static str value_of(const struct config *env, const char *key) {
    for (size_t i = env->count; i-- > 0;)
        if (str_eq(env->entries[i].key, str_from(key)))
            return env->entries[i].value;
    return STR("");
}

static void add_line(struct buf *text, const char *name, str value) {
    buf_printf(text, "%s=\"", name);
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\')
            buf_add_char(text, '\\');
        if (value.at[i] == '\n')
            buf_add_str(text, STR("\\n"));
        else
            buf_add_char(text, value.at[i]);
    }
    buf_add_str(text, STR("\"\n"));
}

/* A new file that nobody else can read when [mode] says so; one that is there stays. */
static err *write_new(const char *path, mode_t mode, str text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return err_new(ERR_USAGE, "%s is there already, and stays as it is", path);
    if (fd < 0)
        return err_errno(errno, "can't create %s", path);
    ssize_t wrote = write(fd, text.at, text.len);
    err *e = wrote == (ssize_t)text.len && fsync(fd) == 0
                 ? NULL
                 : err_errno(errno, "can't write %s", path);
    close(fd);
    if (e)
        unlink(path);
    return e;
}

err *earlier_settings_write(struct arena *a, const char *folder, const struct config *env,
                            const struct migrated_setting *settings, size_t count,
                            const char **config_path, const char **secrets_path) {
    struct buf text[2] = {{0}};
    const char *path[2] = {arena_printf(a, "%s/nemd.env", folder),
                           arena_printf(a, "%s/nemd.secrets", folder)};
    buf_add_str(&text[0], STR("# Taken over from the earlier system.\n"));
    for (size_t i = 0; i < count; i++)
        if (settings[i].name)
            add_line(&text[settings[i].is_secret], settings[i].name,
                     value_of(env, settings[i].key));
    err *e = file_make_folders(folder);
    if (!e && text[1].len) { /* by its whole path: services begin elsewhere */
        char whole[PATH_MAX];
        const char *in = realpath(folder, whole) ? whole : folder;
        add_line(&text[0], "NEMD_SECRETS", str_from(arena_printf(a, "%s/nemd.secrets", in)));
    }
    if (!e && text[1].len)
        e = write_new(path[1], 0600, buf_str(&text[1]));
    if (!e) {
        *secrets_path = text[1].len ? path[1] : NULL;
        e = write_new(path[0], 0644, buf_str(&text[0]));
    }
    if (!e)
        *config_path = path[0];
    for (int i = 0; i < 2; i++)
        buf_free(&text[i]);
    return e;
}
