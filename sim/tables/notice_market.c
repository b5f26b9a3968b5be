/* Notices of the market: reserves, minimum load, prices, and what the operator does about them. */
#include <math.h>

#include "sim/model/demand.h"
#include "sim/model/event.h"
#include "sim/tables/notice_teller.h"
#include "sim/tables/registry.h"

#define HEADING "AEMO ELECTRICITY MARKET NOTICE\n\n"
#define SIGNED "\n\nManager NEM Real Time Operations\n"
#define HALF_HOUR (30 * AEST_MINUTE)

/* The longest run of half hours of a date in which something lies over a bound, and its height. */
struct spell {
    aest_us from, to;
    double most;
};

typedef double measure(uint64_t seed, enum sim_region region, aest_us t);

static bool find_spell(struct teller *t, measure *height, enum sim_region region, aest_day day,
                       double bound, struct spell *out) {
    *out = (struct spell){.most = bound};
    uint64_t seed = sim_market_seed(t->market);
    for (int i = 8; i < 47; i++) {
        aest_us at = day * AEST_DAY + i * HALF_HOUR;
        double h = height(seed, region, at);
        if (h <= bound)
            continue;
        out->from = out->from ? out->from : at;
        out->to = at + HALF_HOUR;
        out->most = fmax(out->most, h);
    }
    return out->from != 0;
}

/* Lack of reserve by how scarce offers are. */
static const double lor_bound[] = {0.50, 0.80, 0.97};

static int lor_level(double scarcity) {
    int level = 0;
    while (level < 3 && scarcity > lor_bound[level])
        level++;
    return level;
}

static const char *lor_period(struct teller *t, const struct spell *s, int level) {
    struct spelled a = teller_spell(s->from), b = teller_spell(s->to);
    int required = 450 + 250 * level + teller_choose(t, 120),
        available = (int)(required * (1 - s->most / 2));
    return arena_printf(t->memory,
                        "[1.] From %s hrs %s to %s hrs %s.\n"
                        "The capacity reserve requirement is %d MW.\n"
                        "The minimum capacity reserve available is %d MW.",
                        a.hhmm, a.date, b.hhmm, b.date, required, available);
}

/* What pre-dispatch sees of the next day: declared in the afternoon, sometimes raised or lowered in
 * the evening, and mostly cancelled when offers come in. */
static void tell_forecast_of(struct teller *t, enum sim_region region, const struct spell *s) {
    const char *name = teller_region(region);
    int level = lor_level(s->most);
    if (teller_happens(t, 0.2) && level < 3)
        level++;
    const char *tail =
        arena_printf(t->memory, "in the %s Region on %s", name, teller_spell(s->from).date);
    struct sim_draft *d = teller_tell(t, "RESERVE NOTICE", teller_time(t, 13, 17), NULL);
    d->reference = arena_printf(t->memory, "PDPASA - Forecast Lack Of Reserve Level %d (LOR%d) %s",
                                level, level, tail);
    d->reason = arena_printf(t->memory,
                             HEADING "AEMO declares a Forecast LOR%d condition under clause "
                                     "4.8.4(b) of the National Electricity Rules for the %s region "
                                     "for the following period:\n\n%s\n\nAEMO is seeking a market "
                                     "response." SIGNED,
                             level, name, lor_period(t, s, level));
    if (teller_happens(t, 0.4)) {
        struct sim_draft *update = teller_tell(t, "RESERVE NOTICE", teller_time(t, 18, 21), d);
        update->reference = d->reference;
        update->reason = arena_printf(
            t->memory,
            HEADING "Update of the Forecast LOR%d condition in the %s region advised in AEMO "
                    "Electricity Market Notice No. " SIM_EARLIER
                    ". It now holds for the following period:\n\n%s" SIGNED,
            level, name, lor_period(t, s, level));
        d = update;
    }
    if (!teller_happens(t, 0.8))
        return;
    aest_us cancelled = teller_time(t, 21, 32);
    struct spelled at = teller_spell(cancelled);
    struct sim_draft *end = teller_tell(t, "RESERVE NOTICE", cancelled, d);
    end->reference = arena_printf(
        t->memory, "PDPASA - Cancellation of the Forecast Lack Of Reserve Level %d (LOR%d) %s",
        level, level, tail);
    end->reason = arena_printf(t->memory,
                               HEADING "The Forecast LOR%d condition in the %s region advised in "
                                       "AEMO Electricity Market Notice No. " SIM_EARLIER
                                       " is cancelled at %s hrs %s." SIGNED,
                               level, name, at.hhmm, at.date);
}

