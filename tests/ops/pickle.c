#include "ops/pickle_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "market/registry.h"
#include "ops/earlier.h"
#include "support/check.h"

/* Pickles of this pandas, and those kept among the fuzzer's seeds, which are there without one. */
struct room {
    char *own; /* NULL: there is no pandas */
    struct arena memory;
};

static int open_room(void **state) {
    struct room *r = mem_zalloc(1, sizeof *r);
    r->own = temporary_folder();
    const char *command =
        arena_printf(&r->memory, "/usr/bin/python3 '%s/tests/ops/pickles.py' '%s' 2>/dev/null",
                     NEMD_ROOT, r->own);
    if (system(command)) { // NOLINT(cert-env33-c): a test's own script
        printf("there is no pandas for /usr/bin/python3: its pickles are left out\n");
        remove_folder(r->own);
        r->own = NULL;
    }
    *state = r;
    return 0;
}

static int close_room(void **state) {
    struct room *r = *state;
    if (r->own)
        remove_folder(r->own);
    arena_free(&r->memory);
    free(r);
    return 0;
}

/* Calls [look] with each pickle whose name begins so; at least [few] times. */
typedef void looking(struct arena *a, const char *name, str bytes);

static int look_in(struct arena *a, const char *folder, const char *prefix, looking *look) {
    struct file_entry *files;
    size_t count;
    int seen = 0;
    assert_ok(file_list(a, folder, &files, &count));
    for (size_t i = 0; i < count; i++) {
        struct buf bytes = {0};
        if (!str_starts(files[i].name, str_from(prefix)))
            continue;
        assert_ok(file_read(arena_printf(a, "%s/%.*s", folder, STR_ARG(files[i].name)),
                            PICKLE_BYTES, &bytes));
        look(a, str_dup(a, files[i].name), buf_str(&bytes));
        buf_free(&bytes);
        seen++;
    }
    return seen;
}

static void look_at_all(const struct room *r, const char *prefix, int few, looking *look) {
    struct arena a = {0};
    assert_true(look_in(&a, NEMD_ROOT "/tests/fuzz/seeds/pickle", prefix, look) >= few);
    if (r->own)
        assert_true(look_in(&a, r->own, prefix, look) >= few);
    arena_free(&a);
}

/* -- tables -------------------------------------------------------------------------------------
 */

static const char *const names[] = {"Region",       "Site Name",    "Owner", "DUID",
                                    "Capacity(MW)", "Storage(MWh)", "Fuel"};
static const char *const rows[3][7] = {
    {"NSW1", "Bayswater", "AGL", "BW01", "660", NULL, "Coal"},
    {"SA1", "Hornsdale", "Neoen", "HPR1", "150.5", "193.5", "Battery Storage"},
    {"VIC1", "C\xc3\xb4te", NULL, "XX1", NULL, "2", "Wind"},
};

static void is_the_table(struct arena *a, const char *name, str bytes) {
    const struct py *root;
    struct py_table t;
    printf("%s\n", name);
    assert_ok(pickle_read(a, bytes, &root));
    assert_ok(py_table_read(a, root, &t));
    assert_int_equal(t.rows, 3);
    assert_int_equal(t.count, 7);
    for (size_t row = 0; row < 3; row++)
        for (size_t c = 0; c < 7; c++) {
            const struct py_column *column = py_table_column(&t, names[c]);
            assert_non_null(column);
            const struct py *v = py_table_cell(column, a, row);
            const char *wanted = rows[row][c];
            double number;
            str text;
            if (!wanted)
                assert_true(py_missing(v));
            else if (py_text(v, &text))
                assert_string_equal(str_dup(a, text), wanted);
            else {
                assert_true(py_number(v, &number));
                assert_true(number == atof(wanted));
            }
        }
}

static void a_table_is_the_same_in_every_layout(void **state) {
    look_at_all(*state, "gen-", 4, is_the_table);
}

/* -- alerts and other values --------------------------------------------------------------------
 */

