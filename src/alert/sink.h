/* Sinks: the ways in which a message reaches somebody.
 *
 * A kind of sink is one entry in the table of sink.c and two functions: one reads its settings, the
 * other sends a message to one target. Whoever configures none has the log.
 *
 *   sms      Twilio, a target for each number      slack, teams   their incoming webhooks
 *   mail     SMTP, one target for all addresses    ntfy           a topic
 *   webhook  JSON, signed                          command        a program of the user's
 *   log      nemd's own log
 *
 * Every kind is configured further by
 *
 *   ALERT_<SINK>_ROUTE   which rules at which severity, e.g. "price, trip:critical, -new_unit, *"
 *   ALERT_<SINK>_QUIET   quiet hours, market time (AEST), e.g. "22:00-07:00"; only what is critical
 *                        is sent in them. ALERT_QUIET is the default
 *   ALERT_<SINK>_RATE    messages an hour to a target; more are held and summed up
 */
#ifndef ALERT_SINK_H
#define ALERT_SINK_H

#include "alert/settings.h"
#include "store/alerts.h"

struct sink;

enum sink_outcome {
    SINK_SENT,
    SINK_RETRY,   /* nobody there, or not now: worth another try */
    SINK_REFUSED, /* this message won't ever be taken */
    SINK_STOPPED, /* told to stop before it was over; it isn't known whether it arrived */
};

/* What went wrong, in words that may be shown. */
struct sink_problem {
    char text[300];
    int retry_after_s; /* that the other side asked for; 0: it didn't */
};

struct sink_kind {
    const char *name, *summary;
    int rate;                  /* the default of messages an hour */
    enum alert_severity least; /* the default route is everything from this on */
    /* Fills in targets and settings; leaves target_count 0 where the sink isn't configured. */
    err *(*configure)(struct sink *s)ERR_NODISCARD;
    enum sink_outcome (*send)(const struct sink *s, size_t target, const struct alert_message *m,
                              struct sink_problem *problem);
};

struct route {
    const char *rule; /* "*": any */
    enum alert_severity least;
    bool never;
};

struct sink {
    const struct sink_kind *kind;
    const struct alert_settings *settings;
    size_t target_count;
    const char **targets; /* numbers, addresses, a URL: never shown */
    const char **digests; /* of the targets: what the outbox knows them by */
    const char *shown;    /* where it goes, without what is nobody's business */
    struct route *routes; /* the first that matches a rule decides */
    size_t route_count;
    int rate;
    struct quiet_hours quiet;
    const char *url, *account, *secret, *from; /* as the kind uses them */
    const char **words;                        /* of a command, NULL at the end */
    int security;                              /* of mail, see sink_mail.c */
};

enum { SINKS = 8 };
extern const struct sink_kind *const sink_kinds[SINKS];

/* Reads what is configured. ERR_USAGE says which setting is wrong. */
err *sinks_configure(const struct alert_settings *settings, struct sink **out,
                     size_t *count) ERR_NODISCARD;
bool sink_wants(const struct sink *s, const char *rule, enum alert_severity severity);

/* For kinds: sets the targets, and their digests. */
void sink_set_targets(struct sink *s, const char **targets, size_t count);
/* ERR_USAGE for what is no http(s) URL; *shown is its scheme and host. */
err *sink_check_url(const struct sink *s, const char *key, const char *url,
                    const char **shown) ERR_NODISCARD;
void sink_say(struct sink_problem *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The whole message as JSON: what webhooks and commands get. */
void message_json(struct buf *out, const struct alert_message *m);
/* A text cut to [most] bytes, at the end of a character, "…" behind it. */
str text_cut(struct arena *a, str text, size_t most);

extern const struct sink_kind sink_sms, sink_mail, sink_webhook, sink_slack, sink_teams, sink_ntfy,
    sink_command, sink_log;

#endif
