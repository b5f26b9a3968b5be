#include "collect/published.h"

#define D(id) DATASET_BIT(id)
#define DISPATCH_PRICES (D(PRICES5) | D(FCAS5) | D(PRICESTATUS5))
#define DISPATCHIS (DISPATCH_PRICES | D(REGIONS5) | D(TRANSMISSION5) | D(CONSTRAINTS5))

enum {
    MONTHLY_ARCHIVE = 200907, /* its first month */
    ROOFTOP = 201608,
    DEMAND = 202408,
    FIVE_MINUTE_SETTLEMENT = 202110, /* the last half hours were traded in September */
    KEPT_BY_ARCHIVE = 395,           /* days */
    AFTER_MONTH = 10 * 24,           /* hours */
    NEXT_DAY = 30,                   /* hours from a day's first interval to its daily report */
};

// clang-format off
const struct published publications[] = {
    {IN_CURRENT, "dispatchis", DISPATCHIS, MONTHLY_ARCHIVE, 0, 0, 2},
    {IN_CURRENT, "dispatchscada", D(SCADA5), MONTHLY_ARCHIVE, 0, 0, 2},
    {IN_CURRENT, "tradingis", DISPATCH_PRICES, FIVE_MINUTE_SETTLEMENT, 0, 0, 2},
    {IN_CURRENT, "rooftop", D(ROOFTOP30), ROOFTOP, 0, 1, 14},
    {IN_CURRENT, "demand_hh", D(DEMAND30), DEMAND, 0, 1, 60},
    {IN_CURRENT, "demand_5min", D(DEMAND5), DEMAND, 0, 1, 365},
    {IN_CURRENT, "demand_daily", D(DEMAND30), DEMAND, 0, NEXT_DAY, 60},
    {IN_CURRENT, "p5min", D(P5MIN), MONTHLY_ARCHIVE, 0, 0, 2},
    {IN_CURRENT, "predispatchis", D(PREDISPATCH), MONTHLY_ARCHIVE, 0, 1, 14},
    {IN_CURRENT, "rooftop_forecast", D(ROOFTOP_FORECAST), ROOFTOP, 0, 1, 14},
    {IN_CURRENT, "public_prices", D(PRICES5), MONTHLY_ARCHIVE, 0, NEXT_DAY, 45},
    {IN_CURRENT, "next_day_dispatch", D(DISPATCH5), MONTHLY_ARCHIVE, 0, NEXT_DAY, 45},

    {IN_ARCHIVE, "dispatchis", DISPATCHIS, MONTHLY_ARCHIVE, 0, 26, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "dispatchscada", D(SCADA5), MONTHLY_ARCHIVE, 0, 26, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "tradingis", D(PRICES5) | D(FCAS5), FIVE_MINUTE_SETTLEMENT, 0, 8 * 24, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "rooftop", D(ROOFTOP30), ROOFTOP, 0, 8 * 24, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "demand30", D(DEMAND30), DEMAND, 0, 8 * 24, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "dispatch5", D(DISPATCH5), MONTHLY_ARCHIVE, 0, 33 * 24, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "rooftop_forecast", D(ROOFTOP_FORECAST), ROOFTOP, 0, 8 * 24, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "p5min", D(P5MIN), MONTHLY_ARCHIVE, 0, 26, KEPT_BY_ARCHIVE},
    {IN_ARCHIVE, "predispatch", D(PREDISPATCH), MONTHLY_ARCHIVE, 0, 8 * 24, KEPT_BY_ARCHIVE},

    {IN_MMSDM, "DISPATCHPRICE", DISPATCH_PRICES, MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "DISPATCH_UNIT_SCADA", D(SCADA5), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "DISPATCHREGIONSUM", D(REGIONS5), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "DISPATCHINTERCONNECTORRES", D(TRANSMISSION5), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "TRADINGPRICE", D(PRICES30), MONTHLY_ARCHIVE, FIVE_MINUTE_SETTLEMENT - 1,
     AFTER_MONTH, 0},
    {IN_MMSDM, "ROOFTOP_PV_ACTUAL", D(ROOFTOP30), ROOFTOP, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "DEMANDOPERATIONALACTUAL", D(DEMAND30), DEMAND, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "DISPATCHLOAD", D(DISPATCH5), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "DISPATCHCONSTRAINT", D(CONSTRAINTS5), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "P5MIN_REGIONSOLUTION", D(P5MIN), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "ROOFTOP_PV_FORECAST", D(ROOFTOP_FORECAST), ROOFTOP, 0, AFTER_MONTH, 0},
    {IN_MMSDM, "PREDISPATCHPRICE", D(PREDISPATCH), MONTHLY_ARCHIVE, 0, AFTER_MONTH, 0},
};
// clang-format on
const int publication_count = sizeof publications / sizeof *publications;

/* The month of a day as yyyymm, and the day on which the next one begins. */
static int month_of(aest_day day, aest_day *next) {
    int year, month, date;
    aest_date(day, &year, &month, &date);
    aest_day_from_date(year + month / 12, month % 12 + 1, 1, next);
    return year * 100 + month;
}

enum availability published_at(enum dataset_id dataset, interval at, aest_us now) {
    aest_day next;
    int month = month_of(interval_day(at), &next);
    enum availability found = NEVER_PUBLISHED;
    for (int i = 0; i < publication_count; i++) {
        const struct published *p = &publications[i];
        if (!(p->fills & D(dataset)) || month < p->first || (p->last && month > p->last))
            continue;
        aest_us known = p->place == IN_MMSDM ? next * AEST_DAY : interval_to_aest(at),
                there = known + p->after_hours * 60 * AEST_MINUTE;
        bool gone = p->keep_days && interval_to_aest(at) + p->keep_days * AEST_DAY < now;
        if (!gone && there <= now)
            return OFFERED;
        if (!gone)
            found = NOT_YET_PUBLISHED;
        else if (found == NEVER_PUBLISHED)
            found = GONE_BY_NOW;
    }
    return found;
}
