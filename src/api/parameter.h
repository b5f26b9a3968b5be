/* Parameters of a query string, typed.
 *
 * A parameter says what may stand in it; from that come its reading, the 400 that names it and what
 * is allowed, its part of /v1/openapi.json and its line in /v1/docs. The shared ones are below. One
 * that only a single route has is a static const struct parameter in that route's file, and so is
 * a variant of a shared one:
 *
 *     static const struct parameter by = {
 *         "by", PARAMETER_CHOICE, .choices = CHOICES("total", "unit"), .fallback = "total",
 *         .summary = "what is summed"};
 */
#ifndef API_PARAMETER_H
#define API_PARAMETER_H

#include "base/aest.h"

enum parameter_type {
    PARAMETER_INSTANT, /* an ISO 8601 date or date-time */
    PARAMETER_CHOICE,  /* one of [choices] */
    PARAMETER_CHOICES, /* a list of them */
    PARAMETER_NAME,    /* a name of AEMO's or of a person's: a DUID, a station, an owner */
    PARAMETER_NAMES,   /* a list of them, parted by commas */
    PARAMETER_WHOLE,   /* a whole number from [low] to [high] */
    PARAMETER_NUMBER,  /* any number from [low] to [high] */
    PARAMETER_SMOOTH,  /* method:window, see parameter_smooth */
    PARAMETER_CURSOR,  /* where an answer was cut off */
};

enum { LONGEST_LIST = 64, LONGEST_NAME = 100 };

struct parameter {
    const char *name;
    enum parameter_type type;
    const char *const *choices; /* CHOICES(…) */
    double low, high;           /* of numbers; [high] of a list: most entries, 0 for LONGEST_LIST */
    const char *fallback;       /* what counts where it isn't given, as it would stand in a query;
                                   NULL: nothing, as [absent] says */
    const char *absent;         /* for the documentation: what holds without it */
    bool required;
    const char *summary;
    const char *example; /* a valid value, where the type doesn't give one */
};
#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What was read. Which fields hold depends on the type. */
struct value {
    bool given;      /* in the query, and not by its fallback */
    size_t count;    /* of a list, 1 for anything else that is there, by fallback too */
    aest_us instant; /* INSTANT */
    int choice;      /* CHOICE: index in [choices]; SMOOTH: enum smoothing, 0 for none */
    int *chosen;     /* CHOICES: indexes, as given, each once */
    str name;        /* NAME, CURSOR */
    str *names;      /* NAMES: as given, each once */
    double number;   /* WHOLE, NUMBER; SMOOTH: the window's length in minutes */
};

/* Reads [text] for [p]; NULL, or what is wrong with it, in [a] if need be. */
const char *parameter_read(struct arena *a, const struct parameter *p, str text, struct value *out);

/* "one of 5m, 30m, auto", "a whole number from 1 to 5000": completes the sentence "must be …". */
const char *parameter_allowed(struct arena *a, const struct parameter *p);

/* The regular expression that a value matches, in JavaScript's dialect; NULL where the type says it
 * all by itself. Of a list: what each entry matches. */
const char *parameter_pattern(const struct parameter *p);
static inline bool parameter_is_list(const struct parameter *p) {
    return p->type == PARAMETER_CHOICES || p->type == PARAMETER_NAMES;
}
static inline int parameter_longest(const struct parameter *p) {
    return p->high > 0 ? (int)p->high : LONGEST_LIST;
}

/* -- the shared ones ----------------------------------------------------------------------------
 */

/* Indexes of [regions] in market/network.h; all of them where none is given. */
extern const struct parameter parameter_region;
/* (from, to]: half open, as intervals are named by their end. */
extern const struct parameter parameter_from, parameter_to;

/* As enum resolution, then auto: the route's own choice for the length of the range. */
extern const struct parameter parameter_resolution;
/* Of a route that has five-minute values and no others. */
extern const struct parameter parameter_five_minutes;
/* As enum day_kind. */
extern const struct parameter parameter_day;

/* Every route with series takes this one; the answer sees to it. */
extern const struct parameter parameter_smooth;

/* Every route with series or a table takes this one: enum answer_format. */
extern const struct parameter parameter_format;
/* Every route with a table takes these. */
extern const struct parameter parameter_limit, parameter_cursor;

#endif
