#include "ops/doctor.h"

#include <stdarg.h>
#include <time.h>

#include "store/note.h"

const char *const verdict_name[VERDICT_KINDS] = {"ok", "warning", "failed"};

static const struct check checks[CHECKS] = {
    {"collector", "A collector runs and looks at AEMO's folders", check_collector},
    {"datasets", "Every dataset is as fresh as it should be", check_fresh},
    {"cycle", "Every dispatch interval of the last hour came within its cycle", check_cycle},
    {"dashboard", "The dashboard opens in under 2 s", check_dashboard},
    {"memory", "The dashboard's process uses less than 500 MB", check_memory},
    {"price_alerts", "Price alerts are judged and get through", check_price_alerts},
    {"unit_alerts", "New units are noticed and told", check_unit_alerts},
    {"gaps", "The last seven days have no gap", check_recent_gaps},
    {"takeover", "The earlier system's rows go over into nemd's without a gap", check_takeover},
    {"parallel", "The earlier system, where one runs beside, can be stopped", check_parallel},
    {"backup", "There is a backup, and it is young", check_backup},
    {"service", "nemd is started at boot", check_service},
    {"disk", "The disk has room for a year", check_disk},
    {"errors", "Nothing went wrong in the last day", check_errors},
    {"refused", "Every file that AEMO published was taken", check_refused},
    {"readable", "Every dataset can be read", check_readable},
    {"verified", "The store was verified in the last month", check_verified},
    {"units", "Every unit with readings is registered", check_units},
    {"grid", "The dashboard's files are current", check_grid},
};

void verdict_set(struct examination *x, struct verdict *v, enum verdict_kind kind,
                 const char *advice, const char *format, ...) {
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    v->kind = kind;
    v->text = str_dup(x->memory, buf_str(&text));
    v->advice = advice ? str_dup(x->memory, str_from(advice)) : NULL;
    buf_free(&text);
}

static err *look_around(struct examination *x) {
    err *e = store_facts_read(x->store, x->memory, &x->facts);
    if (e && err_kind(e) == ERR_INPUT) {
        x->damage = str_dup(x->memory, str_from(err_text(e)));
        err_free(e);
        e = NULL;
    }
    TRY(e);
    return facts_processes(x->memory, x->asked->data, &x->processes, &x->process_count);
}

/* A store that can't be written gets no note. */
static void leave_note(const char *data, const struct verdict verdicts[CHECKS]) {
    struct arena a = {0};
    struct note n = {.text = {0}};
    for (int i = 0; i < CHECKS; i++) {
        const struct verdict *v = &verdicts[i];
        note_add_number(&n, v->name, v->kind);
        note_add(&n, arena_printf(&a, "%s_text", v->name), v->text);
    }
    err_free(note_write(data, "doctor", &n));
    note_free(&n);
    arena_free(&a);
}

err *doctor_run(const struct doctor *d, struct arena *a, struct verdict out[CHECKS]) {
    struct examination x = {.asked = d, .memory = a, .now = (int64_t)time(NULL)};
    TRY(store_open(d->data, STORE_READ, NULL, &x.store));
    err *e = look_around(&x);
    for (int i = 0; !e && i < CHECKS; i++) {
        struct verdict *v = &out[i];
        *v = (struct verdict){.name = checks[i].name, .question = checks[i].question};
        err *untold = checks[i].run(&x, v);
        if (untold)
            verdict_set(&x, v, VERDICT_FAILED, "mend that first", "can't be told: %s",
                        err_text(untold));
        err_free(untold);
    }
    store_close(x.store);
    if (!e)
        leave_note(d->data, out);
    return e;
}

enum verdict_kind doctor_worst(const struct verdict verdicts[CHECKS]) {
    enum verdict_kind worst = VERDICT_OK;
    for (int i = 0; i < CHECKS; i++)
        worst = verdicts[i].kind > worst ? verdicts[i].kind : worst;
    return worst;
}