void tell_forecast_reserve(struct teller *t) {
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct spell s;
        if (find_spell(t, sim_scarcity, (enum sim_region)r, t->day + 1, lor_bound[0] * 0.7, &s) &&
            lor_level(s.most / 0.7) > 0 && teller_happens(t, 0.5)) {
            s.most = fmax(s.most, lor_bound[0] + 0.01);
            tell_forecast_of(t, (enum sim_region)r, &s);
        }
    }
}

/* What follows when there is no reserve left: load is shed and restored. */
static void tell_load_shed(struct teller *t, enum sim_region region, aest_us from, aest_us to) {
    const char *name = teller_region(region);
    int mw = 50 + 10 * teller_choose(t, 40);
    const char *reference = arena_printf(t->memory, "Load shedding in the %s region on %s", name,
                                         teller_spell(from).date);
    struct sim_draft *d = teller_tell(t, "LOAD SHED", from, NULL);
    d->reference = reference;
    d->reason =
        arena_printf(t->memory,
                     HEADING "AEMO has instructed %d MW of load to be shed in the %s region "
                             "from %s hrs, to keep the power system secure.\n\nThe "
                             "instruction is given under section 116 of the National "
                             "Electricity Law." SIGNED,
                     mw, name, teller_spell(from).hhmm);
    struct sim_draft *end = teller_tell(t, "LOAD RESTORE", to, d);
    end->reference = reference;
    end->reason = arena_printf(t->memory,
                               HEADING "Refer AEMO Electricity Market Notice " SIM_EARLIER
                                       "\n\nPermission to restore all load in the %s region was "
                                       "given at %s hrs." SIGNED,
                               name, teller_spell(to).hhmm);
}

/* Reserve that was contracted for such a time is called upon. */
static void tell_reserve_trader(struct teller *t, enum sim_region region, const struct spell *s) {
    const char *name = teller_region(region);
    struct spelled a = teller_spell(s->from), b = teller_spell(s->to);
    struct sim_draft *d = teller_tell(t, "MARKET INTERVENTION", s->from - 50 * AEST_MINUTE, NULL);
    d->reference =
        arena_printf(t->memory, "Reliability and Emergency Reserve Trader (RERT) - %s region - %s",
                     name, a.date);
    d->reason = arena_printf(t->memory,
                             HEADING "AEMO has entered into a reserve contract and intends to "
                                     "activate it (RERT) to maintain the power system in the %s "
                                     "region in a reliable operating state from %s hrs to %s hrs "
                                     "%s." SIGNED,
                             name, a.hhmm, b.hhmm, b.date);
}

static void tell_actual(struct teller *t, enum sim_region region, const struct spell *s) {
    const char *name = teller_region(region);
    int level = lor_level(s->most);
    struct spelled a = teller_spell(s->from), b = teller_spell(s->to);
    const char *tail =
        arena_printf(t->memory, "Actual Lack Of Reserve Level %d (LOR%d) in the %s region on %s",
                     level, level, name, a.date);
    struct sim_draft *d = teller_tell(t, "RESERVE NOTICE", s->from + 7 * AEST_MINUTE, NULL);
    d->reference = tail;
    d->reason = arena_printf(t->memory,
                             HEADING "An Actual LOR%d condition has been declared under clause "
                                     "4.8.4(b) of the National Electricity Rules for the %s region "
                                     "from %s hrs.\n\nThe condition is forecast to exist until %s "
                                     "hrs.\n\n%s" SIGNED,
                             level, name, a.hhmm, b.hhmm, lor_period(t, s, level));
    struct sim_draft *end = teller_tell(t, "RESERVE NOTICE", s->to + 3 * AEST_MINUTE, d);
    end->reference = arena_printf(t->memory, "Cancellation of the %s", tail);
    end->reason = arena_printf(
        t->memory,
        HEADING "The Actual LOR%d condition in the %s region advised in AEMO "
                "Electricity Market Notice No. " SIM_EARLIER " is cancelled at %s hrs %s." SIGNED,
        level, name, b.hhmm, b.date);
    if (level >= 2 && teller_happens(t, 0.3))
        tell_reserve_trader(t, region, s);
    if (level == 3 && teller_happens(t, 0.02))
        tell_load_shed(t, region, s->from + HALF_HOUR / 2, s->to);
}

