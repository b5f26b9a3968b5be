/* What a market notice is about: its kind, the story it belongs to, and how bad it is.
 *
 * Notices of one story have no key in common. Their external references differ in words like
 * "Cancellation of", "Forecast", "Update": what is the same is the kind of thing, the region and
 * the date that they speak of, or AEMO's event id where there is one.
 */
#ifndef ALERT_NOTICE_STORY_H
#define ALERT_NOTICE_STORY_H

#include "store/alerts.h"

struct notice_story {
    const char *kind;  /* "lack of reserve", or NULL: nothing to tell of */
    const char *story; /* the same for all of a story's notices; memory from the arena */
    int level;         /* 0: it is over, or cancelled; else the higher, the worse */
    enum alert_severity severity;
};

/* [type] and [description] as the notice has them; [reason] is its text. Any may be empty. */
struct notice_story notice_story(struct arena *a, str type, str description, str reference,
                                 str reason);

#endif
