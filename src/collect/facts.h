/* Facts: what a source says of a unit, before anybody decides whom to believe.
 *
 *   duid   fact         source    valid_from  valid_to    value    origin
 *   HPRG1  region       MMSDM     2017-11-14  -           SA1      MMSDM DUDETAILSUMMARY 2020-10
 *   HPRG1  mlf          MMSDM     2018-07-01  2019-07-01  0.9771   MMSDM DUDETAILSUMMARY 2020-10
 *   HPRG1  technology   WORKBOOK  1970-01-01  -           Battery  workbook NEM-Reg….xlsx
 *   HPRG1  capacity_mw  USER      1970-01-01  -           100      user
 *
 * A fact holds from the day [valid_from] until before the day [valid_to]. FACT_ALWAYS begins before
 * the market did. An empty value says nothing, which is how a user takes a word back.
 *
 * A source says all it knows of a fact at once: its newest saying (lastchanged) takes the place of
 * all it said before. Only the user's words add up, a day at a time.
 */
#ifndef COLLECT_FACTS_H
#define COLLECT_FACTS_H

#include "store/records.h"

/* Who says it; the number stands in files. FACT_EARLIER is the system that nemd took over from. */
enum fact_source {
    FACT_BUILT_IN,
    FACT_MMSDM,
    FACT_WORKBOOK,
    FACT_IMPORT,
    FACT_USER,
    FACT_EARLIER,
    FACT_SOURCES
};
/* Whom to believe: the higher counts. */
int fact_belief(enum fact_source source);

enum { FACT_ALWAYS = 0, FACT_OPEN = INT32_MAX };

struct fact {
    str duid, name;
    enum fact_source source;
    aest_day from, to; /* FACT_OPEN: no end */
    str value, origin;
    aest_us lastchanged;
};

/* Adds to records of the table UNIT_FACTS; and a row of them as a fact. */
void fact_put(struct records *r, const struct fact *f);
struct fact fact_of(const struct record *row);
/* Sorts by DUID, fact, source and day, and drops what was said anew. */
void facts_settle(struct records *r);

#endif
