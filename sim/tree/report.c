#include "sim/tree/report.h"

#include "sim/model/event.h"
#include "sim/tables/times.h"
#include "sim/tree/size.h"

#define HOUR (60 * AEST_MINUTE)
#define HALF_HOUR (30 * AEST_MINUTE)
#define FIVE_MINUTES (5 * AEST_MINUTE)
/* Files go at the first clearing after their time is up. */
#define TWO_DAYS (2 * AEST_DAY + FIVE_MINUTES)
#define TWO_WEEKS (14 * AEST_DAY + FIVE_MINUTES)
#define SIXTY_DAYS (60 * AEST_DAY + FIVE_MINUTES)

enum { FIVE_MINUTE_SETTLEMENT = 20211001, ROOFTOP_BY_HALF_HOUR = 20180302 };

#define ROOFTOP_ACTUAL(TYPE, place, table)                                                         \
    {                                                                                              \
        .folder = "ROOFTOP_PV/ACTUAL", .prefix = "PUBLIC_ROOFTOP_PV_ACTUAL_" TYPE "_",             \
        .title = "ROOFTOP_PV_ACTUAL_" TYPE, .group = "DEMAND", .digits = 14, .lower_case = true,   \
        .group_id = 20, .id = place, .cadence = HALF_HOUR, .first = ROOFTOP_BY_HALF_HOUR,          \
        .least_s = 2, .spread_s = 0.5, .upload_s = 1, .to = -HALF_HOUR, .span = HALF_HOUR,         \
        .tables = {table}, .keep = TWO_WEEKS, .size = &sim_size_rooftop_actual,                    \
        .archive = {SIM_WEEKLY, .weekday = 4, .after = -HALF_HOUR},                                \
    }

enum { REVIEW_DAYS = 2, YEARS_WITHOUT_REVIEW = 3 };

/* A review is resolved on its day or one of the next two. */
static aest_us next_revision(const struct sim_market *m, aest_us after) {
    aest_day first = (aest_day)(after / AEST_DAY) - REVIEW_DAYS, date = first;
    aest_us found = 0;
    for (; date < first + YEARS_WITHOUT_REVIEW * 366; date++) {
        struct sim_review review = sim_review_on(sim_market_seed(m), date);
        if (found && date * AEST_DAY > found)
            return found;
        if (review.any && review.resolved > after && (!found || review.resolved < found))
            found = review.resolved;
    }
    return found ? found : date * AEST_DAY;
}

