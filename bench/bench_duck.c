/* Runs the SQL statements of standard input, separated by semicolons, with DuckDB as it is: what
 * others' scripts would do. For bench/ingest.mjs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/duck.h"

int main(void) {
    struct duck d = {.threads = -1, .spill = "/tmp"};
    struct buf sql = {0};
    char bytes[4096];
    size_t got;
    while ((got = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        buf_add(&sql, bytes, got);
    str rest = buf_str(&sql);
    while (rest.len) {
        str one = str_trim(str_cut(&rest, ';'));
        char *text = mem_zalloc(one.len + 1, 1);
        memcpy(text, one.at, one.len);
        err *e = one.len ? duck_run(&d, text) : NULL;
        free(text);
        if (e) {
            fprintf(stderr, "bench_duck: %s\n", err_text(e));
            return 1;
        }
    }
    duck_close(&d);
    buf_free(&sql);
    return 0;
}
