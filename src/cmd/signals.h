/* Signals, handled by one thread. SIGTERM and SIGINT ask for a stop, and end the process at once
 * when they come again. SIGHUP opens the log file anew; without a log file it is what a closed
 * terminal sends, and asks for a stop. */
#ifndef CMD_SIGNALS_H
#define CMD_SIGNALS_H

#include "base/stop.h"

/* Call before any other thread is started: they inherit the blocked signals. */
err *signals_start(struct stop *stop) ERR_NODISCARD;

#endif