static void is_the_state(struct arena *a, const char *name, str bytes) {
    struct earlier_alert alerts[EARLIER_ALERTS];
    size_t count;
    char text[AEST_TEXT];
    printf("%s\n", name);
    assert_ok(earlier_alerts_read(a, bytes, alerts, &count));
    assert_int_equal(count, 3);
    assert_string_equal(str_dup(a, alerts[0].region), "NSW1");
    assert_true(alerts[0].is_high && alerts[0].has_since);
    assert_string_equal(aest_format_iso(alerts[0].since, text), "2025-07-20T18:05:00+10:00");
    assert_true(alerts[0].last_price == 1250.5);
    assert_false(alerts[1].is_high || alerts[1].has_since);
    assert_true(alerts[1].last_price == 0);
    assert_int_equal(alerts[2].since - alerts[0].since, 3 * AEST_SECOND + 250);
    assert_true(alerts[2].last_price == -12.5);
}

static void alerts_of_regions(void **state) {
    look_at_all(*state, "state-", 2, is_the_state);
}

static void is_the_misc(struct arena *a, const char *name, str bytes) {
    const struct py *root;
    aest_us t, day;
    bool has_zone;
    int64_t n;
    double x;
    printf("%s\n", name);
    assert_ok(pickle_read(a, bytes, &root));
    assert_int_equal(py_get(root, "set")->kind, PY_SET);
    assert_int_equal(py_get(root, "frozen")->kind, PY_SET);
    assert_int_equal(py_get(root, "tuple")->items.count, 4);
    assert_int_equal(py_item(py_item(py_get(root, "list"), 1), 0)->integer, 2);
    assert_int_equal(py_get(root, "bytes")->text.len, 3);
    assert_int_equal((unsigned char)py_get(root, "bytes")->text.at[1], 0xe4);
    assert_int_equal(py_get(root, "array")->kind, PY_BYTES);
    assert_true(py_integer(py_get(root, "big"), &n) && n == INT64_C(1) << 40);
    assert_true(py_integer(py_get(root, "small"), &n) && n == -5);
    assert_true(py_integer(py_get(root, "int32"), &n) && n == -7);
    assert_true(py_number(py_get(root, "bool"), &x) && x == 1);
    assert_true(py_missing(py_get(root, "nat")) && py_missing(py_get(root, "na")));
    assert_true(aest_parse_iso(STR("2025-01-01"), &day));
    assert_true(py_time(py_get(root, "date"), &t, &has_zone) && t == day + AEST_DAY && !has_zone);
    assert_true(py_time(py_get(root, "zoned"), &t, &has_zone) && t == day && has_zone);
    assert_true(py_time(py_get(root, "stamp"), &t, &has_zone) && has_zone);
    assert_int_equal(t, day + 600 * AEST_MINUTE);
    assert_true(py_time(py_get(root, "day"), &t, &has_zone) && t == day && !has_zone);
    assert_null(py_get(root, "nothing"));
}

static void values_of_every_kind(void **state) {
    look_at_all(*state, "misc-", 1, is_the_misc);
}

/* -- units --------------------------------------------------------------------------------------
 */

static const char *fact_value(const struct records *said, struct arena *a, const char *duid,
                              const char *name) {
    for (size_t i = 0; i < said->count; i++) {
        struct fact f = fact_of(said->rows[i]);
        if (str_eq(f.duid, str_from(duid)) && str_eq(f.name, str_from(name)))
            return str_dup(a, f.value);
    }
    return NULL;
}

static void are_the_units(struct arena *a, const char *name, str bytes) {
    struct records said;
    struct earlier_units found;
    records_init(&said, UNIT_FACTS);
    assert_ok(earlier_units_read(bytes, name, AEST_DAY, &said, &found));
    assert_int_equal(found.rows, 3);
    assert_int_equal(found.units, 3);
    assert_int_equal(found.refused, 0);
    assert_int_equal(found.facts, said.count);
    assert_string_equal(fact_value(&said, a, "BW01", "fuel"), "Black coal");
    assert_string_equal(fact_value(&said, a, "HPR1", "fuel"), "Battery");
    assert_string_equal(fact_value(&said, a, "HPR1", "storage_mwh"), "193.5");
    assert_null(fact_value(&said, a, "BW01", "storage_mwh"));
    assert_null(fact_value(&said, a, "XX1", "owner"));
    assert_string_equal(fact_value(&said, a, "XX1", "station"), "C\xc3\xb4te");
    records_free(&said);
}

