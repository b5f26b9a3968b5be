/* The two services, collector and dashboard, that `collect`, `serve` and `run` are made of. */
#ifndef CMD_SERVICES_H
#define CMD_SERVICES_H

#include "alert/settings.h"
#include "api/service.h"
#include "base/stop.h"
#include "cmd/command.h"
#include "collect/collector.h"
#include "ops/backup_schedule.h"
#include "ops/follow.h"
#include "store/running.h"

/* What a service begins with: the log (--log-file or LOG_FILE, else standard error; LOG_LEVEL), and
 * signals that request [stop]. ERR_USAGE when [argc] words are left that no flag took. */
err *service_begin(const struct setup *setup, int argc, char **argv, const char *log_file,
                   struct stop *stop) ERR_NODISCARD;

/* Enters this process among those who work on the store, as it is described, and keeps its warnings
 * and errors there, until work_end. Where the store can't be written neither happens. */
void work_begin(const struct setup *setup, const struct running *self, struct running_entry *out);
void work_end(struct running_entry *entry);

struct collect_settings {
    struct backfill repair; /* set by collector_open, and used while the collector is */
    const char *source;     /* NULL: NEMD_SOURCE, else NEMWEB */
    const char *follow;     /* NULL: NEMD_FOLLOW, else nobody is followed */
    int period_s;           /* 0: by the schedule */
    bool test;              /* fetch and parse, write nothing */
};

/* The source that a command's --source or the configuration names, and how it is to be asked. */
const char *source_setting(const struct setup *setup, const char *flag);
struct source_options source_settings(const struct setup *setup, const struct stop *stop);

/* A collector with its source and, but for a test, its store open. */
err *collector_open(struct collector *c, const struct setup *setup,
                    struct collect_settings *settings, const struct stop *stop) ERR_NODISCARD;
void collector_close(struct collector *c);

/* Following the earlier system beside a collector (ops/follow.h), where [from] or NEMD_FOLLOW names
 * its folder. The collector's settings say how the seam is repaired. */
struct following {
    struct follow settings;
    struct follower *follower;
};
#define FOLLOW_OPTION(from)                                                                        \
    {                                                                                              \
        "follow", "DIR", "compare with the earlier system's files there, until it can be stopped", \
            .value = &(from)                                                                       \
    }
err *following_start(struct following *f, const struct setup *setup, const char *from,
                     const struct collector *c, const struct stop *stop) ERR_NODISCARD;
/* After the stop was requested. */
void following_end(struct following *f);

/* How backups are made, to [to] or NEMD_BACKUP; ERR_USAGE where neither says where. */
err *backup_settings(const struct setup *setup, const char *to, const struct stop *stop,
                     struct backup *out) ERR_NODISCARD;

/* Backups beside a service, each day at NEMD_BACKUP_AT, where that is set. */
struct backing_up {
    struct backup_schedule schedule;
    struct backup_keeper *keeper;
};
err *backing_up_start(struct backing_up *b, const struct setup *setup,
                      const struct stop *stop) ERR_NODISCARD;
/* After the stop was requested. */
void backing_up_end(struct backing_up *b);

/* How alerts are configured; what is read is kept in [memory]. */
struct alert_settings alert_settings(const struct setup *setup, struct arena *memory,
                                     const struct stop *stop);

struct alert_service;

/* Alerts beside a service, from start to end. */
struct alerting {
    struct arena memory;
    struct alert_settings settings;
    struct alert_service *service;
};
/* ERR_USAGE for a setting that is wrong; then all that was begun is told to stop. */
err *alerting_start(struct alerting *a, const struct setup *setup, struct stop *stop) ERR_NODISCARD;
/* After the stop was requested. */
void alerting_end(struct alerting *a);

struct serve_settings {
    const char *host;   /* NULL: DASHBOARD_HOST, else 127.0.0.1 */
    int port;           /* -1: DASHBOARD_PORT, else 5006 */
    const char *tokens; /* NULL: TOKENS_FILE, else none */
    const char *hosts;  /* NULL: ALLOW_HOSTS, else none */
    bool open;
};
// clang-format off
#define SERVE_OPTIONS(settings)                                                                    \
    {"host", "H", "address to listen on (DASHBOARD_HOST; default 127.0.0.1)",                      \
     .value = &(settings).host},                                                                   \
    {"port", "N", "port (DASHBOARD_PORT; default 5006)", .number = &(settings).port},              \
    {"tokens", "F", "file of name and token a line; answers need one (TOKENS_FILE)",               \
     .value = &(settings).tokens},                                                                 \
    {"allow-host", "NAMES", "names of this machine in requests (ALLOW_HOSTS)",                     \
     .value = &(settings).hosts},                                                                  \
    {"open", NULL, "beyond loopback, answer everybody without a token", .flag = &(settings).open}
// clang-format on

/* The service on the store, which has to be there, listening. */
err *serve_open(const struct setup *setup, const struct serve_settings *settings,
                struct service **out) ERR_NODISCARD;
/* Says on standard output where the dashboard is, once nothing is in its way. */
void serve_tell(const struct setup *setup, const struct serve_settings *settings,
                const struct service *service);
/* Enters a process with a dashboard: work_begin, with the address on which it listens. */
void serve_work_begin(const struct setup *setup, const struct serve_settings *settings,
                      const struct service *service, struct running self,
                      struct running_entry *out);

#endif
