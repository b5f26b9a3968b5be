/* The records of all time, as routes want them: read from alerts.db, which the process that judges
 * alerts keeps current, when they have changed there since the last look.
 */
#ifndef API_KEPT_RECORDS_H
#define API_KEPT_RECORDS_H

#include "api/answer.h"
#include "api/api.h"
#include "market/record_keep.h"

struct kept_records {
    struct file_stamp stamps[2]; /* of alerts.db and its log of writes, as of the last reading */
    bool read, any;
    aest_day since;                      /* the first day that was counted, when there is [any] */
    struct market_records best, outside; /* the better of both origins; those from elsewhere */
};

/* *out is good until the next look of the same api. */
err *kept_records_look(struct api *api, const struct kept_records **out) ERR_NODISCARD;
void kept_records_free(struct api *api);

/* Whether a record was taken over from elsewhere. */
bool kept_is_outside(const struct kept_records *k, int measure, int extreme, int area, int hour);
/* When it was; nothing where that isn't known. */
struct cell record_time_cell(struct market_record r);

#endif