static void units_become_facts(void **state) {
    look_at_all(*state, "gen-", 4, are_the_units);
}

/* The earlier system's word counts where nobody else says anything. */
static void others_are_believed_before_the_earlier_system(void **state) {
    struct records said, units;
    (void)state;
    records_init(&said, UNIT_FACTS);
    records_init(&units, UNITS);
    struct fact f = {.duid = STR("AA1"),
                     .name = STR("fuel"),
                     .source = FACT_EARLIER,
                     .from = FACT_ALWAYS,
                     .to = FACT_OPEN,
                     .value = STR("Wind"),
                     .origin = STR("earlier"),
                     .lastchanged = 2 * AEST_DAY};
    assert_ok(registry_say(&said, f));
    f.name = STR("owner"), f.value = STR("Then");
    assert_ok(registry_say(&said, f));
    f.source = FACT_MMSDM, f.value = STR("Now"), f.lastchanged = AEST_DAY;
    assert_ok(registry_say(&said, f));
    f.name = STR("energy_source"), f.value = STR("Solar");
    assert_ok(registry_say(&said, f));
    f.duid = STR("AA2"), f.name = STR("fuel"), f.source = FACT_EARLIER, f.value = STR("Water");
    assert_ok(registry_say(&said, f));
    facts_settle(&said);
    registry_build(&said, &units);
    assert_int_equal(units.count, 2);
    assert_true(str_eq(units.rows[0]->values[UNIT_FUEL].text, STR("Solar")));
    assert_true(str_eq(units.rows[0]->values[UNIT_OWNER].text, STR("Now")));
    assert_true(str_eq(units.rows[1]->values[UNIT_FUEL].text, STR("Water")));
    records_free(&said);
    records_free(&units);
}

/* -- hostile ------------------------------------------------------------------------------------
 */

static void refused(const void *bytes, size_t size, const char *part) {
    struct arena a = {0};
    const struct py *root;
    assert_err(pickle_read(&a, (str){bytes, size}, &root), ERR_INPUT, part);
    arena_free(&a);
}
#define REFUSED(bytes, part) refused(bytes, sizeof(bytes) - 1, part)

static void names_that_are_no_data(void **state) {
    (void)state;
    REFUSED("\x80\x02"
            "cos\nsystem\n(X\x02\0\0\0lstR.",
            "os.system");
    REFUSED("\x80\x04\x8c\x08"
            "builtins\x8c\x04"
            "eval\x93.",
            "builtins.eval");
    REFUSED("\x80\x02"
            "cpandas.io.pickle\nloads\n.",
            "pandas.io.pickle.loads");
    REFUSED("\x80\x02"
            "c\xff\xff\nx\n.",
            "no part of");
    REFUSED("\x80\x02"
            "K\x01)R.",
            "can't be called");
    REFUSED("\x80\x02"
            "K\x01}b.",
            "state");
    REFUSED("\x80\x02"
            "Q.",
            "outside");
    REFUSED("\x80\x05\x97.", "outside");
    REFUSED("\x80\x02"
            "I12\n.",
            "0x49");
}

