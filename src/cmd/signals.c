#include "cmd/signals.h"

#include <pthread.h>
#include <signal.h>

#include "base/log.h"

static void *wait_for_signals(void *context) {
    struct stop *stop = context;
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    while (sigwait(&set, &signal) == 0) {
        if (signal != SIGHUP) {
            stop_request(stop);
            continue;
        }
        err *e = log_reopen();
        if (e)
            log_error("the log can't be reopened", log_err(e));
        err_free(e);
    }
    return NULL;
}

err *signals_start(struct stop *stop) {
    pthread_t thread;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int failed = pthread_create(&thread, NULL, wait_for_signals, stop);
    if (failed)
        return err_errno(failed, "can't start the signal thread");
    pthread_detach(thread);
    return NULL;
}
