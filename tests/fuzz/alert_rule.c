/* Any bytes are a rule of the user's or an error; any words of a notice have a story or none. */
#include <math.h>
#include <stdlib.h>

#include "alert/notice_story.h"
#include "alert/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rule(const struct rule_use *u) {
    const struct ladder *l = &u->ladder;
    if (!u->key || !*u->key || l->count != 1 || !isfinite(l->steps[0].from))
        abort();
    if (ladder_level(l, l->steps[0].from) != 1 || ladder_level(l, l->clear) != 0)
        abort();
    if (dataset_column(&datasets[u->dataset], str_from(u->column)) < 0 || l->hold_s < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct rule_use u = {.rule = NULL};
    str text = {(const char *)data, size}, rest = text;
    err *e = rule_user_read(&u, &a, "fuzz", text);
    if (e)
        err_free(e);
    else
        check_rule(&u);
    str type = str_cut(&rest, '\n'), reference = str_cut(&rest, '\n');
    struct notice_story s = notice_story(&a, type, STR(""), reference, rest);
    if ((s.kind != NULL) != (s.story != NULL) || s.level < 0 || s.level > 6)
        abort();
    arena_free(&a);
    return 0;
}
