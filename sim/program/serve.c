#include "sim/program/serve.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "sim/program/server.h"
#include "sim/tree/tree.h"

struct serve_settings {
    const char *host;
    int port;
    aest_us now;
    double speed, history;
    uint64_t seed;
    struct sim_faults faults;
    bool control, verbose;
};

/* -- a tree as a site --------------------------------------------------------------------------
 */

static bool tree_page(const void *tree, str path, aest_us now, struct buf *html) {
    return sim_listing(tree, path, now, html);
}

struct wanted {
    str name;
    aest_us modified;
};

static void take_modified(void *context, const struct sim_entry *e) {
    struct wanted *wanted = context;
    if (str_eq_nocase(wanted->name, str_from(e->name)))
        wanted->modified = e->modified;
}

static bool tree_file(const void *tree, str path, aest_us now, const struct sim_flow *flow,
                      struct buf *bytes, aest_us *modified) {
    if (!sim_tree_flow(tree, path, now, flow, bytes))
        return false;
    size_t folder = path.len;
    while (path.at[folder - 1] != '/')
        folder--;
    struct wanted wanted = {.name = {path.at + folder, path.len - folder}};
    sim_tree_list(tree, (str){path.at, folder}, now, take_modified, &wanted);
    *modified = wanted.modified;
    return true;
}

/* -- the command -------------------------------------------------------------------------------
 */

/* Blocked in every thread, so that they wait for whoever asks for them. */
static sigset_t block_endings(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return set;
}

static err *serve_until_told(struct sim_web *web, const struct serve_settings *s) {
    struct sim_server *server;
    int signal;
    bool ipv6 = strchr(s->host, ':') != NULL;
    sigset_t endings = block_endings();
    TRY(sim_server_open(web, s->host, s->port, &sim_default_limits, &server));
    printf("listening on http://%s%s%s:%d\n", ipv6 ? "[" : "", s->host, ipv6 ? "]" : "",
           sim_server_port(server));
    fflush(stdout);
    sigwait(&endings, &signal);
    _exit(SIM_DONE); /* a file being made may take seconds, and nobody needs it any more */
}

static aest_us first_publication(const struct serve_settings *s) {
    aest_us start = SIM_FIRST_PUBLICATION;
    if (s->history >= 0)
        start = s->now - (aest_us)(s->history * 365.25 * (double)AEST_DAY);
    return start > SIM_FIRST_PUBLICATION ? start : SIM_FIRST_PUBLICATION;
}

static err *serve_market(const struct serve_settings *s) {
    struct sim_clock clock;
    struct sim_tree tree = {
        .market = sim_market_new(s->seed), .start = first_publication(s), .faults = s->faults};
    struct sim_web *web = mem_zalloc(1, sizeof *web);
    sim_clock_init(&clock, s->now, s->speed);
    web->site = (struct sim_site){&tree, tree_page, tree_file};
    web->clock = &clock;
    web->control = s->control;
    web->faults = s->faults;
    log_set_level(s->verbose ? LOG_INFO : LOG_WARN);
    err *e = serve_until_told(web, s);
    sim_market_free(tree.market);
    free(web);
    return e;
}

static int serve(const struct sim_command *self, int argc, char **argv) {
    struct serve_settings s = {
        .host = "127.0.0.1", .port = 8080, .speed = 1, .history = -1, .seed = 1};
    int status;
    s.now = aest_now();
    const struct sim_option options[] = {
        {"port", "N", "port; 0: any that is free (default 8080)", sim_option_port, &s.port},
        {"host", "H", "address to listen on (default 127.0.0.1)", NULL, &s.host},
        {"now", "TIME", "what the clock shows at first (default: the time)", sim_option_time,
         &s.now},
        {"speed", "N", "simulated seconds in a second; 0: the clock stands (default 1)",
         sim_option_speed, &s.speed},
        {"seed", "S", "the market: another number, another market (default 1)", sim_option_seed,
         &s.seed},
        {"history", "YEARS", "nothing older was ever published (default: since 2009-07)",
         sim_option_years, &s.history},
        {"faults", "LIST", "what goes wrong, by its rate: all=0.02,stall=0 (default: nothing)",
         sim_option_faults, &s.faults},
        {"control", NULL, "let clients set the clock", NULL, &s.control},
        {"verbose", NULL, "log every fault of a request", NULL, &s.verbose},
        {0},
    };
    if (!sim_options_read(self, options, 0, argc, argv, &status))
        return status;
    s.faults.seed = s.seed;
    err *e = serve_market(&s);
    return e ? sim_command_fail(self, e) : SIM_DONE;
}

const struct sim_command sim_command_serve = {
    .name = "serve",
    .summary = "a NEMWEB over HTTP, that publishes as its clock goes on",
    .usage = "[OPTION…]",
    .description =
        "Serves the simulated market's files where NEMWEB has them, until SIGINT or SIGTERM, and\n"
        "prints its address in the first line. Times are AEST, as in 2025-08-20T18:05. With\n"
        "--control, GET /clock answers \"now=2025-08-20T18:05:00&speed=1\", and POST /clock takes\n"
        "such a text, of which either part may be missing, and sets the clock.\n\n"
        "Faults of requests: forbidden throttled broken reset stall truncated flipped stale-list.\n"
        "Faults of files: footer late twice revised never empty new-column version new-duid\n"
        "midnight. A rate is from 0 to 1, and \"all\" is all of them.",
    .run = serve,
};
