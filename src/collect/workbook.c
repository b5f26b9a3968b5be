#include "collect/workbook.h"

#include <expat.h>
#include <stdlib.h>

#include "mms/zip.h"

/* Rows of a sheet as they come. */
struct rows {
    struct arena *memory;
    struct buf list; /* of struct sheet_row */
    str cells[SHEET_COLUMNS];
    size_t count; /* cells of the current row */
};

static void end_row(struct rows *r) {
    struct sheet_row row = {ARENA_ARRAY(r->memory, str, r->count), r->count};
    if (r->count)
        memcpy(row.cells, r->cells, r->count * sizeof *row.cells);
    buf_add(&r->list, &row, sizeof row);
    memset(r->cells, 0, sizeof r->cells);
    r->count = 0;
}

static void set_cell(struct rows *r, size_t column, str text) {
    r->cells[column] = (str){str_dup(r->memory, text), text.len};
    r->count = column + 1 > r->count ? column + 1 : r->count;
}

static struct sheet end_sheet(struct rows *r, str name) {
    size_t count = r->list.len / sizeof(struct sheet_row);
    struct sheet s = {name, ARENA_ARRAY(r->memory, struct sheet_row, count), count};
    if (count)
        memcpy(s.rows, r->list.at, r->list.len);
    buf_free(&r->list);
    return s;
}

static size_t row_count(const struct rows *r) {
    return r->list.len / sizeof(struct sheet_row);
}

/* -- XML ----------------------------------------------------------------------------------------
 */

enum cell_kind { CELL_PLAIN, CELL_SHARED };

/* A part of the workbook while it is read: strings or a sheet. */
struct part {
    XML_Parser parser;
    struct rows rows;
    struct buf strings; /* of str: the texts that cells share */
    struct buf text;    /* of the current string or cell */
    bool listening;     /* inside an element whose text counts */
    int aside;          /* depth of phonetic hints, whose text doesn't */
    size_t column;
    enum cell_kind kind;
    aest_us modified;
    const char *fault; /* why it is no workbook, or NULL */
};

static void refuse(struct part *p, const char *why) {
    if (!p->fault)
        p->fault = why;
    XML_StopParser(p->parser, XML_FALSE);
}

/* Of "x:row" the "row". */
static str plain_name(const char *name) {
    const char *colon = strrchr(name, ':');
    return str_from(colon ? colon + 1 : name);
}

