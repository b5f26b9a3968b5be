/* Notices of the power system: units, lines, constraints, computers. */
#include "sim/tables/notice_teller.h"
#include "sim/tables/registry.h"

#define HEADING "AEMO ELECTRICITY MARKET NOTICE\n\n"
#define SIGNED "\n\nManager NEM Real Time Operations\n"
#define AUTOMATIC "\n\nAuto-generated on behalf of Manager NEM Real Time Operations\n"

static const struct sim_unit *some_unit(struct teller *t, aest_us at) {
    int date = sim_date_of(at);
    for (;;) {
        const struct sim_unit *u = &sim_fleet[teller_choose(t, sim_fleet_size)];
        bool dispatched = !u->non_scheduled && u->fuel != SIM_DUMMY && u->kind != SIM_LOAD;
        if (dispatched && u->first <= date && (!u->last || date <= u->last))
            return u;
    }
}

/* A unit that didn't follow its targets. It is declared once it conforms again. */
static void tell_one_non_conformance(struct teller *t) {
    aest_us grid = INTERVAL_MINUTES * AEST_MINUTE;
    aest_us created = teller_time(t, 0.5, 24), until = created / grid * grid;
    aest_us since = until - (1 + teller_choose(t, 14)) * grid;
    const struct sim_unit *u = some_unit(t, since);
    const char *region = sim_region_name[u->region];
    int mw = 3 + (int)((double)u->capacity_mw * 0.6 * teller_chance(t));
    struct spelled a = teller_spell(since), b = teller_spell(until);
    struct sim_draft *d = teller_tell(t, "NON-CONFORMANCE", created, NULL);
    d->reference = arena_printf(t->memory, "NON-CONFORMANCE Region %s %s", region, b.full);
    d->reason = arena_printf(
        t->memory,
        HEADING "NON-CONFORMANCE %s Region %s\n\n"
                "The unit below did not follow its dispatch targets and has been declared "
                "non-conforming under clause 3.8.23 of the National Electricity Rules:\n\n"
                "Unit:      %s\nDuration:   %s %s to %s %s\nAmount:     %d MW\n"
                "Constraint: NC-%c_%s" AUTOMATIC,
        region, a.full, u->duid, a.date, a.clock, b.date, b.clock, mw, region[0], u->duid);
}

void tell_non_conformance(struct teller *t) {
    for (int n = teller_count(t, 1.6); n > 0; n--)
        tell_one_non_conformance(t);
}

