#include "sim/model/link.h"

#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"

const struct sim_link_fact sim_links[SIM_LINKS] = {
    [SIM_N_Q_MNSP1] = {"N-Q-MNSP1", SIM_NSW1, SIM_QLD1, 0.46},
    [SIM_NSW1_QLD1] = {"NSW1-QLD1", SIM_NSW1, SIM_QLD1, 0.68},
    [SIM_T_V_MNSP1] = {"T-V-MNSP1", SIM_TAS1, SIM_VIC1, 1.00},
    [SIM_V_S_MNSP1] = {"V-S-MNSP1", SIM_VIC1, SIM_SA1, 0.71},
    [SIM_V_SA] = {"V-SA", SIM_VIC1, SIM_SA1, 0.83},
    [SIM_VIC1_NSW1] = {"VIC1-NSW1", SIM_VIC1, SIM_NSW1, 0.66},
};

/* What a line can carry from a date on, MW, after AEMO's interconnector capability reports. */
static const struct rating {
    enum sim_link link;
    int from; /* yyyymmdd */
    double export_mw, import_mw;
} ratings[] = {
    {SIM_N_Q_MNSP1, 20000101, 107, -190},  {SIM_NSW1_QLD1, 20000101, 480, -1040},
    {SIM_NSW1_QLD1, 20220601, 640, -1080}, {SIM_NSW1_QLD1, 20240701, 780, -1300},
    {SIM_T_V_MNSP1, 20000101, 594, -478},  {SIM_V_S_MNSP1, 20000101, 215, -200},
    {SIM_V_SA, 20000101, 460, -460},       {SIM_V_SA, 20160801, 590, -520},
    {SIM_VIC1_NSW1, 20000101, 1250, -950}, {SIM_VIC1_NSW1, 20230401, 1350, -1150},
};

/* What a line loses in MW at 1000 MW, and the part of it that goes with the direction alone (one
 * end has higher marginal losses behind it). */
static const struct loss {
    double square, linear;
} losses[SIM_LINKS] = {
    [SIM_N_Q_MNSP1] = {900, 0.02}, [SIM_NSW1_QLD1] = {46, 0.010}, [SIM_T_V_MNSP1] = {88, 0.004},
    [SIM_V_S_MNSP1] = {900, 0.02}, [SIM_V_SA] = {165, 0.008},     [SIM_VIC1_NSW1] = {60, 0.030},
};

/* Constraints that are known to set a link's limits, by link and direction. */
enum { NAMES = 4 };
static const char *const constraints[SIM_LINKS][2][NAMES] = {
    [SIM_N_Q_MNSP1] = {{"NQTE_ROC", "N>N-NIL_LSDU", "N^N-LS_SVC", "N>>NIL_86_85_S"},
                       {"QNTE_ROC", "Q>NIL_MUTE_757", "N_X_MBTE_3A", "Q>GBMU_MDSSSPD_GBMU"}},
    [SIM_NSW1_QLD1] = {{"N^^Q_NIL_B1", "N>>NIL_33_34", "NQ_ROC", "N^^Q_NIL_A"},
                       {"Q^^NIL_QNI_SRAR", "Q:N_NIL_BI_POT", "Q^^N_NIL_SRAR", "QN_ROC"}},
    [SIM_T_V_MNSP1] = {{"F_MAIN++NIL_MG_R60", "T_V_NIL_BL1", "F_T++NIL_ML_L6", "TVBL_ROC"},
                       {"F_MAIN++APD_TL_L5", "V_T_NIL_BL1", "VTBL_ROC", "F_MAIN++APD_TL_L60"}},
    [SIM_V_S_MNSP1] = {{"VSML_ROC_80", "V>S_NIL_NIL_RBNW", "V_S_NIL_ROCOF", "VSML_220"},
                       {"S>V_NIL_NIL_RBNW", "SVML_ROC_80", "SVML^NIL_MH-CAP_ON", "SVML_000"}},
    [SIM_V_SA] = {{"V^^S_TBCP1_MAXG", "V::S_HYSE_MAXG_2", "V_S_HEYWOOD_UFLS", "VS_600"},
                  {"I_6F_SN_150", "S>>V_NIL_SETX_SETX", "F_S++HYSE_L60", "SV_500"}},
    [SIM_VIC1_NSW1] = {{"V::N_NIL_V2", "V>>N-NIL_HA", "V::N_HYSE_V1", "N>>NIL_998_18"},
                       {"N^^V_NIL_1", "N>>N-NIL__3_OPENED", "N^^V_MSUT_1", "N^^V_DDSM_1"}},
};

