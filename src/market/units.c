#include "market/units.h"

#include <math.h>

/* Where the columns of the table go. */
static const struct {
    int column;
    size_t member;
} texts[] =
    {
        {UNIT_DUID, offsetof(struct unit, duid)},
        {UNIT_REGION, offsetof(struct unit, region)},
        {UNIT_STATION, offsetof(struct unit, station)},
        {UNIT_OWNER, offsetof(struct unit, owner)},
        {UNIT_DISPATCH_TYPE, offsetof(struct unit, dispatch_type)},
        {UNIT_SCHEDULE_TYPE, offsetof(struct unit, schedule_type)},
        {UNIT_TECHNOLOGY, offsetof(struct unit, technology)},
        {UNIT_PREDECESSOR, offsetof(struct unit, predecessor)},
        {UNIT_SOURCES, offsetof(struct unit, sources)},
},
  numbers[] = {
      {UNIT_CAPACITY, offsetof(struct unit, capacity_mw)},
      {UNIT_REGISTERED, offsetof(struct unit, registered_mw)},
      {UNIT_LOAD, offsetof(struct unit, load_mw)},
      {UNIT_STORAGE, offsetof(struct unit, storage_mwh)},
      {UNIT_MLF, offsetof(struct unit, mlf)},
      {UNIT_DLF, offsetof(struct unit, dlf)},
      {UNIT_CO2E, offsetof(struct unit, co2e_factor)},
};

static const char *const dummies[] = {"DG_", "RT_", "DRX"};

bool unit_is_dummy(str duid) {
    for (size_t i = 0; i < sizeof dummies / sizeof *dummies; i++)
        if (str_starts(duid, str_from(dummies[i])))
            return true;
    return false;
}

static int sign_of(str duid, str dispatch_type) {
    if (unit_is_dummy(duid) || str_eq(dispatch_type, STR("DEMAND RESPONSE")))
        return 0;
    return str_eq(dispatch_type, STR("LOAD")) ? -1 : 1;
}

static struct unit unit_of(struct arena *a, const struct record_value *v) {
    struct unit u = {.is_registered = true};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct record_value *value = &v[texts[i].column];
        str text = value->there ? value->text : STR("");
        *(str *)(void *)((char *)&u + texts[i].member) = (str){str_dup(a, text), text.len};
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const struct record_value *value = &v[numbers[i].column];
        *(double *)(void *)((char *)&u + numbers[i].member) =
            value->there ? value->number : (double)NAN;
    }
    u.from = (aest_day)v[UNIT_FROM].integer;
    u.to = v[UNIT_TO].there ? (aest_day)v[UNIT_TO].integer : INT32_MAX;
    u.lastchanged = v[UNIT_CHANGED].integer;
    if (!v[UNIT_FUEL].there || !fuel_from_name(v[UNIT_FUEL].text, &u.fuel))
        u.fuel = FUEL_UNKNOWN;
    if (u.fuel == FUEL_UNKNOWN)
        u.guess = fuel_guess(u.duid);
    u.sign = sign_of(u.duid, u.dispatch_type);
    return u;
}

/* Rows of a unit follow each other: where each one's begin. */
static void number_units(struct units *u) {
    u->first = ARENA_ARRAY(&u->memory, size_t, u->count + 1);
    for (size_t i = 0; i < u->count; i++)
        if (i == 0 || !str_eq(u->rows[i].duid, u->rows[i - 1].duid))
            u->first[intern_add(&u->duids, u->rows[i].duid)] = i;
    u->first[u->duids.count] = u->count;
}

err *units_load(struct store *s, struct units *u) {
    struct arena a = {0};
    struct records rows;
    struct file_stamp stamp = file_stamp(records_path(s, &a, UNITS));
    arena_free(&a);
    if (file_stamp_eq(stamp, u->stamp))
        return NULL;
    err *e = records_read(s, UNITS, &rows);
    if (!e) {
        units_free(u);
        u->rows = ARENA_ARRAY(&u->memory, struct unit, rows.count);
        for (size_t i = 0; i < rows.count; i++)
            u->rows[u->count++] = unit_of(&u->memory, rows.rows[i]->values);
        number_units(u);
        u->stamp = stamp;
    }
    records_free(&rows);
    return e;
}

void units_free(struct units *u) {
    arena_free(&u->memory);
    intern_free(&u->duids);
    *u = (struct units){0};
}

/* -- one unit -----------------------------------------------------------------------------------
 */

static struct unit unregistered(str duid) {
    double none = (double)NAN;
    struct unit u = {.duid = duid,
                     .to = INT32_MAX,
                     .capacity_mw = none,
                     .registered_mw = none,
                     .load_mw = none,
                     .storage_mwh = none,
                     .mlf = none,
                     .dlf = none,
                     .co2e_factor = none};
    const struct public_fact *known = public_fact_of(duid);
    if (known) {
        u.fuel = known->fuel;
        u.technology = str_from(known->technology);
        u.dispatch_type = str_from(known->dispatch_type);
    } else if (unit_is_dummy(duid)) {
        u.fuel = FUEL_OTHER;
    } else {
        u.guess = fuel_guess(duid);
    }
    u.sign = sign_of(duid, u.dispatch_type);
    return u;
}

const struct unit *units_row(const struct units *u, str duid, aest_day day) {
    int64_t number = intern_find(&u->duids, duid);
    if (number == INTERN_NONE)
        return NULL;
    size_t row = u->first[number], end = u->first[number + 1];
    while (row + 1 < end && u->rows[row + 1].from <= day)
        row++;
    return &u->rows[row];
}

struct unit units_find(const struct units *u, str duid, aest_day day) {
    const struct unit *row = units_row(u, duid, day);
    return row ? *row : unregistered(duid);
}

int unit_sign(const struct units *u, str duid, aest_day day) {
    return units_find(u, duid, day).sign;
}

aest_day unit_sign_since(const struct units *u, str duid, aest_day day) {
    const struct unit *row = units_row(u, duid, day);
    if (!row)
        return INT32_MIN;
    const struct unit *first = &u->rows[u->first[intern_find(&u->duids, duid)]];
    int sign = row->sign;
    while (row > first && row[-1].sign == sign)
        row--;
    return row > first ? row->from : INT32_MIN;
}
