/* The schedule of reliability settings, as the AEMC publishes it each year, and MMSDM's
 * MARKET_PRICE_THRESHOLDS up to 2020. With five-minute settlement the threshold became one on
 * five-minute prices, six times what it was. */
#include "sim/model/market.h"

// clang-format off
const struct sim_threshold sim_thresholds[] = {
    {19971104,  5000, -1000,       0, 300}, /* there was no threshold yet */
    {20020401, 10000, -1000,  150000, 300},
    {20100701, 12500, -1000,  187500, 300},
    {20120701, 12900, -1000,  193900, 300},
    {20130701, 13100, -1000,  197100, 300},
    {20140701, 13500, -1000,  201900, 300},
    {20150701, 13800, -1000,  207000, 300},
    {20160701, 14000, -1000,  210100, 300},
    {20170701, 14200, -1000,  212800, 300},
    {20180701, 14500, -1000,  216900, 300},
    {20190701, 14700, -1000,  221100, 300},
    {20200701, 15000, -1000,  224600, 300},
    {20210701, 15100, -1000,  226500, 300},
    {20211001, 15100, -1000, 1359100, 300},
    {20220701, 15500, -1000, 1398100, 300},
    {20221201, 15500, -1000, 1398100, 600},
    {20230701, 16600, -1000, 1490200, 600},
    {20240701, 17500, -1000, 1573700, 600},
    {20250701, 20300, -1000, 1823600, 600},
    {20260701, 23200, -1000, 2225900, 600},
};
// clang-format on

const int sim_threshold_count = sizeof sim_thresholds / sizeof *sim_thresholds;

const struct sim_threshold *sim_threshold_at(aest_us end) {
    int year, month, day;
    /* the interval that ends at midnight still belongs to the date before it */
    aest_date(interval_day(interval_at_or_after(end)), &year, &month, &day);
    int date = year * 10000 + month * 100 + day, i = sim_threshold_count - 1;
    while (i > 0 && sim_thresholds[i].from > date)
        i--;
    return &sim_thresholds[i];
}
