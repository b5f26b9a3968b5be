#include "store/parquet.h"

#include <stdio.h>

#include "base/file.h"
#include "support/check.h"

enum { DAYS = 30 };

struct fixture {
    char *folder;
    struct arena memory;
    const char *path;
    struct duck duck;
    aest_day first;
};

static void begin(struct fixture *x) {
    *x = (struct fixture){.folder = temporary_folder()};
    x->path = arena_printf(&x->memory, "%s/rows.parquet", x->folder);
    assert_true(aest_day_from_date(2030, 6, 1, &x->first));
}

static void end(struct fixture *x) {
    duck_close(&x->duck);
    arena_free(&x->memory);
    remove_folder(x->folder);
}

/* Doubles that files must keep to the last bit. */
static const double odd_numbers[] = {0.0,    -0.0,   1e308,     -1e308,   5e-324, -5e-324,
                                     -81.75, 0.0001, 1.0 / 3.0, 15500.00, -1000,  123456789.123456};

static cell random_cell(struct random *r, struct frame *f, const struct column *c) {
    char text[80];
    uint64_t dice = random_next(r);
    if (!c->required && dice % 4 == 0)
        return CELL_MISSING;
    switch (c->type) {
    case COLUMN_TEXT:
        snprintf(text, sizeof text, "%s%0*d", dice % 5 ? "" : "é'\"\n", dice % 97 ? 1 : 70,
                 (int)(dice / 8 % 50));
        return frame_text(f, str_from(text));
    case COLUMN_INTEGER:
        return cell_from_double((double)((int64_t)(dice / 8 % UINT32_MAX) + INT32_MIN));
    case COLUMN_DOUBLE:
        break;
    }
    if (dice % 3)
        return cell_from_double(odd_numbers[dice / 8 % (sizeof odd_numbers / sizeof(double))]);
    return cell_from_double((double)(int64_t)dice / 1e9);
}

static void put_random(struct random *r, struct frame *f, int keys, int one_in) {
    const struct dataset *d = f->dataset;
    for (int k = 0; k < keys; k++)
        for (int slot = 0; slot < f->slots; slot++) {
            struct frame_change change = {0};
            cell columns[DATASET_COLUMNS] = {CELL_MISSING};
            char name[24], room[64];
            if (random_next(r) % (uint64_t)one_in)
                continue;
            snprintf(name, sizeof name, "K%d", (k * 7919) % keys);
            str key = d->horizon_step ? forecast_key(room, str_from(name), k % 3) : str_from(name);
            for (int c = 0; c < f->columns; c++)
                columns[c] = random_cell(r, f, &d->columns[c]);
            aest_us version = interval_to_aest(frame_interval(f, slot)) + slot % 7 + 1;
            frame_put(f, frame_key(f, key), slot, 0, version, columns, &change);
        }
}

static void check_round_trip(struct fixture *x, const struct frames *f) {
    struct frames back;
    struct file_stamp stamp;
    frames_init(&back, f->day->dataset, f->first, f->count);
    assert_ok(parquet_write(f, x->path));
    assert_ok(parquet_read(&x->duck, x->path, &back, false, &stamp));
    for (int i = 0; i < f->count; i++)
        assert_true(frame_equal(&f->day[i], &back.day[i]));
    frames_free(&back);
}

static void rows_of_every_dataset_survive(void **state) {
    (void)state;
    struct random r = {20300601};
    struct fixture x;
    begin(&x);
    for (int d = 0; d < DATASETS; d++)
        for (int keys = 1; keys <= 40; keys *= 6) {
            struct frames f;
            frames_init(&f, &datasets[d], x.first, 3);
            for (int i = 0; i < f.count; i++)
                put_random(&r, &f.day[i], keys, 1 + i);
            check_round_trip(&x, &f);
            frames_free(&f);
        }
    end(&x);
}

static void a_file_without_rows_is_a_file(void **state) {
    (void)state;
    struct fixture x;
    struct frames f;
    begin(&x);
    frames_init(&f, &datasets[SCADA5], x.first, 1);
    check_round_trip(&x, &f);
    frames_free(&f);
    end(&x);
}

/* The first number of the first row. */
static err *take_number(void *context, duckdb_data_chunk chunk) {
    *(int64_t *)context =
        *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    return NULL;
}

static int64_t ask(struct fixture *x, const char *format) {
    int64_t answer = -1;
    assert_ok(duck_each(&x->duck, arena_printf(&x->memory, format, x->path, x->path), take_number,
                        &answer));
    return answer;
}

