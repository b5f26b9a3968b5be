#include "collect/notice.h"

/* -- files --------------------------------------------------------------------------------------
 */

/* A run of dashes alone in its line parts the sections. */
static bool is_rule(str line) {
    size_t i = 0;
    while (i < line.len && line.at[i] == '-')
        i++;
    return i == line.len && i >= 20;
}

/* What stands from the start of [a] to the end of [b], both of one text. */
static str span(str a, str b) {
    return (str){a.at, (size_t)(b.at + b.len - a.at)};
}

/* The labels of the head, and where their values go. */
static str *value_of(struct notice *n, str label, str *id, str *created, str *issued) {
    const struct {
        str label, *value;
    } heads[] = {
        {STR("Creation Date"), created},   {STR("Notice ID"), id},
        {STR("Notice Type ID"), &n->type}, {STR("Notice Type Description"), &n->type_description},
        {STR("Issue Date"), issued},       {STR("External Reference"), &n->external_reference},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (str_eq_nocase(label, heads[i].label))
            return heads[i].value;
    return NULL;
}

/* "03/08/2026     14:17:17", or a date alone. */
static bool read_time(str text, aest_us *out) {
    str rest = str_trim(text), day = str_cut(&rest, '/'), month = str_cut(&rest, '/'),
        year = str_cut(&rest, ' '), clock = str_trim(rest);
    uint64_t y, m, d, part[3] = {0};
    aest_day date;
    if (!str_to_u64(day, &d) || !str_to_u64(month, &m) || !str_to_u64(year, &y) || y > 2200 ||
        m > 12 || d > 31 || !aest_day_from_date((int)y, (int)m, (int)d, &date))
        return false;
    for (int i = 0; i < 3 && clock.len; i++) {
        str number = str_cut(&clock, ':');
        if (!str_to_u64(number, &part[i]) || part[i] > (i ? 59 : 23))
            return false;
    }
    *out = date * AEST_DAY + (aest_us)(part[0] * 3600 + part[1] * 60 + part[2]) * AEST_SECOND;
    return clock.len == 0 && *out > 0;
}

static err *check_head(struct notice *n, str id, str created, str issued) {
    if (!str_to_u64(id, &n->id) || n->id == 0 || n->id > INT64_MAX)
        return err_new(ERR_INPUT, "the notice's id is '%.*s', not a number",
                       (int)(id.len < 40 ? id.len : 40), id.at);
    if (n->type.len == 0)
        return err_new(ERR_INPUT, "the notice has no type");
    if (!read_time(created, &n->created))
        return err_new(ERR_INPUT, "the notice's creation date is '%.*s', not DD/MM/YYYY HH:MM:SS",
                       (int)(created.len < 40 ? created.len : 40), created.at);
    if (issued.len && !read_time(issued, &n->issued))
        return err_new(ERR_INPUT, "the notice's issue date is '%.*s', not DD/MM/YYYY",
                       (int)(issued.len < 40 ? issued.len : 40), issued.at);
    return NULL;
}

/* Reads the head up to the line "Reason :", which it takes off [rest]. */
static err *read_head(str *rest, struct notice *n) {
    str id = {0}, created = {0}, issued = {0}, *last = NULL;
    while (rest->len) {
        str line = str_trim(str_cut(rest, '\n')), value = line, label = str_cut(&value, ':');
        label = str_trim(label);
        if (str_eq_nocase(label, STR("Reason")) && str_trim(value).len == 0)
            return check_head(n, id, created, issued);
        str *known = label.len < line.len ? value_of(n, label, &id, &created, &issued) : NULL;
        if (known) {
            *known = str_trim(value);
            last = known;
        } else if (is_rule(line)) {
            last = NULL;
        } else if (line.len && last == &n->external_reference) {
            *last = last->len ? span(*last, line) : line;
        }
    }
    return err_new(ERR_INPUT, "this is no market notice: it gives no reason");
}

/* The reason ends at the last "END OF REPORT", which stands between rules. */
static err *read_reason(str rest, struct notice *n) {
    str before = {0}, end = {0};
    bool ended = false;
    n->reason = (str){rest.at, 0};
    for (str at = rest; at.len;) {
        str line = str_cut(&at, '\n'), text = str_trim(line);
        if (str_eq(text, STR("END OF REPORT")) && is_rule(before)) {
            ended = true;
            end = before;
        }
        if (text.len)
            before = text;
    }
    if (!ended)
        return err_new(ERR_INPUT, "the notice has no END OF REPORT: it is cut short");
    n->reason = str_trim((str){rest.at, (size_t)(end.at - rest.at)});
    return NULL;
}

err *notice_parse(str bytes, struct notice *out) {
    *out = (struct notice){.text = bytes};
    if (bytes.len > NOTICE_BYTES)
        return err_new(ERR_INPUT, "a notice of %zu bytes, where %d are the most", bytes.len,
                       NOTICE_BYTES);
    if (bytes.len && memchr(bytes.at, 0, bytes.len))
        return err_new(ERR_INPUT, "this is no market notice: it isn't text");
    str rest = bytes;
    TRY(read_head(&rest, out));
    return read_reason(rest, out);
}

/* -- rows ---------------------------------------------------------------------------------------
 */

static str field(struct arena *a, const struct mms_row *row, const char *name) {
    int column = mms_column(row->table, str_from(name));
    str text = column < 0 ? (str){0} : mms_field(row, column);
    return text.len ? mms_unquote(a, text) : (str){0};
}

err *notice_from_row(struct arena *a, const struct mms_row *row, struct notice *out) {
    str created = field(a, row, "EFFECTIVEDATE");
    *out = (struct notice){.type = field(a, row, "TYPEID"),
                           .external_reference = field(a, row, "EXTERNALREFERENCE"),
                           .reason = str_trim(field(a, row, "REASON"))};
    if (!str_to_u64(field(a, row, "NOTICEID"), &out->id) || out->id == 0 || out->id > INT64_MAX)
        return err_new(ERR_INPUT, "line %llu: NOTICEID is no number",
                       (unsigned long long)row->line);
    if (!aest_parse_mms(created, &out->created) || out->created <= 0)
        return err_new(ERR_INPUT, "line %llu: EFFECTIVEDATE is no date and time",
                       (unsigned long long)row->line);
    aest_us day = out->created / AEST_DAY;
    out->issued = day * AEST_DAY;
    return NULL;
}

void notice_put(struct records *r, const struct notice *n) {
    records_put(r, (const struct record_value[]){
                       [NOTICE_ID] = record_integer((int64_t)n->id),
                       [NOTICE_TYPE] = record_text(n->type),
                       [NOTICE_DESCRIPTION] = record_text(n->type_description),
                       [NOTICE_CREATED] = record_integer(n->created),
                       [NOTICE_ISSUED] = {.there = n->issued > 0, .integer = n->issued},
                       [NOTICE_REFERENCE] = record_text(n->external_reference),
                       [NOTICE_REASON] = record_text(n->reason),
                       [NOTICE_TEXT] = record_text(n->text),
                       [NOTICE_CHANGED] = record_integer(n->created),
                   });
}
