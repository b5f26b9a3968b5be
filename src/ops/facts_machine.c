#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "ops/backup.h"
#include "ops/backup_far.h"
#include "ops/facts.h"
#include "store/note.h"

/* -- processes ----------------------------------------------------------------------------------
 */

err *facts_processes(struct arena *a, const char *data, struct process_fact **out, size_t *count) {
    struct running *rows;
    int64_t now = (int64_t)time(NULL);
    TRY(running_list(a, data, &rows, count));
    *out = ARENA_ARRAY(a, struct process_fact, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        struct process_fact *p = &(*out)[i];
        p->running = rows[i];
        p->uptime_s = rows[i].since && rows[i].since < now ? now - rows[i].since : 0;
        if (process_usage(rows[i].pid, &p->usage) && p->uptime_s)
            p->cpu = p->usage.cpu_s / (double)p->uptime_s;
    }
    return NULL;
}

/* -- disk ---------------------------------------------------------------------------------------
 */

/* What the folder takes on the disk: the grid's files have holes. */
static err *add_used(struct arena *a, const char *path, int depth, uint64_t *used) {
    struct file_entry *entries;
    size_t count;
    TRY(file_list(a, path, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *inner = arena_printf(a, "%s/%.*s", path, STR_ARG(entries[i].name));
        struct stat st;
        if (entries[i].is_folder && depth > 0)
            TRY(add_used(a, inner, depth - 1, used));
        else if (lstat(inner, &st) == 0)
            *used += (uint64_t)st.st_blocks * 512;
    }
    return NULL;
}

/* What the last days take in Parquet, a day. */
static err *parquet_growth(struct store *s, uint64_t *all, double *growth) {
    const aest_day today = (aest_day)(aest_now() / AEST_DAY);
    *all = 0;
    *growth = 0;
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        double bytes = 0, days = 0;
        TRY(store_files(s, (enum dataset_id)i, &x));
        *all += x->bytes;
        for (size_t k = 0; k < x->count; k++) {
            const struct store_file *f = &x->files[k];
            if (f->first + f->days <= today - GROWTH_DAYS || f->first >= today)
                continue; /* today's is still growing */
            bytes += (double)f->stamp.size;
            days += f->days;
        }
        *growth += days > 0 ? bytes / days : 0;
    }
    return NULL;
}

err *facts_disk(struct store *s, struct disk_fact *out) {
    enum { DEPTH = 4 };
    struct arena a = {0};
    struct statvfs disk;
    uint64_t parquet;
    *out = (struct disk_fact){.used = 0};
    err *e = add_used(&a, s->path, DEPTH, &out->used);
    arena_free(&a);
    TRY(e);
    if (statvfs(s->path, &disk))
        return err_errno(errno, "can't tell the size of the disk of %s", s->path);
    out->free = (uint64_t)disk.f_bavail * disk.f_frsize;
    out->size = (uint64_t)disk.f_blocks * disk.f_frsize;
    TRY(parquet_growth(s, &parquet, &out->growth));
    if (parquet && out->used > parquet)
        out->growth *= (double)out->used / (double)parquet;
    out->days_left = out->growth > 0 ? (double)out->free / out->growth : INFINITY;
    return NULL;
}

/* -- errors -------------------------------------------------------------------------------------
 */

const char *facts_errors_path(struct arena *a, const char *data) {
    return arena_printf(a, "%s/notes/errors.log", data);
}

/* "time=2025-08-20T18:05:14+10:00 level=warn msg=…" */
static bool read_line(struct arena *a, str line, struct error_fact *out) {
    aest_us at;
    str time = str_cut(&line, ' '), level = str_cut(&line, ' ');
    if (!str_starts(time, STR("time=")) || !str_starts(level, STR("level=")) ||
        !aest_parse_iso((str){time.at + 5, time.len - 5}, &at))
        return false;
    *out = (struct error_fact){.at = aest_to_unix(at),
                               .is_error = str_eq(level, STR("level=error")),
                               .text = str_dup(a, line)};
    return true;
}

