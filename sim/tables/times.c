#include "sim/tables/times.h"

#include "sim/model/noise.h"
#include "sim/model/streams.h"

enum stream { DISPATCH_SECONDS = SIM_STREAMS_TIMES, SCADA_SECONDS };
/* Trading days begin at 04:00: so many intervals after midnight. */
enum { TRADING_DAY_START = 4 * 12 };

static aest_us start_and(const struct sim_market *m, aest_us end, enum stream stream, int seconds,
                         int spread) {
    struct noise n = {sim_market_seed(m), stream};
    double u = noise_uniform(n, end / AEST_SECOND);
    return end - INTERVAL_MINUTES * AEST_MINUTE + (seconds + (int)(spread * u * u)) * AEST_SECOND;
}

aest_us sim_dispatch_time(const struct sim_market *m, aest_us end) {
    return start_and(m, end, DISPATCH_SECONDS, 3, 6);
}

aest_us sim_scada_time(const struct sim_market *m, aest_us end) {
    return start_and(m, end, SCADA_SECONDS, 11, 9);
}

int64_t sim_dispatch_interval(const struct sim_day *day, int k) {
    int year, month, date;
    aest_date(day->date, &year, &month, &date);
    return (year * 10000 + month * 100 + date) * INT64_C(1000) + k + 1;
}

static bool after(aest_us end, int year, int month, int date) {
    aest_day first;
    aest_day_from_date(year, month, date, &first);
    return end > first * AEST_DAY;
}

bool sim_settled_by_5_minutes(aest_us end) {
    return after(end, 2021, 10, 1);
}

bool sim_storage_is_published(aest_us end) {
    return after(end, 2024, 11, 1);
}

void sim_each_day(struct sim_file *f, aest_us from, aest_us to,
                  void (*visit)(struct sim_file *, const struct sim_day *, int, int)) {
    interval at = interval_at_or_before(from) + 1, end = interval_at_or_before(to) + 1;
    while (at < end) {
        aest_day date = interval_trading_day(at);
        interval first = interval_day_start(date) + TRADING_DAY_START + 1;
        interval next = first + INTERVALS_PER_DAY;
        const struct sim_day *day = sim_market_day(f->market, date);
        visit(f, day, at - first, (next < end ? next : end) - first);
        sim_market_release(f->market, day);
        at = next;
    }
}