void tell_actual_reserve(struct teller *t) {
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct spell s;
        if (find_spell(t, sim_scarcity, (enum sim_region)r, t->day, lor_bound[0], &s) &&
            teller_happens(t, 0.7))
            tell_actual(t, (enum sim_region)r, &s);
    }
}

/* How far demand lies under what keeps a region's machines on, as a height for find_spell: 1 is the
 * first level. */
static const double minimum_load_mw[SIM_REGIONS] = {
    [SIM_NSW1] = 2600, [SIM_QLD1] = 2600, [SIM_SA1] = 100, [SIM_TAS1] = 400, [SIM_VIC1] = 1500};

static double shortfall(uint64_t seed, enum sim_region region, aest_us t) {
    return minimum_load_mw[region] - sim_operational_demand(seed, region, t);
}

static void tell_minimum_load_of(struct teller *t, enum sim_region region, const struct spell *s) {
    const char *name = teller_region(region);
    struct spelled a = teller_spell(s->from), b = teller_spell(s->to);
    int bound = (int)minimum_load_mw[region], least = bound - (int)s->most;
    int step = bound / 5, level = s->most > 2 * step ? 3 : s->most > step ? 2 : 1;
    const char *reference = arena_printf(
        t->memory, "Forecast Minimum System Load (MSL%d) condition in the %s region on %s", level,
        name, a.date);
    const char *period = arena_printf(
        t->memory,
        "Minimum System Load (MSL) conditions are forecast when demand is less than the relevant "
        "MSL "
        "threshold. The advisory MSL thresholds are:\n-\tMSL1: %d MW \n-\tMSL2: %d MW \n-\tMSL3: "
        "%d MW \n\nThe demand is forecast to be below the MSL%d threshold for the following "
        "period: \nFrom %s hrs %s to %s hrs %s. Minimum demand is forecast to be %d MW.\n\n"
        "AEMO Operations\n",
        bound, bound - step, bound - 2 * step, level, a.hhmm, a.date, b.hhmm, b.date, least);
    struct sim_draft *d = teller_tell(t, "MINIMUM SYSTEM LOAD", teller_time(t, 10, 14), NULL);
    d->reference = reference;
    d->reason = arena_printf(t->memory,
                             HEADING "AEMO sees an elevated risk of demand too low to maintain a "
                                     "secure operating state in the %s region on %s.\n\n%s",
                             name, a.date, period);
    if (teller_happens(t, 0.5)) {
        struct sim_draft *update = teller_tell(t, "MINIMUM SYSTEM LOAD", teller_time(t, 15, 18), d);
        update->reference = reference;
        update->reason =
            arena_printf(t->memory,
                         HEADING "Update to Market Notice " SIM_EARLIER
                                 " - the risk of demand too low in the %s region on %s "
                                 "remains.\n\n%s",
                         name, a.date, period);
        d = update;
    }
    aest_us cancelled = teller_happens(t, 0.5) ? teller_time(t, 29, 33) : s->to + 4 * AEST_MINUTE;
    struct spelled at = teller_spell(cancelled);
    struct sim_draft *end = teller_tell(t, "MINIMUM SYSTEM LOAD", cancelled, d);
    end->reference = arena_printf(t->memory,
                                  "Cancellation of Forecast Minimum System Load (MSL) MSL%d "
                                  "condition in the %s Region on %s",
                                  level, name, a.date);
    end->reason = arena_printf(t->memory,
                               HEADING "Cancellation - Forecast MSL%d - %s Region at %s hrs %s. "
                                       "\n\nRefer to Market Notice " SIM_EARLIER
                                       " for MSL%d. \n\nAEMO Operations\n",
                               level, name, at.hhmm, at.date, level);
}

/* Noons of spring, when roofs give much and homes need little; of the day after the first notice.
 */
void tell_minimum_load(struct teller *t) {
    if (t->day * AEST_DAY < sim_date_to_aest(20201115))
        return;
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct spell s;
        if (find_spell(t, shortfall, (enum sim_region)r, t->day + 1, 0, &s) &&
            teller_happens(t, 0.6))
            tell_minimum_load_of(t, (enum sim_region)r, &s);
    }
}

