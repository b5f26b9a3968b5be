/* Verify: is the store what it should be?
 *
 *   each file     readable, of the dataset's schema, sorted by (key, time), without a row twice;
 *                 times on the grid and within the file's span; values within physical bounds
 *   across        what AEMO's tables have in common (see IDENTITY below); half hours as they come
 *                 out of their five minutes; units whose reading stands still
 *   the store     the ledger's files are in, no day is hidden by its month, nothing is left over;
 *                 gaps (collect/gaps.h)
 *
 * It changes nothing and may run beside a collector: a file that is replaced meanwhile is read
 * again.
 */
#ifndef OPS_VERIFY_H
#define OPS_VERIFY_H

#include "collect/history.h"
#include "store/store.h"

enum finding_kind {
    FINDING_DAMAGED,   /* can't be read */
    FINDING_SCHEMA,    /* columns are others than the dataset's */
    FINDING_SPAN,      /* a row of a time that the file isn't for */
    FINDING_GRID,      /* a time between intervals */
    FINDING_DUPLICATE, /* two rows of one time and key */
    FINDING_ORDER,     /* a row that should stand before the one before it */
    FINDING_BOUNDS,    /* no price or MW can be that */
    FINDING_IDENTITY,  /* two of AEMO's own numbers contradict each other */
    FINDING_DERIVED,   /* a half hour is not what its five minutes make */
    FINDING_FROZEN,    /* the same reading for hours, of a unit that varies */
    FINDING_LEDGER,    /* a file that is done, whose interval has no row */
    FINDING_HIDDEN,    /* a day that its month's file hides */
    FINDING_STRAY,     /* a file that is none of the store's */
    FINDING_GAP,
    FINDING_KINDS,
};
extern const char *const finding_name[FINDING_KINDS];

struct finding {
    enum finding_kind kind;
    const char *dataset, *file; /* below the store; NULL where there is none */
    interval at;                /* 0: none */
    const char *key, *text;     /* [key] may be NULL */
};

/* At most so many of a kind are kept. */
enum { FINDINGS_KEPT = 50 };

struct findings {
    struct arena memory;
    struct finding rows[FINDING_KINDS][FINDINGS_KEPT];
    int64_t count[FINDING_KINDS]; /* of all, also of those that aren't kept */
    size_t files;                 /* that were looked at */
    int64_t data_rows;
};

struct verify {
    const char *data;
    dataset_set wanted;
    interval first, last; /* 0: all. Files that hold any of it are looked at */
    const struct stop *stop;
    /* Called before each file; may be NULL. */
    void (*progress)(void *context, const char *file, size_t done, size_t of);
    void *context;
};

/* [out] is zeroed, and to be freed after an error too. An error says why it could not be done;
 * what is wrong with the store is a finding. */
err *verify_store(const struct verify *v, struct findings *out) ERR_NODISCARD;

int64_t findings_count(const struct findings *f);
void findings_free(struct findings *f);

#endif
