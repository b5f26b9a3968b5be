#include "cmd/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"

static sigset_t handled(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

static void *wait_for_signals(void *context) {
    struct stop *stop = context;
    const sigset_t set = handled();
    int signal;
    while (sigwait(&set, &signal) == 0) {
        if (signal == SIGHUP && log_has_file()) {
            err *e = log_reopen();
            if (e)
                log_error("the log can't be reopened", log_err(e));
            err_free(e);
        } else if (stop_requested(stop)) {
            _exit(128 + signal); /* nothing committed can be lost by that */
        } else {
            stop_request(stop);
        }
    }
    return NULL;
}

err *signals_start(struct stop *stop) {
    const sigset_t set = handled();
    pthread_t thread;
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int failed = pthread_create(&thread, NULL, wait_for_signals, stop);
    if (failed)
        return err_errno(failed, "can't start the signal thread");
    pthread_detach(thread);
    return NULL;
}