/* A month of 60 units: two full row groups and one that isn't. */
static void fill_month(struct frames *f) {
    struct random r = {5};
    for (int i = 0; i < f->count; i++)
        put_random(&r, &f->day[i], 60, 1);
}

static void a_month_is_sorted_and_in_row_groups_that_tell_what_they_hold(void **state) {
    (void)state;
    struct fixture x;
    struct frames f;
    begin(&x);
    frames_init(&f, &datasets[SCADA5], x.first, DAYS);
    fill_month(&f);
    check_round_trip(&x, &f);
    assert_int_equal(ask(&x, "SELECT count(*) FROM read_parquet('%s')"), 60 * 288 * DAYS);
    assert_int_equal(ask(&x, "SELECT count(DISTINCT row_group_id) FROM parquet_metadata('%s') "
                             "WHERE row_group_num_rows = 245760"),
                     2);
    assert_int_equal(ask(&x, "SELECT num_row_groups FROM parquet_file_metadata('%s')"), 3);
    assert_int_equal(
        ask(&x, "SELECT count(*) FROM (SELECT duid, settlementdate, lag(duid) OVER (ORDER BY "
                "file_row_number) AS d, lag(settlementdate) OVER (ORDER BY file_row_number) AS t "
                "FROM read_parquet('%s', file_row_number = true)) "
                "WHERE d > duid OR (d = duid AND t >= settlementdate)"),
        0);
    /* bounds and counts of each chunk against its rows */
    assert_int_equal(
        ask(&x, "SELECT count(*) FROM (SELECT file_row_number // 245760 AS g, min(duid) AS a, "
                "max(duid) AS b, "
                "min(settlementdate) AS c, max(lastchanged) AS d, min(scadavalue) AS e, "
                "max(scadavalue) AS f "
                "FROM read_parquet('%s', file_row_number = true) GROUP BY 1) r "
                "JOIN parquet_metadata('%s') m ON m.row_group_id = r.g "
                "WHERE (path_in_schema = 'duid' AND stats_min_value = a AND stats_max_value = b) "
                "OR (path_in_schema = 'settlementdate' AND stats_min_value::TIMESTAMP = c) "
                "OR (path_in_schema = 'lastchanged' AND stats_max_value::TIMESTAMP = d) "
                "OR (path_in_schema = 'scadavalue' AND stats_min_value::DOUBLE = e AND "
                "stats_max_value::DOUBLE = f)"),
        12);
    frames_free(&f);
    end(&x);
}

static void the_bytes_do_not_depend_on_how_keys_and_texts_are_numbered(void **state) {
    (void)state;
    struct fixture x;
    struct buf first = {0}, second = {0};
    begin(&x);
    for (int way = 0; way < 2; way++) {
        struct frames f, other;
        struct frame_change change = {0};
        struct random r = {77};
        frames_init(&f, &datasets[TRANSMISSION5], x.first, 1);
        frames_init(&other, &datasets[TRANSMISSION5], x.first, 1);
        if (way == 1) { /* numbers are given the other way round */
            for (int k = 99; k >= 0; k--)
                frame_text(other.day, str_from(arena_printf(&x.memory, "%d", k)));
            frame_key(other.day, STR("K9"));
        }
        put_random(&r, f.day, 12, 1);
        frame_merge(other.day, f.day, &change);
        assert_ok(parquet_write(&other, x.path));
        assert_ok(file_read(x.path, 1 << 24, way ? &second : &first));
        frames_free(&f);
        frames_free(&other);
    }
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.at, second.at, first.len);
    buf_free(&first);
    buf_free(&second);
    end(&x);
}

static void a_path_that_cannot_be_written_is_an_error_of_this_machine(void **state) {
    (void)state;
    struct fixture x;
    struct frames f;
    begin(&x);
    frames_init(&f, &datasets[SCADA5], x.first, 1);
    assert_err(parquet_write(&f, arena_printf(&x.memory, "%s/none/x.parquet", x.folder)), ERR_IO,
               "can't write");
    if (file_exists("/dev/full"))
        assert_err(parquet_write(&f, "/dev/full"), ERR_IO, "No space left");
    frames_free(&f);
    end(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_every_dataset_survive),
        cmocka_unit_test(a_file_without_rows_is_a_file),
        cmocka_unit_test(a_month_is_sorted_and_in_row_groups_that_tell_what_they_hold),
        cmocka_unit_test(the_bytes_do_not_depend_on_how_keys_and_texts_are_numbered),
        cmocka_unit_test(a_path_that_cannot_be_written_is_an_error_of_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
