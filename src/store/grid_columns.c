#include "store/grid_columns.h"

#include <assert.h>

#include "store/grid.h"

/* What the grid has of a dataset otherwise than "every column of numbers". */
static const struct selection {
    enum dataset_id dataset;
    const char *columns; /* these alone, parted by commas; NULL: all numbers */
    int horizons;        /* of a forecast: more than it looks ahead */
} selections[] = {
    {DISPATCH5, "totalcleared,availability,uigf,energy_storage", 1},
    {ROOFTOP_FORECAST, NULL, 392}, /* seven days and to the end of a trading day: at most 383 */
    {P5MIN, NULL, 16},             /* an hour */
    {PREDISPATCH, NULL, 84},       /* at most 40 hours */
};

/* Keys without end: of such a dataset the grid has how many have a row, under one key. */
static const enum dataset_id counted = CONSTRAINTS5;

bool grid_is_counted(enum dataset_id dataset) {
    return dataset == counted;
}

/* Columns of text whose words are few: a cell is the number of its word, from 0. */
static const struct vocabulary {
    enum dataset_id dataset;
    const char *column;
    const char *words[4];
} vocabularies[] = {
    {PRICES5, "source", {"TRADING", "DISPATCH"}},
    {PRICESTATUS5, "price_status", {"FIRM", "NOT FIRM"}},
    {ROOFTOP30, "type", {"SATELLITE", "MEASUREMENT", "DAILY"}},
};

static const struct selection *selection_of(enum dataset_id dataset) {
    static const struct selection all = {.horizons = 1};
    for (size_t i = 0; i < sizeof selections / sizeof *selections; i++)
        if (selections[i].dataset == dataset)
            return &selections[i];
    return &all;
}

static const struct vocabulary *vocabulary_of(enum dataset_id dataset, const char *column) {
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
        if (vocabularies[i].dataset == dataset && strcmp(vocabularies[i].column, column) == 0)
            return &vocabularies[i];
    return NULL;
}

static bool names_column(str columns, const char *column) {
    while (columns.len)
        if (str_eq(str_cut(&columns, ','), str_from(column)))
            return true;
    return false;
}

static bool has_column(enum dataset_id dataset, const struct column *c) {
    const char *only = selection_of(dataset)->columns;
    if (only)
        return names_column(str_from(only), c->name);
    return c->type != COLUMN_TEXT || vocabulary_of(dataset, c->name);
}

int grid_horizons(enum dataset_id dataset) {
    return selection_of(dataset)->horizons;
}

int grid_lane(enum dataset_id dataset, const char *column, int horizon) {
    const struct dataset *d = &datasets[dataset];
    int horizons = grid_horizons(dataset), lane = 0;
    if (grid_is_counted(dataset) || horizon < 0 || horizon >= horizons)
        return -1;
    for (int c = 0; c < DATASET_COLUMNS && d->columns[c].name; c++) {
        if (!has_column(dataset, &d->columns[c]))
            continue;
        if (strcmp(d->columns[c].name, column) == 0)
            return lane * horizons + horizon;
        lane++;
    }
    return -1;
}

const char *grid_word(enum dataset_id dataset, const char *column, double number) {
    const struct vocabulary *v = vocabulary_of(dataset, column);
    for (int i = 0; v && i < (int)(sizeof v->words / sizeof *v->words); i++)
        if (number == i)
            return v->words[i];
    return NULL;
}

char *grid_lane_names(enum dataset_id dataset, uint32_t *lanes) {
    struct buf text = {0};
    const struct dataset *d = &datasets[dataset];
    int horizons = grid_horizons(dataset), columns = 0;
    if (grid_is_counted(dataset)) {
        *lanes = 1;
        return mem_strdup("rows");
    }
    for (int c = 0; c < DATASET_COLUMNS && d->columns[c].name; c++)
        if (has_column(dataset, &d->columns[c]))
            buf_printf(&text, "%s%s", columns++ ? "," : "", d->columns[c].name);
    if (horizons > 1)
        buf_printf(&text, " x %d", horizons);
    *lanes = (uint32_t)(columns * horizons);
    buf_cstr(&text);
    assert(text.len < TILES_LANES_TEXT);
    return text.at;
}

cell grid_word_cell(enum dataset_id dataset, const char *column, str text) {
    const struct vocabulary *v = vocabulary_of(dataset, column);
    for (int i = 0; v && i < (int)(sizeof v->words / sizeof *v->words) && v->words[i]; i++)
        if (str_eq(text, str_from(v->words[i])))
            return cell_from_double(i);
    return CELL_MISSING;
}
