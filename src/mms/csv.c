#include "mms/csv.h"

#include <stdlib.h>

#include "mms/scan.h"

/* Behind the buffer's bytes, a block can be read at any of them and a line end added. */
static const size_t not_scanned = SIZE_MAX;
enum { FIRST_BUFFER = 256 << 10, PADDING = 2 * SCAN_BYTES, FIRST_FIELDS = 4 };

struct mms_reader {
    mms_pull *pull;
    void *context;
    struct arena memory; /* tables */

    char *buffer; /* capacity + PADDING */
    size_t capacity;
    size_t row, end; /* the next row starts at row; bytes are there up to end */
    bool at_end;     /* the pull has no more */

    uint64_t records, lines; /* read so far: they differ by line ends inside quotes */
    bool footer;
    aest_us published;
    char title[64];

    struct mms_table **tables; /* all that the file had so far; the newest is the current one */
    size_t table_count;
    struct mms_table *current;

    /* What the 64 bytes of the buffer from [scanned] on hold: a row mostly begins in the block in
     * which the last one ended. */
    struct scan_masks masks;
    size_t scanned;

    uint32_t ends[MMS_COLUMNS + FIRST_FIELDS + SCAN_BYTES]; /* a block may have too many */
    size_t field_count;
};

/* Moves the row that has begun to the front and reads more behind it. *more is false at the end. */
static err *refill(struct mms_reader *r, bool *more) {
    size_t got = 0;
    memmove(r->buffer, r->buffer + r->row, r->end - r->row);
    r->scanned = not_scanned;
    r->end -= r->row;
    r->row = 0;
    if (r->end == r->capacity) {
        if (r->capacity >= MMS_LONGEST_ROW)
            return err_new(ERR_INPUT, "line %llu: a row of over %d bytes (a quote left open?)",
                           (unsigned long long)r->lines + 1, MMS_LONGEST_ROW);
        r->capacity *= 2;
        r->buffer = mem_resize(r->buffer, r->capacity + PADDING);
    }
    while (!r->at_end && r->end < r->capacity && got == 0) {
        TRY(r->pull(r->context, r->buffer + r->end, r->capacity - r->end, &got));
        r->at_end = got == 0;
    }
    r->end += got;
    memset(r->buffer + r->end, 0, PADDING);
    *more = got > 0;
    return NULL;
}

static uint64_t count_newlines(const char *text, size_t length) {
    uint64_t count = 0;
    for (const char *end = text + length; (text = memchr(text, '\n', (size_t)(end - text))); text++)
        count++;
    return count;
}

/* The masks of what stands from [at] on in the buffer to the end of its block; the bits above are
 * 0. */
static struct scan_masks masks_from(struct mms_reader *r, size_t at) {
    size_t into = at % SCAN_BYTES;
    if (r->scanned != at - into) {
        r->scanned = at - into;
        r->masks = scan_block(r->buffer + r->scanned);
    }
    return (struct scan_masks){r->masks.quote >> into, r->masks.comma >> into,
                               r->masks.newline >> into};
}

enum scan_outcome { SCAN_ROW, SCAN_NEED_MORE, SCAN_TOO_MANY_FIELDS };

/* Finds the end of the row at r->row: *length is what stands before its \n, *broken says that it
 * holds line ends inside quotes. With [fields], the ends of its fields too, but for the last. */
static enum scan_outcome scan_row(struct mms_reader *r, bool fields, size_t *length, bool *broken) {
    size_t available = r->end - r->row, count = 0;
    uint64_t open = 0; /* all ones while a quote is open */
    *broken = false;
    for (size_t at = 0; at < available; at += SCAN_BYTES - (r->row + at) % SCAN_BYTES) {
        struct scan_masks m = masks_from(r, r->row + at);
        uint64_t quoted = open;
        if (m.quote) {
            quoted ^= scan_parity(m.quote);
            open = (uint64_t)0 - (quoted >> 63);
        }
        uint64_t newline = m.newline & ~quoted;
        *broken |= (quoted & m.newline) != 0;
        if (fields) {
            uint64_t ends = m.comma & ~quoted;
            if (newline)
                ends &= (newline & (0 - newline)) - 1;
            for (; ends; ends &= ends - 1)
                r->ends[count++] = (uint32_t)(at + (size_t)__builtin_ctzll(ends));
            if (count >= MMS_COLUMNS + FIRST_FIELDS)
                return SCAN_TOO_MANY_FIELDS;
        }
        if (newline) {
            *length = at + (size_t)__builtin_ctzll(newline);
            r->field_count = count;
            return SCAN_ROW;
        }
    }
    return SCAN_NEED_MORE;
}

static err *too_many_fields(uint64_t line) {
    return err_new(ERR_INPUT, "line %llu: more than %d columns", (unsigned long long)line,
                   MMS_COLUMNS);
}