const struct sim_report sim_reports[] = {
    {
        .folder = "DispatchIS_Reports",
        .prefix = "PUBLIC_DISPATCHIS_",
        .title = "DISPATCHIS",
        .group = "DISPATCHIS",
        .digits = 12,
        .id = 1,
        .cadence = FIVE_MINUTES,
        .known = sim_dispatch_time,
        .least_s = 4,
        .spread_s = 2,
        .upload_s = 2,
        .span = FIVE_MINUTES,
        .tables = {&sim_dispatch_case_solution, &sim_dispatch_local_price, &sim_dispatch_price,
                   &sim_dispatch_regionsum, &sim_dispatch_interconnectorres,
                   &sim_dispatch_constraint, &sim_dispatch_interconnection},
        .size = &sim_size_dispatchis,
        .keep = TWO_DAYS,
        .archive = {SIM_DAILY},
    },
    {
        .folder = "Dispatch_SCADA",
        .prefix = "PUBLIC_DISPATCHSCADA_",
        .title = "DISPATCHSCADA",
        .group = "DISPATCHSCADA",
        .digits = 12,
        .id = 6,
        .cadence = FIVE_MINUTES,
        .known = sim_scada_time,
        .least_s = 1,
        .spread_s = 1,
        .upload_s = 15,
        .span = FIVE_MINUTES,
        .tables = {&sim_dispatch_unit_scada},
        .size = &sim_size_dispatchscada,
        .keep = TWO_DAYS,
        .archive = {SIM_DAILY},
    },
    {
        .folder = "TradingIS_Reports",
        .prefix = "PUBLIC_TRADINGIS_",
        .title = "TRADINGIS",
        .group = "TRADINGIS",
        .digits = 12,
        .group_id = 12,
        .id = 1,
        .cadence = FIVE_MINUTES,
        .half_hourly_until = FIVE_MINUTE_SETTLEMENT,
        .known = sim_dispatch_time,
        .least_s = 6,
        .spread_s = 2,
        .upload_s = 3,
        .span = FIVE_MINUTES,
        .tables = {&sim_trading_interconnectorres, &sim_trading_price, &sim_trading_regionsum},
        .size = &sim_size_tradingis,
        .keep = TWO_DAYS,
        .archive = {SIM_WEEKLY, .after = 25 * AEST_MINUTE, .two_dates = true},
    },
    ROOFTOP_ACTUAL("MEASUREMENT", 0, &sim_rooftop_actual_measurement),
    ROOFTOP_ACTUAL("SATELLITE", 1, &sim_rooftop_actual_satellite),
    {
        .folder = "ROOFTOP_PV/FORECAST",
        .prefix = "PUBLIC_ROOFTOP_PV_FORECAST_",
        .title = "ROOFTOP_PV_FORECAST",
        .group = "DEMAND",
        .digits = 14,
        .lower_case = true,
        .group_id = 24,
        .cadence = HALF_HOUR,
        .first = ROOFTOP_BY_HALF_HOUR,
        .least_s = 1,
        .spread_s = 0.5,
        .upload_s = 2,
        .span = HALF_HOUR,
        .tables = {&sim_rooftop_forecast},
        .size = &sim_size_rooftop_forecast,
        .keep = TWO_WEEKS,
        .archive = {SIM_WEEKLY, .weekday = 4, .after = -HALF_HOUR},
    },
    {
        .folder = "Operational_Demand/ACTUAL_HH",
        .prefix = "PUBLIC_ACTUAL_OPERATIONAL_DEMAND_HH_",
        .title = "ACTUAL_OPERATIONAL_DEMAND_HH",
        .group = "DEMAND",
        .digits = 12,
        .stamped = true,
        .group_id = 30,
        .id = 1,
        .cadence = HALF_HOUR,
        .least_s = 4,
        .spread_s = 3,
        .upload_s = 2,
        .span = HALF_HOUR,
        .tables = {&sim_operational_demand_actual},
        .size = &sim_size_demand_actual,
        .keep = SIXTY_DAYS,
        .archive = {SIM_WEEKLY},
    },
    {
        .folder = "Operational_Demand/FORECAST_HH",
        .prefix = "PUBLIC_FORECAST_OPERATIONAL_DEMAND_HH_",
        .title = "FORECAST_OPERATIONAL_DEMAND_HH",
        .group = "DEMAND",
        .digits = 12,
        .stamped = true,
        .group_id = 40,
        .id = 1,
        .cadence = HALF_HOUR,
        .begin = -HALF_HOUR,
        .least_s = 120,
        .spread_s = 30,
        .upload_s = 5,
        .span = HALF_HOUR,
        .tables = {&sim_operational_demand_forecast},
        .size = &sim_size_demand_forecast,
        .keep = SIXTY_DAYS,
        .archive = {SIM_WEEKLY},
    },
    {
        .folder = "P5_Reports",
        .prefix = "PUBLIC_P5MIN_",
        .title = "P5MIN",
        .group = "P5MIN",
        .digits = 12,
        .stamped = true,
        .group_id = 50,
        .id = 3,
        .cadence = FIVE_MINUTES,
        .begin = -FIVE_MINUTES,
        .least_s = 34,
        .spread_s = 6,
        .upload_s = 45,
        .span = FIVE_MINUTES,
        .tables = {&sim_p5min_casesolution, &sim_p5min_local_price, &sim_p5min_regionsolution,
                   &sim_p5min_interconnectorsoln, &sim_p5min_constraintsolution},
        .size = &sim_size_p5min,
        .keep = TWO_DAYS,
        .archive = {SIM_DAILY},
    },
    {
        .folder = "PredispatchIS_Reports",
        .prefix = "PUBLIC_PREDISPATCHIS_",
        .title = "PREDISPATCHIS",
        .group = "PREDISPATCHIS",
        .digits = 12,
        .stamped = true,
        .group_id = 60,
        .id = 3,
        .cadence = HALF_HOUR,
        .begin = -HALF_HOUR,
        .least_s = 75,
        .spread_s = 60,
        .upload_s = 240,
        .span = HALF_HOUR,
        .tables = {&sim_predispatch_case_solution, &sim_predispatch_local_price,
                   &sim_predispatch_region_prices, &sim_predispatch_region_solution,
                   &sim_predispatch_interconnector_soln, &sim_predispatch_constraint_solution},
        .size = &sim_size_predispatchis,
        .keep = TWO_WEEKS,
        .archive = {SIM_WEEKLY, .two_dates = true},
    },
    {
        .folder = "Next_Day_Dispatch",
        .prefix = "PUBLIC_NEXT_DAY_DISPATCH_",
        .title = "NEXT_DAY_DISPATCH",
        .group = "NEXT_DAY_DISPATCH",
        .digits = 8,
        .id = 4,
        .cadence = AEST_DAY,
        .begin = AEST_DAY + 4 * HOUR + 10 * AEST_MINUTE,
        .least_s = 0,
        .spread_s = 3,
        .upload_s = 60,
        .to = AEST_DAY + 4 * HOUR,
        .span = AEST_DAY,
        .tables = {&sim_dispatch_unit_solution},
        .size = &sim_size_next_day_dispatch,
        .keep = SIXTY_DAYS,
        .archive = {SIM_MONTHLY, .after = -AEST_DAY},
    },
    {
        .folder = "DISPATCHIS_PRICE_REVISIONS",
        .prefix = "PUBLIC_PRICE_REVISION_DISPATCHIS_",
        .title = "PRICE_REVISION_DISPATCHIS",
        .group = "DISPATCHIS",
        .digits = 14,
        .group_id = 70,
        .id = 1,
        .next = next_revision,
        .least_s = 1,
        .spread_s = 1,
        .upload_s = 5,
        .span = AEST_SECOND,
        .tables = {&sim_dispatch_price_revision},
        .size = &sim_size_price_revision,
        .keep = 395 * AEST_DAY,
    },
    {
        .folder = "Public_Prices",
        .prefix = "PUBLIC_PRICES_",
        .title = "PUBLIC_PRICES",
        .group = "",
        .digits = 12,
        .stamped = true,
        .cadence = AEST_DAY,
        .begin = AEST_DAY + 4 * HOUR + 5 * AEST_MINUTE,
        .least_s = 1,
        .spread_s = 2,
        .upload_s = 70,
        .to = AEST_DAY + 4 * HOUR,
        .span = AEST_DAY,
        .tables = {&sim_dregion, &sim_tregion},
        .size = &sim_size_public_prices,
        .keep = SIXTY_DAYS,
        .archive = {SIM_MONTHLY, .after = -AEST_DAY},
    },
};
const int sim_report_count = sizeof sim_reports / sizeof *sim_reports;

static aest_us date(int yyyymmdd) {
    aest_day day = 0;
    aest_day_from_date(yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100, &day);
    return day * AEST_DAY;
}

aest_us sim_report_cadence(const struct sim_report *r, aest_us time) {
    return r->half_hourly_until && time <= date(r->half_hourly_until) ? HALF_HOUR : r->cadence;
}

aest_us sim_report_next(const struct sim_market *m, const struct sim_report *r, aest_us after) {
    if (r->next)
        return r->next(m, after);
    aest_us cadence = sim_report_cadence(r, after);
    aest_us next = (after / cadence + 1) * cadence;
    return r->first && next < date(r->first) ? date(r->first) : next;
}
