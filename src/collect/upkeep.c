#include "collect/upkeep.h"

#include "base/log.h"
#include "store/derive.h"

/* Somebody who reads or writes is no trouble: it is done the next time. */
static void say(err *e, const char *what) {
    if (e && err_kind(e) != ERR_BUSY && err_kind(e) != ERR_STOPPED)
        log_error(what, log_err(e));
    err_free(e);
}

void upkeep(struct store *s, aest_us now) {
    aest_day today = (aest_day)(now / AEST_DAY);
    for (int i = 0; i < DATASETS; i++)
        for (aest_day day = today - 1; day <= today; day++)
            if (derive_dataset(&datasets[i], day))
                say(store_derive(s, (enum dataset_id)i, day), "half hours can't be made");
    say(store_close_months(s, today), "a month can't be made one file");
}