/* Notes where the last field ends: before the \r of a CRLF. False for a blank row. */
static bool end_row(struct mms_reader *r, const char *text, size_t length) {
    length -= length && text[length - 1] == '\r';
    r->ends[r->field_count++] = (uint32_t)length;
    return length > 0;
}

/* Makes the next row that isn't blank stand at *text, without its line end; *text is NULL at the
 * end of the file. r->row moves behind it. */
static err *take_row(struct mms_reader *r, const char **text) {
    for (;;) {
        size_t length;
        bool broken, fields = !(r->current && r->current->skip && r->row < r->end &&
                                r->buffer[r->row] == 'D');
        switch (scan_row(r, fields, &length, &broken)) {
        case SCAN_NEED_MORE: {
            bool more = false;
            TRY(refill(r, &more));
            if (more)
                continue;
            if (r->row == r->end) {
                *text = NULL;
                return NULL;
            }
            if (r->buffer[r->end - 1] == '\n')
                return err_new(ERR_INPUT, "line %llu: a quote is never closed",
                               (unsigned long long)r->lines + 1);
            r->buffer[r->end++] = '\n'; /* a last line without line end */
            r->scanned = not_scanned;
            continue;
        }
        case SCAN_TOO_MANY_FIELDS:
            return too_many_fields(r->lines + 1);
        case SCAN_ROW:
            break;
        }
        *text = r->buffer + r->row;
        r->row += length + 1;
        r->lines += 1 + (broken ? count_newlines(*text, length) : 0);
        if (!end_row(r, *text, length))
            continue;
        r->records++;
        return NULL;
    }
}

/* Field [i] of the row at [text], counted from its very first, without its outer quotes. */
static str raw_field(const struct mms_reader *r, const char *text, size_t i) {
    struct mms_row row = {.text = text, .ends = r->ends};
    return i ? mms_field(&row, (int)i - FIRST_FIELDS) : (str){text, r->ends[0]};
}

static err *read_first_line(struct mms_reader *r) {
    const char *text;
    aest_us day;
    TRY(take_row(r, &text));
    if (!text)
        return err_new(ERR_INPUT, "the file is empty");
    if (!str_eq(raw_field(r, text, 0), STR("C")) || r->field_count < 7)
        return err_new(ERR_INPUT, "line 1: not an MMS file: it doesn't start with a C record");
    str date = raw_field(r, text, 5), time = raw_field(r, text, 6), title = raw_field(r, text, 2);
    size_t kept = title.len < sizeof r->title ? title.len : sizeof r->title - 1;
    memcpy(r->title, title.at, kept);
    struct arena a = {0};
    const char *both = arena_printf(&a, "%.*s %.*s", STR_ARG(date), STR_ARG(time));
    bool valid = aest_parse_mms(date, &day) && aest_parse_mms(str_from(both), &r->published);
    arena_free(&a);
    return valid ? NULL
                 : err_new(ERR_INPUT, "line 1: no publication date and time in fields 6 and 7");
}

err *mms_open(mms_pull *pull, void *context, struct mms_reader **out) {
    struct mms_reader *r = mem_zalloc(1, sizeof *r);
    *r = (struct mms_reader){
        .pull = pull, .context = context, .capacity = FIRST_BUFFER, .scanned = not_scanned};
    r->buffer = mem_zalloc(1, r->capacity + PADDING);
    err *e = read_first_line(r);
    if (e) {
        mms_close(r);
        r = NULL;
    }
    *out = r;
    return e;
}

void mms_close(struct mms_reader *r) {
    if (!r)
        return;
    free(r->buffer);
    free(r->tables);
    arena_free(&r->memory);
    free(r);
}

aest_us mms_published(const struct mms_reader *r) {
    return r->published;
}

str mms_title(const struct mms_reader *r) {
    return str_from(r->title);
}

static err *read_header(struct mms_reader *r, const char *text) {
    struct mms_table *t = ARENA_NEW(&r->memory, struct mms_table);
    uint64_t version;
    if (r->field_count < FIRST_FIELDS + 1)
        return err_new(ERR_INPUT, "line %llu: a header without columns",
                       (unsigned long long)r->lines);
    if (r->table_count == MMS_TABLES)
        return err_new(ERR_INPUT, "line %llu: more than %d tables", (unsigned long long)r->lines,
                       MMS_TABLES);
    str prefix = {text + 1, r->ends[FIRST_FIELDS - 1]}; /* from the first comma to the fourth */
    t->prefix = (str){str_dup(&r->memory, prefix), prefix.len};
    if (!str_to_u64(raw_field(r, text, 3), &version) || version > INT16_MAX)
        return err_new(ERR_INPUT, "line %llu: the header's version is not a number",
                       (unsigned long long)r->lines);
    t->version = (int)version;
    t->column_count = r->field_count - FIRST_FIELDS;
    str *fields = ARENA_ARRAY(&r->memory, str, r->field_count);
    for (size_t i = 0; i < r->field_count; i++) {
        str field = str_trim(raw_field(r, text, i));
        fields[i] = (str){str_dup(&r->memory, field), field.len};
    }
    t->report = fields[1];
    t->subtable = fields[2];
    t->columns = fields + FIRST_FIELDS;
    r->tables = mem_resize(r->tables, (r->table_count + 1) * sizeof(struct mms_table *));
    r->tables[r->table_count++] = r->current = t;
    return NULL;
}