static struct sim_draft *tell_price(struct teller *t, const char *type, aest_us end,
                                    aest_us created, const struct sim_draft *earlier,
                                    const char *event, const char *state) {
    struct spelled e = teller_spell(end);
    struct sim_draft *d = teller_tell(t, type, created, earlier);
    d->reference = arena_printf(t->memory, "[EventId:%d%s_%s] Prices for interval %s %s are %s",
                                sim_date_of(end), e.hhmm, event, e.dashes, e.clock, state);
    return d;
}

/* A review holds prices until it is resolved: notices for each of its intervals. */
void tell_price_review(struct teller *t) {
    struct sim_review review = sim_review_on(sim_market_seed(t->market), t->day);
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE,
                  start = t->day * AEST_DAY + 4 * 60 * AEST_MINUTE;
    for (int k = review.from; review.any && k < review.to; k++) {
        aest_us end = start + (k + 1) * step, created = end - step + 12 * AEST_SECOND,
                resolved = review.resolved + (20 + 3 * (k - review.from)) * AEST_SECOND;
        struct spelled e = teller_spell(end), c = teller_spell(created), r = teller_spell(resolved);
        struct sim_draft *d = tell_price(t, "PRICES SUBJECT TO REVIEW", end, created, NULL,
                                         "review", "subject to review");
        d->reason = arena_printf(
            t->memory,
            HEADING "Issued by Australian Energy Market Operator Ltd at %s hrs on %s\n\n"
                    "PRICES ARE SUBJECT TO REVIEW for trading interval %s %s.\n\n"
                    "AEMO reviews them in accordance with:\n    - Clause 3.9.2B of the National "
                    "Electricity Rules for Manifestly Incorrect Inputs\n\n\n"
                    "This is an AEMO autogenerated Market Notice.\n",
            c.hhmm, c.plain, e.dashes, e.clock);
        struct sim_draft *done =
            tell_price(t, review.rejected ? "PRICE ADJUSTMENT" : "PRICES UNCHANGED", end, resolved,
                       d, review.rejected ? "adjusted" : "confirmed",
                       review.rejected ? "now adjusted" : "now confirmed");
        done->reason = arena_printf(
            t->memory,
            HEADING "Issued by Australian Energy Market Operator Ltd at %s hrs on %s\n\n"
                    "PRICES ARE NOW %s for trading interval %s %s.\n\n"
                    "In accordance with Market Notice " SIM_EARLIER
                    " AEMO has reviewed this trading interval and determined that:\n"
                    "    - Manifestly Incorrect Inputs %s apply\n\nPrices %s.\n\n\n"
                    "This is an AEMO autogenerated Market Notice.\n",
            r.hhmm, r.plain, review.rejected ? "ADJUSTED" : "CONFIRMED", e.dashes, e.clock,
            review.rejected ? "did" : "did not",
            review.rejected ? "have been adjusted" : "remain unchanged");
    }
}

/* A direction, which is an intervention in dispatch as long as it lasts. */
void tell_intervention(struct teller *t) {
    struct sim_intervention i = sim_intervention_on(sim_market_seed(t->market), t->day);
    if (!i.any)
        return;
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE,
                  start = t->day * AEST_DAY + 4 * 60 * AEST_MINUTE;
    aest_us from = start + i.from * step, to = start + i.to * step;
    const char *name = teller_region(i.region);
    struct spelled a = teller_spell(from), b = teller_spell(to);
    const char *reference = arena_printf(t->memory, "Direction - %s region - %s", name, a.date);
    struct sim_draft *d =
        teller_tell(t, "MARKET INTERVENTION", from - 4 * AEST_MINUTE - 20 * AEST_SECOND, NULL);
    d->reference = reference;
    d->reason = arena_printf(
        t->memory,
        HEADING "Direction issued to a participant in the %s region\n\nTo maintain the power "
                "system in a secure operating state, AEMO has issued a direction under clause "
                "4.8.9(a) of the National Electricity Rules with effect from %s hrs %s.\n\n"
                "AEMO declares trading intervals from the interval ending at %s hrs to be AEMO "
                "intervention trading intervals. Prices are those of the intervention pricing "
                "run." SIGNED,
        name, a.hhmm, a.date, a.hhmm);
    struct sim_draft *end = teller_tell(t, "MARKET INTERVENTION", to + AEST_MINUTE, d);
    end->reference = arena_printf(t->memory, "Cancellation of the %s", reference);
    end->reason =
        arena_printf(t->memory,
                     HEADING "Refer AEMO Electricity Market Notice " SIM_EARLIER
                             "\n\nThe direction in the %s region is cancelled from %s hrs "
                             "%s." SIGNED,
                     name, b.hhmm, b.date);
}

