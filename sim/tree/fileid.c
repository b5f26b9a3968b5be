#include "sim/tree/fileid.h"

#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum { FILEID_STREAM = SIM_STREAMS_FILEID };

/* Ids met in names of real files, with the minute in which the files were made. */
static const struct mark {
    int date, minute;
    uint64_t id;
} marks[] = {
    {20170202, 255, 280588679},  {20170831, 255, 286881960},  {20180305, 15, 292571674},
    {20190102, 120, 302837680},  {20190402, 120, 306222443},  {20190704, 685, 309915971},
    {20191002, 120, 313537024},  {20200113, 845, 317693747},  {20210102, 300, 334263811},
    {20210831, 770, 348260618},  {20211108, 870, 352251582},  {20220528, 255, 364099034},
    {20230106, 255, 378281515},  {20230223, 0, 381390815},    {20230928, 0, 398259691},
    {20240303, 810, 412683134},  {20240519, 25, 420063852},   {20240703, 25, 424989956},
    {20241214, 1082, 443338900}, {20250315, 1086, 455045853}, {20250501, 1260, 461491740},
    {20250812, 670, 475994495},  {20251222, 700, 495172801},  {20260220, 299, 504277195},
    {20260406, 300, 511537062},  {20260617, 255, 522854663},  {20260830, 255, 535139038},
};
enum { MARKS = sizeof marks / sizeof *marks };

static aest_us mark_time(const struct mark *m) {
    aest_day day = 0;
    aest_day_from_date(m->date / 10000, m->date / 100 % 100, m->date % 100, &day);
    return day * AEST_DAY + m->minute * AEST_MINUTE;
}

/* On the line between the two marks around [t], or on from the first or the last two. */
static double line(aest_us t) {
    int low = 0, high = MARKS - 1;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        *(mark_time(&marks[middle]) <= t ? &low : &high) = middle;
    }
    aest_us from = mark_time(&marks[low]), to = mark_time(&marks[high]);
    double part = (double)(t - from) / (double)(to - from);
    return (double)marks[low].id + part * ((double)marks[high].id - (double)marks[low].id);
}

uint64_t sim_file_id(uint64_t seed, aest_us created) {
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    aest_us at = created - created % step;
    struct noise n = {seed, (uint64_t)FILEID_STREAM << 40};
    double id = line(at), next = line(at + step);
    return (uint64_t)(id + 0.4 * noise_uniform(n, at / step) * (next - id));
}