/* Looks for the fields of the row at [text], which was taken for one to skip. */
static err *scan_again(struct mms_reader *r, const char *text) {
    size_t length, next = r->row;
    bool broken;
    r->row = (size_t)(text - r->buffer);
    enum scan_outcome outcome = scan_row(r, true, &length, &broken);
    r->row = next;
    if (outcome != SCAN_ROW)
        return too_many_fields(r->lines);
    end_row(r, text, length);
    return NULL;
}

static bool has_prefix(const struct mms_reader *r, const char *text, const struct mms_table *t) {
    return r->row - (size_t)(text - r->buffer) > t->prefix.len &&
           str_eq((str){text + 1, t->prefix.len}, t->prefix);
}

/* Makes the table that the row at [text] belongs to the current one: the last header, or an
 * earlier one of the same file. */
static err *find_table(struct mms_reader *r, const char *text) {
    if (r->current && has_prefix(r, text, r->current))
        return NULL;
    bool was_skipped = r->current && r->current->skip;
    for (size_t i = r->table_count; i-- > 0;) {
        if (!has_prefix(r, text, r->tables[i]))
            continue;
        r->current = r->tables[i];
        return was_skipped && !r->current->skip ? scan_again(r, text) : NULL;
    }
    return err_new(ERR_INPUT, "line %llu: a row of a table that has no header",
                   (unsigned long long)r->lines);
}

static err *read_footer(struct mms_reader *r, const char *text) {
    uint64_t stated;
    if (!str_eq(raw_field(r, text, 1), STR("END OF REPORT")))
        return NULL; /* a remark */
    if (r->field_count < 3 || !str_to_u64(raw_field(r, text, 2), &stated))
        return err_new(ERR_INPUT, "line %llu: the footer has no count",
                       (unsigned long long)r->lines);
    /* AEMO counts records; where text fields hold line ends, some files count lines */
    if (stated != r->records && stated != r->lines)
        return err_new(ERR_INPUT, "the footer says %llu lines, the file has %llu",
                       (unsigned long long)stated, (unsigned long long)r->records);
    r->footer = true;
    return NULL;
}

err *mms_next(struct mms_reader *r, enum mms_record *kind, struct mms_table **table,
              struct mms_row *row) {
    const char *text = NULL;
    for (;;) {
        TRY(take_row(r, &text));
        if (!text) {
            *kind = MMS_END;
            return r->footer
                       ? NULL
                       : err_new(ERR_INPUT, "cut short after line %llu: there is no END OF REPORT",
                                 (unsigned long long)r->lines);
        }
        if (r->footer)
            return err_new(ERR_INPUT, "line %llu: text after END OF REPORT",
                           (unsigned long long)r->lines);
        if (text[0] == 'D' && text[1] == ',') {
            TRY(find_table(r, text));
            if (r->current->skip)
                continue;
            if (r->field_count != r->current->column_count + FIRST_FIELDS)
                return err_new(ERR_INPUT, "line %llu: %zu fields, its header has %zu",
                               (unsigned long long)r->lines, r->field_count,
                               r->current->column_count + FIRST_FIELDS);
            *kind = MMS_ROW;
            *row = (struct mms_row){r->current, text, r->ends, r->lines};
            return NULL;
        }
        if (text[0] == 'I' && text[1] == ',') {
            TRY(read_header(r, text));
            *kind = MMS_TABLE;
            *table = r->current;
            return NULL;
        }
        if (text[0] != 'C' || text[1] != ',')
            return err_new(ERR_INPUT, "line %llu: neither a C, an I nor a D record",
                           (unsigned long long)r->lines);
        TRY(read_footer(r, text));
    }
}

int mms_column(const struct mms_table *t, str name) {
    for (size_t i = 0; i < t->column_count; i++)
        if (str_eq_nocase(t->columns[i], name))
            return (int)i;
    return -1;
}

str mms_unquote(struct arena *a, str field) {
    if (str_find(field, STR("\"\"")) < 0)
        return field;
    char *out = arena_alloc(a, field.len);
    size_t length = 0;
    for (size_t i = 0; i < field.len; i++) {
        out[length++] = field.at[i];
        i += field.at[i] == '"' && i + 1 < field.len && field.at[i + 1] == '"';
    }
    return (str){out, length};
}

err *mms_pull_bytes(void *context, void *into, size_t capacity, size_t *got) {
    str *rest = context;
    *got = rest->len < capacity ? rest->len : capacity;
    if (*got) {
        memcpy(into, rest->at, *got);
        *rest = (str){rest->at + *got, rest->len - *got};
    }
    return NULL;
}
