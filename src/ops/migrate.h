/* Taking over from the earlier system: a pair of Python services that kept seven Parquet files.
 *
 *   scada5 scada30 prices5 prices30 transmission5 transmission30 rooftop30 .parquet
 *   gen_info.pkl, price_alert_state.pkl, renewable_records.json, .env
 *
 * Files are found in the folder that is named (or its folder data/), and by the paths that its .env
 * has. Each table is read, judged row by row, brought into the store and compared with it
 * (ops/bring.h); gen_info becomes facts on units; settings become nemd's. Nothing is ever written
 * where the earlier system is, and a second run changes nothing.
 *
 * Five-minute files come first: a half hour of the earlier system counts only where its five
 * minutes aren't all there.
 */
#ifndef OPS_MIGRATE_H
#define OPS_MIGRATE_H

#include "base/config.h"
#include "ops/bring.h"
#include "ops/earlier.h"

enum { MIGRATED_TABLES = 7 };

struct migrated_table {
    const struct dataset *dataset;
    const char *path;    /* NULL: not found */
    const char *trouble; /* why it wasn't taken, or NULL */
    const char *left;    /* columns that were left, parted by blanks */
    bool has_zone;
    aest_us first, last;
    struct brought brought;
};

/* Another file: found at [path] or NULL; [trouble] why it wasn't taken, or NULL. */
struct migrated_file {
    const char *path, *trouble;
};

struct migrated_setting {
    const char *key, *name; /* as it was and as it is; [name] NULL: not taken */
    const char *note;
    bool is_secret;
};

struct migration {
    struct arena memory;
    struct config env; /* paths and keys of settings point into it */
    struct migrated_table tables[MIGRATED_TABLES];
    struct migrated_file units_file, alerts_file, records_file, settings_file;
    struct earlier_units units;
    bool registry_changed;
    struct earlier_alert alerts[EARLIER_ALERTS];
    size_t alert_count, alerts_armed; /* [alerts_armed] of them stand as alerts of nemd's now */
    struct earlier_record records[EARLIER_RECORDS];
    size_t record_count, records_kept; /* [records_kept] of them are nemd's now */
    struct migrated_setting *settings;
    size_t setting_count;
    const char *config_path, *secrets_path; /* written, or NULL */
};

struct migrate {
    const char *from; /* a folder, or NULL */
    const char *env;  /* an .env file, or NULL: <from>/.env where it is */
    const char *data;
    const char *config_folder; /* where settings go; NULL: nowhere */
    bool dry;
    enum table_zone zone;
    const struct stop *stop;
    void (*progress)(void *context, const struct table_file *t, int64_t rows);
    void *context;
};

/* [out] is zeroed, and to be freed after an error too. An error says why it could not be done; a
 * file that can't be taken is in [out]. */
err *migrate_run(const struct migrate *m, struct migration *out) ERR_NODISCARD;
void migration_free(struct migration *m);

/* Drops the records that were taken over, [count] of them; those of the store's rows stay. */
err *migrate_forget_records(const char *data, size_t *count) ERR_NODISCARD;

/* Rows that nothing explains, or a file that was refused: what should end with a failure. */
bool migration_failed(const struct migration *m);
/* Anything that deserves a look. */
bool migration_has_findings(const struct migration *m);

/* -- what it is made of -------------------------------------------------------------------------
 */

/* Where the earlier system keeps its files. */
struct earlier_places {
    const char *table[DATASETS];
    const char *units, *alerts, *records;
};
/* Looks in [folder] (or NULL) and the paths of [env]; relative ones begin at [env_folder]. */
void earlier_find(struct arena *a, const char *folder, const struct config *env,
                  const char *env_folder, struct earlier_places *out);

/* Which settings nemd takes: *out is a list of all keys of [env]. */
void earlier_settings(struct arena *a, const struct config *env, struct migrated_setting **out,
                      size_t *count);
/* Writes <folder>/nemd.env and <folder>/nemd.secrets (0600), unless they are there. */
err *earlier_settings_write(struct arena *a, const char *folder, const struct config *env,
                            const struct migrated_setting *settings, size_t count,
                            const char **config_path, const char **secrets_path) ERR_NODISCARD;

#endif