/* Prices can add up to the threshold only in a week with hours of scarcity; it is cheaper to look
 * at its mornings and evenings than at its prices. */
static bool may_be_administered(struct teller *t, enum sim_region region) {
    static const int hours[] = {8, 18, 20};
    enum { ENOUGH = 6 };
    int scarce = 0;
    for (aest_day day = t->day - 8; day <= t->day; day++)
        for (int i = 0; i < 3; i++)
            scarce += sim_scarcity(sim_market_seed(t->market), region,
                                   day * AEST_DAY + hours[i] * 2 * HALF_HOUR) > 0.4;
    return scarce >= ENOUGH;
}

static void tell_administered_in(struct teller *t, enum sim_region region) {
    struct sim_price price;
    aest_us start = t->day * AEST_DAY;
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    sim_market_price(t->market, start, region, &price);
    int before = price.apcflag;
    const char *name = teller_region(region);
    struct sim_draft *begun = NULL;
    for (aest_us end = start + step; end <= start + AEST_DAY; end += step) {
        sim_market_price(t->market, end, region, &price);
        if (price.apcflag == before)
            continue;
        before = price.apcflag;
        struct spelled e = teller_spell(end);
        struct sim_draft *d =
            teller_tell(t, "ADMINISTERED PRICE CAP", end - step + 40 * AEST_SECOND, begun);
        d->reference = arena_printf(t->memory, "Administered Price Period %s in the %s region",
                                    before ? "declared" : "has ended", name);
        d->reason = arena_printf(
            t->memory,
            HEADING "The cumulative price in the %s region is %s the cumulative price threshold "
                    "of $%.0f. An administered price period under clause 3.14.2 of the National "
                    "Electricity Rules %s from the interval ending at %s hrs %s.\n\n"
                    "Administered price cap: $%.0f/MWh" SIGNED,
            name, before ? "over" : "no longer over", sim_threshold_at(end)->cumulative,
            before ? "is declared" : "has ended", e.hhmm, e.date,
            sim_threshold_at(end)->administered);
        begun = d;
    }
}

void tell_administered_price(struct teller *t) {
    for (int r = 0; r < SIM_REGIONS; r++)
        if (may_be_administered(t, (enum sim_region)r))
            tell_administered_in(t, (enum sim_region)r);
}

/* Once in some years. */
void tell_suspension(struct teller *t) {
    if (!teller_happens(t, 1.0 / 2500))
        return;
    const char *name = teller_region((enum sim_region)teller_choose(t, SIM_REGIONS));
    aest_us created = teller_time(t, 5, 20),
            resumed = created + (aest_us)(7200 + teller_chance(t) * 90000) * AEST_SECOND;
    struct spelled a = teller_spell(created), b = teller_spell(resumed);
    const char *reference =
        arena_printf(t->memory, "Suspension of the spot market in the %s region", name);
    struct sim_draft *d = teller_tell(t, "MARKET SUSPENSION", created, NULL);
    d->reference = reference;
    d->reason = arena_printf(t->memory,
                             HEADING "AEMO has suspended the spot market in the %s region under "
                                     "clause 3.14.3 of the National Electricity Rules from %s hrs "
                                     "%s." SIGNED,
                             name, a.hhmm, a.date);
    struct sim_draft *end = teller_tell(t, "MARKET SUSPENSION", resumed, d);
    end->reference = arena_printf(t->memory, "Resumption after the %s", reference);
    end->reason = arena_printf(t->memory,
                               HEADING "Refer AEMO Electricity Market Notice " SIM_EARLIER
                                       "\n\nThe spot market in the %s region resumes at %s hrs "
                                       "%s." SIGNED,
                               name, b.hhmm, b.date);
}
