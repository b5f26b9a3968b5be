#include "collect/reference.h"

#include <stdlib.h>

#include "collect/history.h"
#include "mms/zip.h"

#define ARCHIVE "Data_Archive/Wholesale_Electricity/MMSDM"
enum { MOST_MONTHS = 36, LARGEST = 64 << 20 };

static bool is_of(const struct listing_entry *file, const char *table) {
    return !file->is_folder && monthly_name_is(&(struct monthly){.table = table}, file->name);
}

/* -- which month --------------------------------------------------------------------------------
 */

static int newest_first(const void *a, const void *b) {
    return str_compare(((const struct listing_entry *)b)->name,
                       ((const struct listing_entry *)a)->name);
}

/* What [folder] holds; nothing when it isn't there. */
static err *list(struct source *s, struct arena *a, const char *folder,
                 struct listing_entry **entries, size_t *count) {
    bool unchanged;
    source_forget(s, folder);
    err *e = source_list(s, a, folder, entries, count, &unchanged);
    if (e && err_kind(e) == ERR_INPUT) {
        err_free(e);
        *count = 0;
        return NULL;
    }
    return e;
}

/* The folders in [folder] whose names begin as [prefix] does, the newest first. */
static err *list_folders(struct source *s, struct arena *a, const char *folder, str prefix,
                         struct listing_entry **out, size_t *count) {
    struct listing_entry *entries;
    size_t all;
    *count = 0;
    TRY(list(s, a, folder, &entries, &all));
    for (size_t i = 0; i < all; i++)
        if (entries[i].is_folder && str_starts_nocase(entries[i].name, prefix))
            entries[(*count)++] = entries[i];
    if (*count)
        qsort(entries, *count, sizeof *entries, newest_first);
    *out = entries;
    return NULL;
}

/* "MMSDM_2025_06" */
static bool month_of(struct arena *a, str name, struct reference *out) {
    uint64_t year, month;
    aest_day first;
    str rest = name;
    str_cut(&rest, '_');
    str digits = str_cut(&rest, '_');
    if (!str_to_u64(digits, &year) || !str_to_u64(rest, &month) || year > 2999 || month > 12 ||
        !aest_day_from_date((int)year, (int)month, 1, &first))
        return false;
    *out = (struct reference){.month = arena_printf(a, "%04d-%02d", (int)year, (int)month),
                              .folder = monthly_folder(a, first, false)};
    return true;
}

static bool has(const struct reference *month, const char *table) {
    for (size_t i = 0; i < month->count; i++)
        if (is_of(&month->files[i], table))
            return true;
    return false;
}

err *reference_newest(struct source *s, struct arena *a, const char *table, struct reference *out) {
    struct listing_entry *years, *months;
    size_t year_count, month_count;
    int tried = 0;
    TRY(list_folders(s, a, ARCHIVE, STR("20"), &years, &year_count));
    for (size_t y = 0; y < year_count; y++) {
        const char *year = arena_printf(a, ARCHIVE "/%.*s", STR_ARG(years[y].name));
        TRY(list_folders(s, a, year, STR("MMSDM_20"), &months, &month_count));
        for (size_t m = 0; m < month_count && tried < MOST_MONTHS; m++, tried++) {
            if (!month_of(a, months[m].name, out))
                continue;
            TRY(list(s, a, out->folder, &out->files, &out->count));
            if (has(out, table))
                return NULL;
        }
    }
    return err_new(ERR_INPUT, "%s has no month with the table %s in " ARCHIVE, source_name(s),
                   table);
}

/* -- a month's rows -----------------------------------------------------------------------------
 */

static err *read_csv(mms_pull *pull, void *from, reference_row *take, void *context) {
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind = MMS_ROW;
    TRY(mms_open(pull, from, &reader));
    err *e = NULL;
    while (!e && !(e = mms_next(reader, &kind, &table, &row)) && kind != MMS_END)
        if (kind == MMS_ROW)
            e = take(context, &row, mms_published(reader));
    mms_close(reader);
    return e;
}

static err *pull_member(void *context, void *into, size_t capacity, size_t *got) {
    return zip_stream_read(context, into, capacity, got);
}

err *reference_read_file(str bytes, reference_row *take, void *context) {
    if (!zip_is(bytes))
        return read_csv(mms_pull_bytes, &bytes, take, context);
    struct arena a = {0};
    struct zip z;
    uint64_t limit = LARGEST;
    err *e = zip_open(&a, bytes, &z);
    for (size_t i = 0; !e && i < z.count; i++) {
        struct zip_stream *stream;
        e = zip_stream_open(&z, &z.members[i], limit, &stream);
        if (e)
            break;
        limit -= z.members[i].size;
        e = read_csv(pull_member, stream, take, context);
        zip_stream_close(stream);
    }
    arena_free(&a);
    return e;
}

/* A file on its way from the source to [take]. */
struct delivery {
    reference_row *take;
    void *context;
    err *error;
};

static bool deliver(struct source_request *request, struct buf *body, err *error) {
    struct delivery *d = request->context;
    err *e = error ? error : reference_read_file(buf_str(body), d->take, d->context);
    d->error = err_wrap(e, "%.*s", STR_ARG(request->name));
    return d->error == NULL;
}

err *reference_read(struct source *s, const struct reference *month, const char *table,
                    reference_row *take, void *context, bool *found) {
    struct delivery d = {.take = take, .context = context};
    *found = false;
    for (size_t i = 0; i < month->count; i++) {
        if (!is_of(&month->files[i], table))
            continue;
        struct source_request request = {.folder = month->folder,
                                         .name = month->files[i].name,
                                         .href = month->files[i].href,
                                         .limit = LARGEST,
                                         .context = &d};
        *found = true;
        TRY(source_get(s, &request, 1, deliver));
        TRY(d.error);
    }
    return NULL;
}