static const char *attribute(const char **attributes, const char *name) {
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

/* "AB12" is in column 27. */
static bool column_of(const char *reference, size_t *out) {
    size_t column = 0;
    for (; *reference >= 'A' && *reference <= 'Z'; reference++) {
        column = column * 26 + (size_t)(*reference - 'A' + 1);
        if (column > 1 << 20)
            return false;
    }
    *out = column - 1;
    return column > 0;
}

static void begin_cell(struct part *p, const char **attributes) {
    const char *reference = attribute(attributes, "r"), *type = attribute(attributes, "t");
    p->text.len = 0;
    p->kind = type && strcmp(type, "s") == 0 ? CELL_SHARED : CELL_PLAIN;
    if (!reference)
        p->column = p->rows.count;
    else if (!column_of(reference, &p->column))
        refuse(p, "a cell is nowhere");
}

static void end_cell(struct part *p) {
    str text = str_trim(buf_str(&p->text));
    uint64_t number;
    if (p->column >= SHEET_COLUMNS || text.len == 0)
        return;
    if (p->kind == CELL_SHARED) {
        if (!str_to_u64(text, &number) || number >= p->strings.len / sizeof(str)) {
            refuse(p, "a cell refers to a text that isn't there");
            return;
        }
        text = ((const str *)(const void *)p->strings.at)[number];
    }
    if (text.len)
        set_cell(&p->rows, p->column, text);
}

static void XMLCALL on_start(void *context, const XML_Char *element, const XML_Char **attributes) {
    struct part *p = context;
    str name = plain_name(element);
    bool is_date = str_eq(name, STR("modified"));
    if (str_eq(name, STR("si")) || is_date)
        p->text.len = 0;
    if (str_eq(name, STR("c")))
        begin_cell(p, attributes);
    else if (str_eq(name, STR("rPh")))
        p->aside++;
    else if (str_eq(name, STR("t")) || str_eq(name, STR("v")) || is_date)
        p->listening = p->aside == 0;
}

static void XMLCALL on_end(void *context, const XML_Char *element) {
    struct part *p = context;
    str name = plain_name(element);
    p->listening = false;
    if (str_eq(name, STR("si"))) {
        str text = str_trim(buf_str(&p->text));
        text.at = str_dup(p->rows.memory, text);
        buf_add(&p->strings, &text, sizeof text);
    } else if (str_eq(name, STR("c"))) {
        end_cell(p);
    } else if (str_eq(name, STR("modified"))) {
        if (!aest_parse_iso(str_trim(buf_str(&p->text)), &p->modified))
            p->modified = 0;
    } else if (str_eq(name, STR("rPh"))) {
        p->aside--;
    } else if (str_eq(name, STR("row"))) {
        end_row(&p->rows);
        if (row_count(&p->rows) > SHEET_ROWS)
            refuse(p, "too many rows");
    }
}

static void XMLCALL on_text(void *context, const XML_Char *text, int length) {
    struct part *p = context;
    if (p->listening)
        buf_add(&p->text, text, (size_t)length);
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int internal) {
    (void)name, (void)system_id, (void)public_id, (void)internal;
    refuse(context, "it has a document type");
}

static err *parse(struct part *p, str xml) {
    p->parser = XML_ParserCreate(NULL);
    if (!p->parser)
        return err_new(ERR_IO, "Expat can't be set up");
    XML_SetUserData(p->parser, p);
    XML_SetElementHandler(p->parser, on_start, on_end);
    XML_SetCharacterDataHandler(p->parser, on_text);
    XML_SetStartDoctypeDeclHandler(p->parser, on_doctype);
    err *e = NULL;
    if (XML_Parse(p->parser, xml.at, (int)xml.len, 1) != XML_STATUS_OK)
        e = err_new(ERR_INPUT, "line %lu: %s", XML_GetCurrentLineNumber(p->parser),
                    p->fault ? p->fault : XML_ErrorString(XML_GetErrorCode(p->parser)));
    XML_ParserFree(p->parser);
    return e;
}

/* -- workbook -----------------------------------------------------------------------------------
 */

static err *parse_member(struct part *p, const struct zip *z, const struct zip_member *m,
                         uint64_t *limit) {
    struct buf xml = {0};
    err *e = zip_read(z, m, *limit, &xml);
    *limit -= e ? 0 : m->size;
    if (!e)
        e = parse(p, buf_str(&xml));
    buf_free(&xml);
    return err_wrap(e, "%.*s", (int)(m->name.len < 120 ? m->name.len : 120), m->name.at);
}

static bool is_sheet(str name) {
    return str_starts_nocase(name, STR("xl/worksheets/")) && str_ends_nocase(name, STR(".xml")) &&
           str_find(name, STR("_rels")) < 0;
}

/* The parts that sheets rest on come first. */
static err *read_parts(struct part *p, const struct zip *z, struct workbook *out) {
    static const char *const first[] = {"docProps/core.xml", "xl/sharedStrings.xml"};
    uint64_t limit = WORKBOOK_BYTES;
    for (size_t f = 0; f < sizeof first / sizeof *first; f++)
        for (size_t i = 0; i < z->count; i++)
            if (str_eq_nocase(z->members[i].name, str_from(first[f])))
                TRY(parse_member(p, z, &z->members[i], &limit));
    for (size_t i = 0; i < z->count; i++) {
        if (!is_sheet(z->members[i].name))
            continue;
        TRY(parse_member(p, z, &z->members[i], &limit));
        out->sheets[out->count++] = end_sheet(&p->rows, z->members[i].name);
    }
    out->modified = p->modified > 0 ? p->modified : 0;
    return out->count ? NULL
                      : err_new(ERR_INPUT, "the zip is no workbook: it has no xl/worksheets");
}

err *workbook_read(struct arena *a, str bytes, struct workbook *out) {
    struct zip z;
    *out = (struct workbook){0};
    TRY(zip_open(a, bytes, &z));
    struct part *p = mem_zalloc(1, sizeof *p);
    p->rows.memory = a;
    out->sheets = ARENA_ARRAY(a, struct sheet, z.count);
    err *e = read_parts(p, &z, out);
    buf_free(&p->rows.list);
    buf_free(&p->strings);
    buf_free(&p->text);
    free(p);
    return e;
}

/* -- CSV ----------------------------------------------------------------------------------------
 */

/* Takes one field off [rest], with the comma behind it; *ended when a line end or the text's end
 * came instead. */
static err *cut_field(str *rest, struct buf *out, bool *ended) {
    bool quoted = rest->len && rest->at[0] == '"';
    size_t i = quoted;
    out->len = 0;
    for (; i < rest->len; i++) {
        char c = rest->at[i];
        bool doubled = quoted && c == '"' && i + 1 < rest->len && rest->at[i + 1] == '"';
        if (doubled)
            i++;
        else if (quoted && c == '"')
            quoted = false;
        else if (!quoted && (c == ',' || c == '\n'))
            break;
        if (doubled || c != '"')
            buf_add_char(out, c);
    }
    if (quoted)
        return err_new(ERR_INPUT, "a quote is not closed");
    *ended = i == rest->len || rest->at[i] == '\n';
    i += i < rest->len;
    *rest = (str){rest->at + i, rest->len - i};
    return NULL;
}

static err *read_csv(struct rows *r, str rest, struct buf *field) {
    while (rest.len) {
        bool ended = false;
        for (size_t column = 0; !ended; column++) {
            err *e = cut_field(&rest, field, &ended);
            if (!e && column == SHEET_COLUMNS)
                e = err_new(ERR_INPUT, "over %d columns", SHEET_COLUMNS);
            if (e)
                return err_wrap(e, "row %zu", row_count(r) + 1);
            set_cell(r, column, str_trim(buf_str(field)));
        }
        end_row(r);
        if (row_count(r) > SHEET_ROWS)
            return err_new(ERR_INPUT, "over %d rows", SHEET_ROWS);
    }
    return NULL;
}

err *csv_sheet_read(struct arena *a, str bytes, struct sheet *out) {
    struct rows *r = mem_zalloc(1, sizeof *r);
    struct buf field = {0};
    r->memory = a;
    if (str_starts(bytes, STR("\xef\xbb\xbf")))
        bytes = (str){bytes.at + 3, bytes.len - 3};
    err *e = read_csv(r, bytes, &field);
    *out = end_sheet(r, STR("CSV"));
    buf_free(&field);
    free(r);
    return e;
}
