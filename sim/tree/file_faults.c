#include "sim/tree/file_faults.h"

#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum { FILE_FAULTS_STREAM = SIM_STREAMS_FILE_FAULTS };
enum draw { DRAW_TABLE, DRAW_FIRST_HOUR, DRAW_HOURS };

/* A walk over a file's lines that writes them to [out], those of one table as a fault wants them.
 */
struct edit {
    const struct sim_publication *p;
    struct buf out;
    struct buf after; /* lines that follow the table */
    int64_t lines;
    int column; /* of the table: where something changes, counted from the first field */
};

static void add_line(struct edit *e, str line) {
    buf_add_str(&e->out, line);
    buf_add(&e->out, "\r\n", 2);
    e->lines++;
}

static bool is_header(str line) {
    return str_starts(line, STR("I,"));
}

/* Where field [n] of a line begins; the line's end when it has no such field. A quote within a
 * quoted field is doubled, which this needs no thought for. */
static size_t field_at(str line, int n) {
    bool quoted = false;
    size_t at = 0;
    for (; at < line.len && n > 0; at++) {
        if (line.at[at] == '"')
            quoted = !quoted;
        else if (line.at[at] == ',' && !quoted)
            n--;
    }
    return at;
}

/* The line with the bytes from [at] to [end] replaced. */
static void add_changed(struct edit *e, str line, size_t at, size_t end, str by) {
    buf_add(&e->out, line.at, at);
    buf_add_str(&e->out, by);
    add_line(e, (str){line.at + end, line.len - end});
}

/* -- what becomes of each line of the table, by fault ----------------------------------------- */

static void leave_out_row(struct edit *e, str line) {
    if (is_header(line))
        add_line(e, line);
}

static void put_in_column(struct edit *e, str line) {
    bool header = is_header(line);
    if (header)
        for (e->column = 6; field_at(line, 2 * e->column - 4) < line.len; e->column++)
            ;
    size_t at = field_at(line, e->column);
    add_changed(e, line, at, at, header ? STR("RESERVED_1,") : STR("0,"));
}

static void say_again_as_version(struct edit *e, str line) {
    uint64_t version = 0;
    size_t at = field_at(line, 3), end = field_at(line, 4);
    add_line(e, line);
    str_to_u64((str){line.at + at, end - 1 - at}, &version);
    buf_add(&e->after, line.at, at);
    buf_printf(&e->after, "%llu", (unsigned long long)version + 1);
    buf_add(&e->after, line.at + end - 1, line.len - end + 1);
    buf_add(&e->after, "\r\n", 2);
    e->lines++;
}

static int column_named(str header, str name) {
    int n = 0;
    for (; header.len; n++)
        if (str_eq(str_cut(&header, ','), name))
            return n;
    return -1;
}

static void change_later(struct edit *e, str line) {
    char text[AEST_TEXT];
    if (is_header(line))
        e->column = column_named(line, STR("LASTCHANGED"));
    size_t at = e->column < 0 ? line.len : field_at(line, e->column) + 1;
    if (is_header(line) || at >= line.len || line.at[at - 1] != '"') {
        add_line(e, line);
        return;
    }
    str stamp = str_from(aest_format_mms(e->p->created - AEST_SECOND, text));
    add_changed(e, line, at, at + stamp.len, stamp);
}

/* Once, before the first row. */
static void add_unit(struct edit *e, str line) {
    if (is_header(line)) {
        e->column = column_named(line, STR("DUID"));
    } else if (e->column > 0) {
        size_t at = field_at(line, e->column);
        add_changed(e, line, at, field_at(line, e->column + 1) - 1, STR("NEWUNIT1"));
        e->column = 0;
    }
    add_line(e, line);
}

static void (*const changes[SIM_FAULTS])(struct edit *e, str line) = {
    [SIM_EMPTY] = leave_out_row,
    [SIM_NEW_COLUMN] = put_in_column,
    [SIM_VERSION] = say_again_as_version,
    [SIM_REVISED] = change_later,
    [SIM_NEW_DUID] = add_unit,
};

static str cut_line(str *rest) {
    str line = str_cut(rest, '\n');
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

static void end_table(struct edit *e) {
    buf_add_str(&e->out, buf_str(&e->after));
    e->after.len = 0;
}

/* [chosen] is a table's number from 0; -1: all of them. */
static void edit_csv(const struct sim_publication *p, enum sim_fault fault, int chosen,
                     struct buf *csv) {
    struct edit e = {.p = p};
    str rest = buf_str(csv);
    for (int table = -1; rest.len;) {
        str line = cut_line(&rest);
        if (line.at[0] != 'D')
            end_table(&e);
        table += is_header(line);
        if (str_starts(line, STR("C,\"END")))
            buf_printf(&e.out, "C,\"END OF REPORT\",%lld\r\n",
                       (long long)e.lines + 1 + (fault == SIM_FOOTER));
        else if (changes[fault] && table >= 0 && (chosen < 0 || table == chosen))
            changes[fault](&e, line);
        else
            add_line(&e, line);
    }
    buf_free(csv);
    buf_free(&e.after);
    *csv = e.out;
}

static double draw(const struct sim_tree *t, enum draw d, aest_us time) {
    struct noise n = {t->faults.seed, (uint64_t)FILE_FAULTS_STREAM << 40 | d};
    return noise_uniform(n, time / AEST_SECOND);
}

static int count_tables(const struct buf *csv) {
    int tables = 0;
    for (str rest = buf_str(csv); rest.len;)
        tables += is_header(cut_line(&rest));
    return tables;
}

/* One to six hours of the day. */
static bool new_unit_reports(const struct sim_tree *t, const struct sim_publication *p) {
    char date[SIM_DIGITS];
    aest_us day = p->time - p->time % AEST_DAY, hour = 60 * AEST_MINUTE;
    if (p->report->tables[0] != &sim_dispatch_unit_scada)
        return false;
    sim_format_digits(p->time, 8, date);
    aest_us from = day + (aest_us)(draw(t, DRAW_FIRST_HOUR, day) * 18) * hour;
    aest_us to = from + (1 + (aest_us)(draw(t, DRAW_HOURS, day) * 6)) * hour;
    return sim_fault_hits(&t->faults, SIM_NEW_DUID, str_from(date), 0) && p->time > from &&
           p->time <= to;
}

void sim_file_faults(const struct sim_tree *t, const struct sim_publication *p, struct buf *csv) {
    if (new_unit_reports(t, p))
        edit_csv(p, SIM_NEW_DUID, 0, csv);
    if (p->fault == SIM_FAULTS)
        return;
    int table = (int)(draw(t, DRAW_TABLE, p->time) * count_tables(csv));
    edit_csv(p, p->fault, p->fault == SIM_REVISED ? -1 : table, csv);
}
