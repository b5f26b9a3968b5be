/* Doctor: a check-list of all that an owner wants to be true of an installation, gone through.
 *
 *   check          a question, one entry in the table of doctor.c and one function
 *   verdict        ok, a warning or failed; what was found, in a line; what to do about it
 *
 * What is looked at are facts (facts.h). Each verdict comes from what is there to be seen, a
 * process that is locked in, a page that was opened, a message that was delivered, and not from
 * settings alone. The verdicts are left as the note "doctor" (store/note.h), from which /metrics
 * has them.
 */
#ifndef OPS_DOCTOR_H
#define OPS_DOCTOR_H

#include "ops/facts.h"

enum verdict_kind { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILED, VERDICT_KINDS };
extern const char *const verdict_name[VERDICT_KINDS];

struct verdict {
    const char *name, *question; /* of the check */
    enum verdict_kind kind;
    const char *text;   /* what was found */
    const char *advice; /* what to do about it, or NULL */
};

/* How alerts are configured; alert/ knows, and ops/ doesn't see it. */
struct doctor_alerts {
    const char *error; /* why the settings can't be used, or NULL */
    const char *sinks; /* names of those that reach somebody, all but the log; "": none */
    /* Whether the rules are on, and whether one of the sinks gets what they find. */
    bool price_on, price_routed, unit_on, unit_routed;
};

struct doctor {
    const char *data;
    const char *home;      /* the user's, where the service's file may be */
    const char *backup_to; /* by the settings, or NULL */
    const char *token;     /* for the dashboard, or NULL */
    struct doctor_alerts alerts;
};

enum { CHECKS = 19 };

/* Goes through the list; memory from [a]. What can't be found out is a verdict too; an error says
 * that there is no store. */
err *doctor_run(const struct doctor *d, struct arena *a, struct verdict out[CHECKS]) ERR_NODISCARD;
/* The worst of them. */
enum verdict_kind doctor_worst(const struct verdict verdicts[CHECKS]);

/* -- what it is made of -------------------------------------------------------------------------
 */

struct examination {
    const struct doctor *asked;
    struct arena *memory;
    struct store *store;
    int64_t now;
    struct store_facts facts;
    const char *damage; /* of the store, why some of the facts aren't there; or NULL */
    struct process_fact *processes;
    size_t process_count;
};

struct check {
    const char *name, *question;
    err *(*run)(struct examination *x, struct verdict *v);
};

/* Sets the verdict; [advice] may be NULL. */
void verdict_set(struct examination *x, struct verdict *v, enum verdict_kind kind,
                 const char *advice, const char *format, ...) __attribute__((format(printf, 5, 6)));

err *check_collector(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_fresh(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_cycle(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_recent_gaps(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_takeover(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_parallel(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_refused(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_readable(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_verified(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_units(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_grid(struct examination *x, struct verdict *v) ERR_NODISCARD;

err *check_dashboard(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_memory(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_price_alerts(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_unit_alerts(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_backup(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_service(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_disk(struct examination *x, struct verdict *v) ERR_NODISCARD;
err *check_errors(struct examination *x, struct verdict *v) ERR_NODISCARD;

#endif