/* Pairs of lines that lightning or fire can take together. */
static const struct line_pair {
    enum sim_region region;
    const char *first, *second;
} pairs[] = {
    {SIM_NSW1, "Bayswater - Mt Piper No.5A3 500kV", "Wollar - Mt Piper No.5A5 500kV"},
    {SIM_NSW1, "Lower Tumut - Wagga 051 330kV", "Yass - Lower Tumut 03 330kV"},
    {SIM_NSW1, "Armidale - Dumaresq 8C 330kV", "Armidale - Sapphire 8E 330kV"},
    {SIM_QLD1, "Chalumbin - Turkinje 7165 132kV", "Chalumbin - Turkinje 7166 132kV"},
    {SIM_QLD1, "Ross - Chalumbin 857 275kV", "Ross - Chalumbin 858 275kV"},
    {SIM_QLD1, "Bouldercombe - Nebo 821 275kV", "Broadsound - Nebo 8846 275kV"},
    {SIM_SA1, "Davenport - Brinkworth 275kV", "Davenport - Belalie 275kV"},
    {SIM_TAS1, "Ulverstone - Emu Bay 110kV", "Sheffield - Paloona - Ulverstone 110kV"},
    {SIM_TAS1, "Farrell - Sheffield No.1 220kV", "Farrell - Sheffield No.2 220kV"},
    {SIM_TAS1, "Norwood - Scottsdale - Derby 110kV", "Norwood - Scottsdale 110kV"},
    {SIM_VIC1, "Dederang - Murray No.1 330kV", "Dederang - Murray No.2 330kV"},
    {SIM_VIC1, "Eildon - Mt Beauty No.1 220kV", "Eildon - Mt Beauty No.2 220kV"},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static void tell_one_reclassification(struct teller *t, const char *cause) {
    const struct line_pair *p = &pairs[teller_choose(t, PAIRS)];
    const char *region = sim_region_name[p->region];
    aest_us created = teller_time(t, 11, 22);
    aest_us cancelled = created + (aest_us)(1800 + teller_chance(t) * 18000) * AEST_SECOND;
    struct spelled a = teller_spell(created), b = teller_spell(cancelled);
    const char *event = arena_printf(
        t->memory, "of a Non-Credible Contingency Event: %s line and %s line in %s due to %s.",
        p->first, p->second, region, cause);
    struct sim_draft *d = teller_tell(t, "RECLASSIFY CONTINGENCY", created, NULL);
    d->reference = arena_printf(t->memory, "Reclassification %s", event);
    d->reason = arena_printf(
        t->memory,
        HEADING "Reclassification of a Non-Credible Contingency Event as a Credible Contingency "
                "Event due to %s. A trip of both circuits below at one time has become "
                "reasonably possible. AEMO has therefore reclassified it as a credible "
                "contingency event.\n\nRegion: %s\n\nLines: %s and %s\n\n"
                "Duration: %s %s until further notice\n\n"
                "Constraint set(s) invoked:\nNONE" AUTOMATIC "\n",
        cause, region, p->first, p->second, a.date, a.clock);
    struct sim_draft *end = teller_tell(t, "RECLASSIFY CONTINGENCY", cancelled, d);
    end->reference = arena_printf(t->memory, "Cancellation %s", event);
    end->reason = arena_printf(
        t->memory,
        HEADING "Cancellation of reclassification of a Non-Credible Contingency Event as a "
                "Credible Contingency Event due to %s. A trip of both circuits below at one time "
                "is no longer reasonably possible, and its classification has reverted to a "
                "non-credible contingency event.\n\nRegion: %s\n\nLines: %s and %s\n\n"
                "Cancellation time: %s %s\n\nConstraint set(s) revoked:\nNONE\n\n"
                "Refer AEMO Electricity Market Notice " SIM_EARLIER AUTOMATIC "\n",
        cause, region, p->first, p->second, b.date, b.clock);
}

/* Thunderstorms belong to the warm half of the year, bushfires to its end. */
void tell_reclassification(struct teller *t) {
    int month = sim_date_of(t->day * AEST_DAY) / 100 % 100;
    bool warm = month >= 10 || month <= 3, fires = month == 12 || month <= 2;
    for (int n = teller_count(t, warm ? 1.6 : 0.4); n > 0; n--)
        tell_one_reclassification(t, "Lightning");
    for (int n = teller_count(t, fires ? 0.15 : 0.01); n > 0; n--)
        tell_one_reclassification(t, "Bushfires");
}

static void tell_one_transfer_limit(struct teller *t) {
    const struct sim_link_fact *link = &sim_links[teller_choose(t, SIM_LINKS)];
    const char *region = teller_region(link->from);
    aest_us created = teller_time(t, 0, 24);
    struct spelled a = teller_spell(created), from = teller_spell(created - 12 * AEST_MINUTE);
    unsigned set = (unsigned)(teller_chance(t) * 4e9);
    struct sim_draft *d = teller_tell(t, "INTER-REGIONAL TRANSFER", created, NULL);
    d->reference =
        arena_printf(t->memory,
                     "Inter-regional transfer limit variation - constraint automation to "
                     "manage Power System Security in %s region - %s",
                     region, a.date);
    d->reason = arena_printf(
        t->memory,
        HEADING "To keep the power system in the %s region in a secure operating state, AEMO has "
                "invoked the automated constraint set CA_%.3sS_%08X from %s hrs until further "
                "notice.\n\nThe left hand sides of its equations hold the following "
                "interconnector(s):\n\n%s\n\nFor network outages see AEMO's Network Outage "
                "Scheduler (NOS)." SIGNED,
        region, region, set, from.hhmm, link->id);
    if (!teller_happens(t, 0.4))
        return;
    aest_us revoked = created + (aest_us)(3600 + teller_chance(t) * 40000) * AEST_SECOND;
    struct sim_draft *end = teller_tell(t, "INTER-REGIONAL TRANSFER", revoked, d);
    end->reference = d->reference;
    end->reason = arena_printf(
        t->memory,
        HEADING "Refer AEMO Electricity Market Notice " SIM_EARLIER
                "\n\nThe constraint set CA_%.3sS_%08X was revoked at %s hrs %s." SIGNED,
        region, set, teller_spell(revoked).hhmm, teller_spell(revoked).date);
}

void tell_transfer_limit(struct teller *t) {
    for (int n = teller_count(t, 1.3); n > 0; n--)
        tell_one_transfer_limit(t);
}

/* Flow toward the cheaper region costs the market money, and is limited. */
void tell_residue(struct teller *t) {
    static const struct {
        const char *constraint, *direction;
    } limits[] = {{"NRM_VIC1_NSW1", "VIC to NSW"},
                  {"NRM_NSW1_VIC1", "NSW to VIC"},
                  {"NRM_NSW1_QLD1", "NSW to QLD"},
                  {"NRM_QLD1_NSW1", "QLD to NSW"},
                  {"NRM_VIC1_SA1", "VIC to SA"}};
    if (!teller_happens(t, 0.35))
        return;
    int which = teller_choose(t, 5);
    const char *constraint = limits[which].constraint, *direction = limits[which].direction;
    aest_us created = teller_time(t, 6, 19),
            ceased = created + (aest_us)(1800 + teller_chance(t) * 14000) * AEST_SECOND;
    struct spelled a = teller_spell(created), b = teller_spell(ceased);
    const char *about =
        arena_printf(t->memory,
                     "Negative Settlements Residue on the %s Directional Interconnector "
                     "- %s",
                     direction, a.date);
    struct sim_draft *d = teller_tell(t, "SETTLEMENTS RESIDUE", created, NULL);
    d->reference = about;
    d->reason = arena_printf(t->memory,
                             HEADING "%s\n\nTo limit negative residues, the constraint %s started "
                                     "operation at %s hrs and may violate until they have ended."
                                     "\n\nThis is an AEMO autogenerated Market Notice.\n",
                             about, constraint, a.hhmm);
    struct sim_draft *end = teller_tell(t, "SETTLEMENTS RESIDUE", ceased, d);
    end->reference = about;
    end->reason = arena_printf(t->memory,
                               HEADING "%s\n\nRefer Market Notice " SIM_EARLIER
                                       "\n\nThe constraint %s ceased operation at %s hrs %s."
                                       "\n\nThis is an AEMO autogenerated Market Notice.\n",
                               about, constraint, b.hhmm, b.date);
}

void tell_power_system_event(struct teller *t) {
    if (!teller_happens(t, 0.12))
        return;
    const struct line_pair *p = &pairs[teller_choose(t, PAIRS)];
    const char *region = teller_region(p->region);
    aest_us created = teller_time(t, 1, 24);
    struct spelled at = teller_spell(created - 38 * AEST_MINUTE), a = teller_spell(created);
    struct sim_draft *d = teller_tell(t, "POWER SYSTEM EVENTS", created, NULL);
    d->reference =
        arena_printf(t->memory, "Non-credible contingency event - %s region - %s", region, a.date);
    d->reason = arena_printf(
        t->memory,
        HEADING "Non-credible contingency event - %s region\n\n"
                "At %s hrs the %s and %s lines tripped together.\n\n"
                "AEMO did not instruct load shedding, and is not aware of the disconnection of "
                "bulk electrical load.\n\nThe cause is not known at this time." SIGNED,
        region, at.hhmm, p->first, p->second);
}

/* Work on AEMO's computers, announced, begun and ended. */
void tell_market_systems(struct teller *t) {
    static const char *const systems[] = {"Market Management System", "MSATS production",
                                          "Energy Market Systems network", "NEM data interchange",
                                          "Forecasting platform"};
    if (!teller_happens(t, 0.45))
        return;
    const char *system = systems[teller_choose(t, 5)];
    int change = 20000 + (int)t->day * 5 + teller_choose(t, 5);
    aest_us created = teller_time(t, 8, 15), late = (30 + teller_choose(t, 300)) * AEST_MINUTE;
    const char *const stage[] = {"Started", "Completed"};
    const struct sim_draft *earlier = NULL;
    for (int i = 0; i < 2; i++) {
        struct sim_draft *d = teller_tell(t, "MARKET SYSTEMS", created + i * late, earlier);
        d->reference = arena_printf(t->memory, "%s - CHG%07d - Planned maintenance of the %s",
                                    stage[i], change, system);
        d->reason = arena_printf(t->memory,
                                 "Change Number: CHG%07d\n\n"
                                 "Notification issued to: Market Notice\nNotification Type: %s\n"
                                 "Change Type: Normal\nService/Component: %s\n"
                                 "Change Title: Planned maintenance of the %s\n\n"
                                 "Support Information: Report any impacts to the AEMO Information "
                                 "and Support Hub.\n",
                                 change, stage[i], system, system);
        earlier = d;
    }
}

void tell_general(struct teller *t) {
    static const char *const subjects[] = {
        "Update to the Power System Security Guidelines",
        "Scheduled publication of the Electricity Statement of Opportunities",
        "Power System Data Communication Standard - consultation",
        "Pre-dispatch sensitivities - additional scenarios",
        "Planned test of the emergency control room",
    };
    if (!teller_happens(t, 0.25))
        return;
    const char *subject = subjects[teller_choose(t, 5)];
    struct sim_draft *d = teller_tell(t, "GENERAL NOTICE", teller_time(t, 9, 17), NULL);
    d->reference = subject;
    d->reason = arena_printf(t->memory,
                             HEADING "%s\n\nParticipants are invited to read the documents on "
                                     "AEMO's website. Questions, and other \"general\" matters, "
                                     "go to the AEMO Information and Support Hub.\n\nAEMO\n",
                             subject);
}
