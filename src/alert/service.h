/* Alerts as a service: a thread that judges, and one for each sink that delivers.
 *
 * Of the processes that are open on a store one at a time does it: whoever holds
 * <data>/lock.alerts. The others ask for it once in a while.
 */
#ifndef ALERT_SERVICE_H
#define ALERT_SERVICE_H

#include "alert/engine.h"

struct alert_service;

/* Reads the settings, which is where ERR_USAGE comes from, and starts. The settings have to live as
 * long as the service; their [stop] ends it. */
err *alert_service_start(const char *data, const struct alert_settings *settings,
                         struct alert_service **out) ERR_NODISCARD;
/* Waits for its threads, after the stop was requested. NULL is none. */
void alert_service_join(struct alert_service *s);

#endif