static err *read_errors(struct arena *a, const char *path, int64_t since, struct errors_fact *out) {
    struct buf text = {0};
    if (!file_exists(path))
        return NULL;
    err *e = file_read(path, (size_t)LOG_KEPT_BYTES * 4, &text);
    str rest = buf_str(&text);
    while (!e && rest.len) { /* from its end */
        size_t begin = rest.len - 1;
        struct error_fact row;
        while (begin > 0 && rest.at[begin - 1] != '\n')
            begin--;
        str line = str_trim((str){rest.at + begin, rest.len - begin});
        rest.len = begin;
        if (!read_line(a, line, &row))
            continue;
        out->errors += row.is_error && row.at >= since;
        out->warnings += !row.is_error && row.at >= since;
        if (out->count < FACTS_ERRORS)
            out->rows[out->count++] = row;
    }
    buf_free(&text);
    return e;
}

err *facts_errors(struct arena *a, const char *data, int64_t now, struct errors_fact *out) {
    const char *path = facts_errors_path(a, data);
    *out = (struct errors_fact){.count = 0};
    TRY(read_errors(a, path, now - 86400, out));
    return read_errors(a, arena_printf(a, "%s.1", path), now - 86400, out);
}

/* -- service ------------------------------------------------------------------------------------
 */

void facts_service(struct arena *a, const char *home, struct service_fact *out) {
    *out = (struct service_fact){.path = NULL};
    for (int system = 0; system <= 1 && !out->path; system++) {
        const struct supervised s = {.kind = supervisor_here(), .system = system, .home = home};
        const char *path = supervise_path(&s, a);
        if (!file_exists(path))
            continue;
        out->path = path;
        out->system = system;
        out->asked = supervise_state(&s, a, &out->at_boot, &out->active);
    }
}

/* -- backup -------------------------------------------------------------------------------------
 */

err *facts_backup(struct arena *a, const char *data, const char *to, struct backup_fact *out) {
    struct note n;
    aest_us newest = 0;
    *out = (struct backup_fact){.to = to};
    err *e = note_read(data, "backup", &n);
    if (!e) {
        const char *noted = note_text(&n, "to");
        bool ok = note_number(&n, "ok", 0) != 0;
        out->to = to || !noted ? to : str_dup(a, str_from(noted));
        if (!to || !noted || !far_is(to) || strcmp(to, noted) == 0)
            out->last = note_number(&n, "last", 0);
        if (!ok && note_text(&n, "error")) {
            out->failed = note_number(&n, "at", 0);
            out->error = str_dup(a, str_from(note_text(&n, "error")));
        }
    }
    note_free(&n);
    TRY(e);
    if (!out->to || far_is(out->to)) /* what is far isn't asked: the note has to do */
        return NULL;
    e = backup_newest(a, out->to, &newest);
    if (e) /* the disk may not be there just now */
        out->unreachable = str_dup(a, str_from(err_text(e)));
    else if (newest <= aest_now() || !out->last)
        out->last = newest ? aest_to_unix(newest) : 0;
    /* else a clock that was ahead named it: the note has to do */
    err_free(e);
    return NULL;
}

/* -- in words -----------------------------------------------------------------------------------
 */

const char *age_text(int64_t seconds, char out[FACT_TEXT]) {
    static const struct {
        int64_t from, unit;
        const char *name;
    } units[] = {{2 * 86400, 86400, "days"}, {2 * 3600, 3600, "h"}, {120, 60, "min"}, {0, 1, "s"}};
    int i = 0;
    if (seconds < 0)
        seconds = 0;
    while (seconds < units[i].from)
        i++;
    snprintf(out, FACT_TEXT, "%lld %s", (long long)(seconds / units[i].unit), units[i].name);
    return out;
}

const char *size_text(double bytes, char out[FACT_TEXT]) {
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    int i = 0;
    for (; bytes >= 1000 && i < 4; i++)
        bytes /= 1000;
    snprintf(out, FACT_TEXT, i ? "%.1f %s" : "%.0f %s", bytes, units[i]);
    return out;
}
