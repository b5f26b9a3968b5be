/* Stories of market notices: something happens, is declared, perhaps updated, and cancelled.
 */
#ifndef SIM_NOTICE_STORY_H
#define SIM_NOTICE_STORY_H

#include "sim/model/market.h"

/* In a draft's texts this stands for the id of the notice that it follows up, and \n ends lines. */
#define SIM_EARLIER "\001"

struct sim_draft {
    struct sim_draft *next;
    const char *type;
    aest_us created;
    uint64_t key; /* tells it from all others of its story's first day */
    const char *reference, *reason;
    const struct sim_draft *earlier; /* what it follows up, or NULL */
};

enum { SIM_STORY_DAYS = 4 }; /* a story ends within so many days */

/* All that the stories which begin on [day] will tell, in no order. */
struct sim_draft *sim_stories(struct sim_market *m, aest_day day, struct arena *a);

#endif
