#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/terminal.h"
#include "ops/facts.h"

/* What takes a moment to find out is looked at again after so long. */
enum { SLOW_S = 20, MOST_PROCESSES = 64 };

struct monitor {
    struct store *store;
    const char *data, *home, *backup_to;
    bool coloured;
    struct store_facts facts;
    struct process_fact *processes;
    size_t process_count;
    struct errors_fact errors;
    struct {
        int64_t at; /* when it was looked at; 0: never */
        struct arena memory;
        struct disk_fact disk;
        struct service_fact service;
        struct backup_fact backup;
    } slow;
    struct { /* of the look before: what a process had used, and when by the clock that only goes on
              */
        long pid;
        double cpu_s, at;
    } before[MOST_PROCESSES];
    size_t before_count;
};

/* -- looking ------------------------------------------------------------------------------------
 */

static err *look_slowly(struct monitor *m, int64_t now) {
    if (m->slow.at && now >= m->slow.at && now - m->slow.at < SLOW_S)
        return NULL;
    arena_reset(&m->slow.memory);
    m->slow.at = now;
    TRY(facts_disk(m->store, &m->slow.disk));
    facts_service(&m->slow.memory, m->home, &m->slow.service);
    return facts_backup(&m->slow.memory, m->data, m->backup_to, &m->slow.backup);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The share of a core since the last look, where there was one; else over the process's life. */
static void measure_cpu(struct monitor *m) {
    double now = seconds();
    for (size_t i = 0; i < m->process_count; i++)
        for (size_t k = 0; k < m->before_count; k++)
            if (m->before[k].pid == m->processes[i].running.pid && now > m->before[k].at)
                m->processes[i].cpu =
                    (m->processes[i].usage.cpu_s - m->before[k].cpu_s) / (now - m->before[k].at);
    m->before_count = 0;
    for (size_t i = 0; i < m->process_count && i < MOST_PROCESSES; i++) {
        m->before[i].pid = m->processes[i].running.pid;
        m->before[i].cpu_s = m->processes[i].usage.cpu_s;
        m->before[i].at = now;
        m->before_count++;
    }
}

/* Where there is no ledger yet an empty one is read: the next look has to open it anew. */
static err *open_store(struct monitor *m) {
    if (m->store && facts_last_look(&m->facts))
        return NULL;
    store_close(m->store);
    m->store = NULL;
    return store_open(m->data, STORE_READ, NULL, &m->store);
}

static err *look(struct monitor *m, struct arena *a, int64_t now) {
    TRY(open_store(m));
    TRY(store_facts_glance(m->store, a, &m->facts));
    TRY(facts_processes(a, m->data, &m->processes, &m->process_count));
    measure_cpu(m);
    TRY(facts_errors(a, m->data, now, &m->errors));
    return look_slowly(m, now);
}

/* -- the page -----------------------------------------------------------------------------------
 */

enum colour { PLAIN, BOLD, GOOD, WARNING, BAD, DIM };

static const char *paint(const struct monitor *m, enum colour c) {
    static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[32m",
                                        "\033[33m", "\033[31m", "\033[2m"};
    return m->coloured ? codes[c] : "";
}

static void add_head(const struct monitor *m, struct buf *page, int64_t now) {
    char time[AEST_TEXT];
    aest_format_mms(aest_from_unix(now), time);
    buf_printf(page, "%snemd%s  %.19s AEST  %s%s\n", paint(m, BOLD), paint(m, PLAIN), time, m->data,
               store_is_simulated(m->store) ? " (SIMULATED)" : "");
}

/* "prices5          11/29 12:10    20 s old", 40 columns */
static void add_dataset(const struct monitor *m, struct buf *page, int id) {
    const struct dataset_fact *d = &m->facts.datasets[id];
    char latest[AEST_TEXT] = "", age[FACT_TEXT] = "";
    if (d->has_bounds) {
        aest_format_mms(interval_to_aest(d->latest), latest);
        age_text(d->age_s, age);
    }
    const bool old = d->damage || (d->stale && d->has_bounds);
    buf_printf(page, "%-16s %5.5s%6.6s%s%8s%s", datasets[id].name, d->has_bounds ? latest + 5 : "",
               d->has_bounds ? latest + 10 : "-",
               paint(m, old             ? BAD
                        : d->has_bounds ? GOOD
                                        : DIM),
               age,
               d->damage ? " HARM"
               : old     ? " old "
                         : "     ");
    buf_add_str(page, str_from(paint(m, PLAIN)));
}

static void add_datasets(const struct monitor *m, struct buf *page) {
    enum { HALF = (DATASETS + 1) / 2 };
    for (int side = 0; side < 2; side++)
        buf_printf(page, "%s%-16s %-11s%8s    %s%s", paint(m, DIM), "dataset", "latest", "age",
                   paint(m, PLAIN), side ? "\n" : "");
    for (int i = 0; i < HALF; i++) {
        add_dataset(m, page, i);
        if (i + HALF < DATASETS)
            add_dataset(m, page, i + HALF);
        buf_add_char(page, '\n');
    }
}

static void add_processes(const struct monitor *m, struct buf *page, size_t most) {
    char size[FACT_TEXT], up[FACT_TEXT];
    buf_printf(page, "%s%-8s %-8s %6s %10s %10s  %s%s\n", paint(m, DIM), "process", "command",
               "CPU", "memory", "up", "dashboard", paint(m, PLAIN));
    if (!m->process_count)
        buf_printf(page, "%snone: nothing is collected%s\n", paint(m, BAD), paint(m, PLAIN));
    for (size_t i = 0; i < m->process_count && i < most; i++) {
        const struct process_fact *p = &m->processes[i];
        buf_printf(page, "%-8ld %-8.8s %5.1f%% %10s %10s", p->running.pid, p->running.command,
                   p->cpu * 100, size_text((double)p->usage.memory, size),
                   age_text(p->uptime_s, up));
        if (p->running.host)
            buf_printf(page, "  http://%s:%d", p->running.host, p->running.port);
        buf_add_char(page, '\n');
    }
}

static void add_disk(const struct monitor *m, struct buf *page) {
    const struct disk_fact *d = &m->slow.disk;
    char used[FACT_TEXT], free[FACT_TEXT], growth[FACT_TEXT];
    buf_printf(page, "disk     %s used, %s%s free%s", size_text((double)d->used, used),
               paint(m, d->days_left < 30 ? BAD : PLAIN), size_text((double)d->free, free),
               paint(m, PLAIN));
    if (!isinf(d->days_left))
        buf_printf(page, ", %s a day: %.0f days left", size_text(d->growth, growth), d->days_left);
    buf_add_char(page, '\n');
}

static void add_duties(const struct monitor *m, struct buf *page, int64_t now) {
    const struct backup_fact *b = &m->slow.backup;
    const struct service_fact *s = &m->slow.service;
    int64_t looked = facts_last_look(&m->facts);
    char ago[FACT_TEXT];
    buf_printf(page, "look     %s%s", looked ? age_text(now - looked, ago) : "never",
               looked ? " ago" : "");
    buf_printf(page, "   backup %s%s%s%s%s", paint(m, b->last && !b->error ? PLAIN : WARNING),
               b->last ? age_text(now - b->last, ago) : "none", b->last ? " ago" : "",
               b->error ? ", the last try failed" : "", paint(m, PLAIN));
    buf_printf(page, "   service %s%s%s\n", paint(m, s->active ? PLAIN : WARNING),
               !s->path    ? "not installed"
               : !s->asked ? "installed, state not known"
               : s->active ? (s->at_boot ? "runs, at boot" : "runs, not at boot")
                           : "doesn't run",
               paint(m, PLAIN));
}

static void add_errors(const struct monitor *m, struct buf *page, size_t most) {
    const struct errors_fact *e = &m->errors;
    buf_printf(page, "errors   %lld, warnings %lld in the last day; %zu files refused\n",
               (long long)e->errors, (long long)e->warnings, m->facts.failure_count);
    for (size_t i = 0; i < e->count && i < most; i++) {
        char time[AEST_TEXT];
        aest_format_mms(aest_from_unix(e->rows[i].at), time);
        buf_printf(page, "%s%.11s%s %s\n", paint(m, e->rows[i].is_error ? BAD : WARNING), time + 5,
                   paint(m, PLAIN), e->rows[i].text);
    }
}

/* What has a place for it gets the lines that a larger terminal has. */
static void compose(const struct monitor *m, int rows, int64_t now, struct buf *page) {
    enum { FIXED = 1 + 1 + (DATASETS + 1) / 2 + 1 + 1 + 1 + 1 };
    int left = rows - FIXED;
    int processes = m->process_count > 3 ? 3 + (left > 12 ? left - 12 : 0)
                                         : (m->process_count ? (int)m->process_count : 1);
    add_head(m, page, now);
    add_datasets(m, page);
    add_processes(m, page, (size_t)(processes < 1 ? 1 : processes));
    add_disk(m, page);
    add_duties(m, page, now);
    left -= processes;
    add_errors(m, page, (size_t)(left > 0 ? left : 0));
}

static err *look_and_compose(struct monitor *m, int rows, struct buf *page) {
    struct arena a = {0};
    int64_t now = (int64_t)time(NULL);
    err *e = look(m, &a, now);
    if (!e)
        compose(m, rows, now, page);
    arena_free(&a);
    return e;
}

/* -- the command --------------------------------------------------------------------------------
 */

static err *print_once(struct monitor *m) {
    enum { ROWS = 48 };
    struct buf page = {0};
    err *e = look_and_compose(m, ROWS, &page);
    if (!e)
        fwrite(page.at, 1, page.len, stdout);
    buf_free(&page);
    return e;
}

static err *watch(struct monitor *m, int every_s) {
    struct buf page = {0};
    err *e = terminal_enter();
    for (int key = 0; !e && key >= 0 && key != 'q' && key != 'Q' && key != 3;) {
        int columns, rows;
        terminal_size(&columns, &rows);
        page.len = 0;
        e = look_and_compose(m, rows, &page);
        if (!e)
            terminal_draw(buf_str(&page));
        if (!e)
            key = terminal_key(every_s * 1000);
    }
    terminal_leave();
    buf_free(&page);
    return e;
}

static int monitor(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct monitor m = {.home = getenv("HOME")};
    int status, every_s = 2;
    const struct option_spec options[] = {
        {"every", "SECONDS", "how often it looks (default 2)", .number = &every_s}, {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = argc ? err_new(ERR_USAGE, "what is '%s'?", argv[0]) : NULL;
    if (!e && (every_s < 1 || every_s > 3600))
        e = err_new(ERR_USAGE, "--every is %d, not from 1 to 3600 seconds", every_s);
    m.data = setup.data;
    m.home = m.home ? m.home : "";
    m.backup_to = config_get(&setup.config, "NEMD_BACKUP", NULL);
    m.coloured = terminal_there() && !getenv("NO_COLOR");
    if (!e)
        e = open_store(&m); /* what is wrong with it is said on the terminal as it was */
    if (!e)
        e = terminal_there() ? watch(&m, every_s) : print_once(&m);
    status = e ? command_fail(self, e) : EXIT_DONE;
    store_close(m.store);
    arena_free(&m.slow.memory);
    setup_free(&setup);
    return status;
}

const struct command command_monitor = {
    .name = "monitor",
    .summary = "all of it at a glance, live",
    .usage = "[OPTION…]",
    .description =
        "Draws the datasets with their age, the processes that work on the store, the disk, the\n"
        "backup, the service and the latest errors, on a terminal of 80 by 24 or more, until q or\n"
        "Ctrl-C. Where standard output is no terminal it prints the page once.",
    .examples = {{"nemd monitor", "the live view; q ends it"},
                 {"nemd monitor > page.txt", "the page, once"}},
    .run = monitor,
};
