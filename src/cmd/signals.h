/* Signals, handled by one thread: SIGTERM and SIGINT ask for a stop, SIGHUP opens the log anew. */
#ifndef CMD_SIGNALS_H
#define CMD_SIGNALS_H

#include "base/stop.h"

/* Call before any other thread is started: they inherit the blocked signals. */
err *signals_start(struct stop *stop) ERR_NODISCARD;

#endif