enum stream { LIMIT_HOURS = SIM_STREAMS_LINK, LIMIT_DAYS, OUTAGE, FORCED, NAME };
enum { HOUR_MINUTES = 60 };

static struct noise stream(uint64_t seed, enum stream s, enum sim_link link, int direction) {
    return (struct noise){seed, (uint64_t)s << 40 | (uint64_t)link << 4 | (uint64_t)direction};
}

static int date_of(aest_us t) {
    int year, month, day;
    aest_date((aest_day)(t / AEST_DAY), &year, &month, &day);
    return year * 10000 + month * 100 + day;
}

/* Basslink's cable was broken from 2015-12-20 to 2016-06-13. */
static bool broken(enum sim_link link, int date) {
    return link == SIM_T_V_MNSP1 && date >= 20151220 && date < 20160613;
}

/* The part of its rating that a direction has: the network around it takes some by the hour and by
 * the day, and now and then a line is out for a day or two. */
static double part(uint64_t seed, enum sim_link link, int direction, double hours) {
    double days = noise_smooth(stream(seed, LIMIT_DAYS, link, direction), hours, 70);
    double now = noise_smooth(stream(seed, LIMIT_HOURS, link, direction), hours, 2.5);
    double outage = noise_smooth(stream(seed, OUTAGE, link, 0), hours, 40);
    double free = 0.80 + 0.12 * days + 0.10 * now;
    if (outage > 1.9)
        free *= fmax(0.15, 1 - 2.5 * (outage - 1.9));
    return fmin(1, fmax(0.05, free));
}

void sim_link_limits(uint64_t seed, enum sim_link link, aest_us t, struct sim_limits *out) {
    int date = date_of(t);
    double hours = (double)t / (HOUR_MINUTES * (double)AEST_MINUTE);
    const struct rating *rating = NULL;
    for (size_t i = 0; i < sizeof ratings / sizeof *ratings; i++)
        if (ratings[i].link == link && ratings[i].from <= date)
            rating = &ratings[i];
    out->export_mw = rating->export_mw * part(seed, link, 0, hours);
    out->import_mw = rating->import_mw * part(seed, link, 1, hours);
    /* at times the network needs a flow in one direction, so that one limit changes its sign */
    double forced = noise_smooth(stream(seed, FORCED, link, 0), hours, 6);
    double push = 300 * (fabs(forced) - 2.05);
    if (push > 0 && forced > 0 && out->export_mw > 60)
        out->import_mw = fmin(push, out->export_mw - 30);
    else if (push > 0 && forced < 0 && out->import_mw < -60)
        out->export_mw = fmax(-push, out->import_mw + 30);
    if (broken(link, date))
        out->export_mw = out->import_mw = 0;
    int64_t quarter = (int64_t)floor(hours / 6);
    for (int direction = 0; direction < 2; direction++) {
        double u = noise_uniform(stream(seed, NAME, link, direction), quarter);
        const char *name = constraints[link][direction][(int)(u * NAMES)];
        *(direction == 0 ? &out->exportgenconid : &out->importgenconid) = name;
    }
}

double sim_link_losses(enum sim_link link, double mwflow) {
    const struct loss *l = &losses[link];
    double thousands = mwflow / 1000;
    return l->square * thousands * thousands + 0.5 * l->linear * fabs(mwflow);
}

double sim_link_marginal_loss(enum sim_link link, double mwflow) {
    const struct loss *l = &losses[link];
    return 1 + 2 * l->square * mwflow / 1e6 + copysign(mwflow == 0 ? 0 : l->linear, mwflow);
}