static void what_is_cut_short_or_senseless(void **state) {
    (void)state;
    REFUSED("", "no pickle");
    REFUSED("PAR1", "no pickle");
    REFUSED("\x80\x01N.", "protocol 1");
    REFUSED("\x80\x06N.", "protocol 6");
    REFUSED("\x80\x02N", "cut short");
    REFUSED("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.", "cut short");
    REFUSED("\x80\x02X\xff\xff\xff\xff.", "cut short");
    REFUSED("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "cut short");
    REFUSED("\x80\x02\x8b\xff\xff\xff\x7f.", "cut short");
    REFUSED("\x80\x02\x8a\x09\1\1\1\1\1\1\1\1\1.", "64 bits");
    REFUSED("\x80\x02Nr\xff\xff\xff\xff.", "memo");
    REFUSED("\x80\x02j\x00\x00\x00\x01.", "memo");
    REFUSED("\x80\x02.", "nothing to work on");
    REFUSED("\x80\x02NN.", "more than one");
    REFUSED("\x80\x02(.", "nothing to work on");
    REFUSED("\x80\x02t.", "no mark");
    REFUSED("\x80\x02}(K\x01u.", "without a value");
    REFUSED("\x80\x02NNa.", "can't have any");
    REFUSED("\x80\x02X\x02\0\0\0\xff\xff.", "UTF-8");
}

static void deep_nesting_and_cycles(void **state) {
    struct buf deep = {0}, cycle = {0};
    struct arena a = {0};
    const struct py *root;
    (void)state;
    buf_add_str(&deep, STR("\x80\x02)"));
    for (int i = 0; i < 100000; i++)
        buf_add_char(&deep, '\x85');
    buf_add_char(&deep, '.');
    refused(deep.at, deep.len, "nested");
    buf_free(&deep);
    /* a list in itself is no harm: nobody walks it to its end */
    buf_add(&cycle, "\x80\x02]q\0h\0a.", 9);
    assert_ok(pickle_read(&a, buf_str(&cycle), &root));
    assert_ptr_equal(py_item(root, 0), root);
    struct earlier_alert alerts[EARLIER_ALERTS];
    size_t count;
    assert_err(earlier_alerts_read(&a, buf_str(&cycle), alerts, &count), ERR_INPUT, "no dict");
    buf_free(&cycle);
    arena_free(&a);
}

/* Every prefix of a good pickle is an error, and none reads past its end. */
static void is_refused_when_cut(struct arena *a, const char *name, str bytes) {
    (void)name;
    for (size_t len = 0; len < bytes.len; len += 1 + len / 64) {
        const struct py *root;
        char *copy = malloc(len ? len : 1);
        memcpy(copy, bytes.at, len);
        err *e = pickle_read(a, (str){copy, len}, &root);
        assert_non_null(e);
        err_free(e);
        free(copy);
    }
}

static void every_cut(void **state) {
    look_at_all(*state, "gen-", 4, is_refused_when_cut);
}

/* -- records ------------------------------------------------------------------------------------
 */

static void records_in_json(void **state) {
    char *folder = temporary_folder();
    struct arena a = {0};
    struct duck duck = {0};
    struct earlier_record found[EARLIER_RECORDS];
    size_t count;
    const char *path = arena_printf(&a, "%s/it's.json", folder);
    (void)state;
    assert_ok(file_write_atomic(
        path, STR("{\"all_time\": {\"value\": 78.7, \"timestamp\": \"2025-10-11T12:30:00\"},"
                  " \"hourly\": {\"0\": {\"value\": 40.5, \"timestamp\": null}, \"23\": "
                  "{\"value\": 41}}}")));
    assert_ok(earlier_records_read(&duck, path, found, &count));
    assert_int_equal(count, 3);
    assert_int_equal(found[0].hour, -1);
    assert_true(found[0].percent == 78.7 && found[0].has_at);
    assert_true(found[1].hour == 0 && !found[1].has_at);
    assert_true(found[2].hour == 23 && found[2].percent == 41);
    static const str wrong[] = {
        {"no json", 7},
        {"{\"all_time\": {\"value\": 101}}", 28},
        {"{\"all_time\": 3}", 15},
        {"{\"all_time\": {\"value\": 3}, \"hourly\": {\"24\": {\"value\": 3}}}", 59}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_ok(file_write_atomic(path, wrong[i]));
        assert_err(earlier_records_read(&duck, path, found, &count), ERR_INPUT, "");
    }
    duck_close(&duck);
    arena_free(&a);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_the_same_in_every_layout),
        cmocka_unit_test(alerts_of_regions),
        cmocka_unit_test(values_of_every_kind),
        cmocka_unit_test(units_become_facts),
        cmocka_unit_test(others_are_believed_before_the_earlier_system),
        cmocka_unit_test(names_that_are_no_data),
        cmocka_unit_test(what_is_cut_short_or_senseless),
        cmocka_unit_test(deep_nesting_and_cycles),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(records_in_json),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
