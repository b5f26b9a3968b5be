#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/ranges.h"
#include "cmd/services.h"
#include "ops/verify.h"

static void show(void *context, const char *file, size_t done, size_t of) {
    (void)context;
    fprintf(stderr, "\r\033[K");
    if (done < of)
        fprintf(stderr, "%zu of %zu  %s", done, of, file);
    fflush(stderr);
}

/* -- as JSON ------------------------------------------------------------------------------------
 */

static void add_text(struct json *j, const char *key, const char *text) {
    json_key(j, key);
    if (text)
        json_cstr(j, text);
    else
        json_null(j);
}

static void add_finding(struct json *j, const struct finding *f) {
    json_object(j);
    add_text(j, "kind", finding_name[f->kind]);
    add_text(j, "dataset", f->dataset);
    add_text(j, "file", f->file);
    json_key(j, "interval");
    if (f->at)
        json_int(j, interval_to_unix(f->at));
    else
        json_null(j);
    add_text(j, "key", f->key);
    add_text(j, "text", f->text);
    json_end(j);
}

static int64_t kept(const struct findings *f, int kind) {
    return f->count[kind] < FINDINGS_KEPT ? f->count[kind] : FINDINGS_KEPT;
}

static void print_json(const char *data, const struct findings *f) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    add_text(&j, "store", data);
    json_key(&j, "files"), json_int(&j, (int64_t)f->files);
    json_key(&j, "rows"), json_int(&j, f->data_rows);
    json_key(&j, "counts"), json_object(&j);
    for (int i = 0; i < FINDING_KINDS; i++)
        json_key(&j, finding_name[i]), json_int(&j, f->count[i]);
    json_end(&j);
    json_key(&j, "findings"), json_array(&j);
    for (int i = 0; i < FINDING_KINDS; i++)
        for (int64_t k = 0; k < kept(f, i); k++)
            add_finding(&j, &f->rows[i][k]);
    json_end(&j);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

/* -- for people ---------------------------------------------------------------------------------
 */

/* "bounds  prices5 2025-07/….parquet  2025/07/20 18:10  NSW1  rrp 90000" */
static void print_finding(const struct finding *f) {
    char at[AEST_TEXT] = "";
    const char *const parts[] = {f->dataset, f->file, f->at ? at : NULL, f->key};
    if (f->at)
        aest_format_mms(interval_to_aest(f->at), at);
    printf("%-9s", finding_name[f->kind]);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i])
            printf(" %.*s", parts[i] == at ? 16 : 200, parts[i]);
    printf(": %s\n", f->text);
}

static void print_text(const struct findings *f) {
    for (int i = 0; i < FINDING_KINDS; i++) {
        for (int64_t k = 0; k < kept(f, i); k++)
            print_finding(&f->rows[i][k]);
        if (f->count[i] > FINDINGS_KEPT)
            printf("%-9s and %lld more\n", finding_name[i],
                   (long long)(f->count[i] - FINDINGS_KEPT));
    }
    printf("%zu files, %lld rows, ", f->files, (long long)f->data_rows);
    if (findings_count(f))
        printf("%lld findings\n", (long long)findings_count(f));
    else
        printf("nothing found\n");
}

static int verify(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct verify v = {0};
    struct range_settings range = {0};
    struct range days;
    bool json = false;
    int status;
    const struct option_spec options[] = {
        {"json", NULL, "for programs", .flag = &json}, RANGE_OPTIONS(range), {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    struct findings *found = mem_zalloc(1, sizeof *found);
    err *e = service_begin(&setup, argc, argv, NULL, &stop);
    if (!e)
        e = range_read(&range, &days);
    if (!e) {
        v = (struct verify){setup.data, days.wanted, days.first, days.last, .stop = &stop};
        v.progress = isatty(STDERR_FILENO) ? show : NULL;
        e = verify_store(&v, found);
    }
    if (!e && json)
        print_json(setup.data, found);
    else if (!e)
        print_text(found);
    status = e ? command_fail(self, e) : findings_count(found) ? EXIT_FINDINGS : EXIT_DONE;
    findings_free(found);
    free(found);
    setup_free(&setup);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "whether the store is what it should be",
    .usage = "[--json] [OPTION…]",
    .description =
        "Reads every file and says what is wrong: damage, order, rows twice, times off the grid, "
        "values that\ncan't be, AEMO's numbers that contradict each other, half hours that aren't "
        "those of their five\nminutes, units that stand still, files of the ledger that aren't in, "
        "gaps. Nothing is changed.\nExit status 3 when something was found.",
    .details = "At most 50 lines of a kind are printed; `--json` counts all.",
    .examples = {{"nemd verify --from 2025-07-01", "the last months alone"}},
    .run = verify,
};
