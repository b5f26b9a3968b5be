/* Where the earlier system keeps its files. */
#include <stdlib.h>

#include "base/file.h"
#include "ops/migrate.h"

/* Keys of its .env. In some installations the key of half hours names a file of five minutes: a
 * file that has a table's name is that table, whatever the key. */
static const struct {
    const char *key;
    enum dataset_id table;
} keys[] = {
    {"GEN_OUTPUT_FILE_5MIN", SCADA5},
    {"GEN_OUTPUT_FILE", SCADA30},
    {"SPOT_HIST_FILE_5MIN", PRICES5},
    {"SPOT_HIST_FILE", PRICES30},
    {"TRANSMISSION_OUTPUT_FILE_5MIN", TRANSMISSION5},
    {"TRANSMISSION_OUTPUT_FILE", TRANSMISSION30},
    {"ROOFTOP_SOLAR_FILE", ROOFTOP30},
};

static const char *setting(const struct config *env, const char *key) {
    for (size_t i = env->count; i-- > 0;) /* not of the environment: of that file */
        if (str_eq(env->entries[i].key, str_from(key)) && env->entries[i].value.len)
            return env->entries[i].value.at;
    return NULL;
}

/* A path of the .env: from its own folder, "~" being home. */
static const char *whole_path(struct arena *a, const char *path, const char *env_folder) {
    const char *home = getenv("HOME");
    if (path[0] == '~' && path[1] == '/' && home)
        return arena_printf(a, "%s%s", home, path + 1);
    return path[0] == '/' || !env_folder ? path : arena_printf(a, "%s/%s", env_folder, path);
}

static const struct dataset *table_of_name(const char *path) {
    const char *slash = strrchr(path, '/');
    str name = str_from(slash ? slash + 1 : path);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        str table = str_from(datasets[keys[i].table].name);
        if (str_starts_nocase(name, table) &&
            str_eq_nocase((str){name.at + table.len, name.len - table.len}, STR(".parquet")))
            return &datasets[keys[i].table];
    }
    return NULL;
}

static const char *in_folder(struct arena *a, const char *folder, const char *name) {
    static const char *const below[] = {"", "/data"};
    for (size_t i = 0; folder && i < sizeof below / sizeof *below; i++) {
        const char *path = arena_printf(a, "%s%s/%s", folder, below[i], name);
        if (file_exists(path))
            return path;
    }
    return NULL;
}

static const char *small_file(struct arena *a, const char *folder, const struct config *env,
                              const char *env_folder, const char *key, const char *name) {
    const char *path = key ? setting(env, key) : NULL, *data = setting(env, "DATA_DIR");
    path = path ? whole_path(a, path, env_folder) : NULL;
    if (path && file_exists(path))
        return path;
    path = in_folder(a, folder, name);
    return path || !data ? path : in_folder(a, whole_path(a, data, env_folder), name);
}

void earlier_find(struct arena *a, const char *folder, const struct config *env,
                  const char *env_folder, struct earlier_places *out) {
    const char *data = setting(env, "DATA_DIR");
    data = data ? data : setting(env, "AEMO_DATA_PATH");
    data = data ? whole_path(a, data, env_folder) : NULL;
    *out = (struct earlier_places){0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *path = setting(env, keys[i].key);
        path = path ? whole_path(a, path, env_folder) : NULL;
        const struct dataset *named = path ? table_of_name(path) : NULL;
        if (path && file_exists(path))
            out->table[named ? dataset_id(named) : keys[i].table] = path;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char **path = &out->table[keys[i].table],
                   *name = arena_printf(a, "%s.parquet", datasets[keys[i].table].name);
        if (folder && in_folder(a, folder, name))
            *path = in_folder(a, folder, name);
        else if (!*path)
            *path = in_folder(a, data, name);
    }
    out->units = small_file(a, folder, env, env_folder, "GEN_INFO_FILE", "gen_info.pkl");
    out->alerts =
        small_file(a, folder, env, env_folder, "PRICE_ALERT_STATE_FILE", "price_alert_state.pkl");
    out->records = small_file(a, folder, env, env_folder, NULL, "renewable_records.json");
}
