#include <stdio.h>

#include "cmd/services.h"
#include "ops/bring.h"

struct request {
    struct bring bring;
    const struct dataset *dataset; /* NULL: by the file's name */
    enum table_zone zone;
    bool failed, findings;
};

/* "…/prices30-2024.csv" is of prices30: the longest dataset whose name it begins with. */
static const struct dataset *dataset_of_name(const char *path) {
    const char *slash = strrchr(path, '/');
    str name = str_from(slash ? slash + 1 : path);
    const struct dataset *found = NULL;
    for (int i = 0; i < DATASETS; i++)
        if (str_starts_nocase(name, str_from(datasets[i].name)) &&
            (!found || strlen(datasets[i].name) > strlen(found->name)))
            found = &datasets[i];
    return found;
}

static void print(struct request *r, const struct table_file *t, const struct brought *b) {
    printf("%s: %lld rows for %s\n", t->path, (long long)b->rows, t->dataset->name);
    if (t->left.len)
        printf("  columns left: %.*s\n", (int)t->left.len, t->left.at);
    for (int f = 0; f < ROW_FAULTS; f++)
        if (b->faults.count[f])
            printf("  %-13s %lld rows, as %s: %s\n", row_fault_name[f],
                   (long long)b->faults.count[f],
                   *b->faults.first[f] ? b->faults.first[f] : "counted", row_fault_rule[f]);
    printf("  %lld rows taken: %lld %s, %lld the same, %lld of which the store has a later one\n",
           (long long)b->accepted, (long long)b->added, r->bring.dry ? "would be new" : "new",
           (long long)b->same, (long long)b->replaced);
    if (b->missing + b->other)
        printf("  ERROR: %lld rows aren't in the store, %lld differ, as %s\n",
               (long long)b->missing, (long long)b->other, b->first_missing);
    r->failed = r->failed || b->missing + b->other || b->sum_file != b->sum_store;
    for (int f = 0; f < ROW_FAULTS; f++)
        r->findings = r->findings || b->faults.count[f];
}

static err *import_file(struct request *r, const char *path) {
    struct table_file file = {0};
    struct brought brought;
    const struct dataset *d = r->dataset ? r->dataset : dataset_of_name(path);
    aest_us written = aest_from_unix(file_stamp(path).modified_ns / 1000000000);
    err *e = table_file_open(r->bring.duck, d, path, r->zone, written, 0, &file);
    if (!e)
        e = bring_file(&r->bring, &file, &brought);
    if (!e)
        print(r, &file, &brought);
    table_file_close(&file);
    return e;
}

static err *import_files(struct request *r, const struct setup *setup, int argc, char **argv) {
    for (int i = 0; i < argc; i++) /* before anything is made */
        if (!r->dataset && !dataset_of_name(argv[i]))
            return err_new(ERR_USAGE, "%s has no dataset in its name: say which with --dataset",
                           argv[i]);
    struct duck duck = {.threads = 2};
    struct thresholds limits = {0};
    thresholds_built_in(&limits);
    r->bring.duck = &duck;
    r->bring.limits = &limits;
    err *e = store_open(setup->data, r->bring.dry ? STORE_READ : STORE_WRITE, r->bring.stop,
                        &r->bring.store);
    if (!e)
        e = duck_run(&duck, "SET preserve_insertion_order = false");
    for (int i = 0; !e && i < argc; i++)
        e = import_file(r, argv[i]);
    store_close(r->bring.store);
    duck_close(&duck);
    thresholds_free(&limits);
    return e;
}

static err *read_request(struct request *r, const char *dataset, const char *zone, int argc) {
    if (argc == 0)
        return err_new(ERR_USAGE, "a file is expected: nemd import prices30.csv");
    r->dataset = dataset ? dataset_by_name(str_from(dataset)) : NULL;
    if (dataset && !r->dataset)
        return err_new(ERR_USAGE, "there is no dataset '%s'", dataset);
    if (zone && strcmp(zone, "aest") != 0 && strcmp(zone, "utc") != 0)
        return err_new(ERR_USAGE, "--zone is '%s', neither aest nor utc", zone);
    r->zone = !zone ? ZONE_UNKNOWN : strcmp(zone, "utc") == 0 ? ZONE_UTC : ZONE_AEST;
    return NULL;
}

static int import(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct request r = {0};
    const char *dataset = NULL, *zone = NULL;
    int status;
    const struct option_spec options[] = {
        {"dataset", "NAME", "what the rows are (default: by the file's name)", .value = &dataset},
        {"dry-run", NULL, "look and report, write nothing", .flag = &r.bring.dry},
        {"zone", "aest|utc", "what times that have a zone mean", .value = &zone},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, 0, argv, NULL, &stop);
    if (!e)
        e = read_request(&r, dataset, zone, argc);
    r.bring.stop = &stop;
    if (!e)
        e = import_files(&r, &setup, argc, argv);
    status = e            ? command_fail(self, e)
             : r.failed   ? EXIT_FAILED
             : r.findings ? EXIT_FINDINGS
                          : EXIT_DONE;
    setup_free(&setup);
    return status;
}

const struct command command_import = {
    .name = "import",
    .summary = "rows of a dataset from Parquet or CSV",
    .usage = "FILE… [--dataset NAME] [--dry-run]",
    .description =
        "Takes rows from files that have the dataset's columns: settlementdate (AEST), its key, "
        "its values, and\nlastchanged if there is one; rows without are older than any of AEMO's, "
        "which replace them. Each row\nis judged, and compared with the store afterwards. Exit "
        "status 3 when rows were left out.",
    .examples = {{"nemd import prices5.parquet --dry-run",
                  "what a file's rows are, and which would be left out"}},
    .run = import,
};
