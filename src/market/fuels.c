#include "market/fuels.h"

const char *const fuel_names[FUELS + 1] = {
    [FUEL_UNKNOWN] = "Unknown",
    [FUEL_BLACK_COAL] = "Black coal",
    [FUEL_BROWN_COAL] = "Brown coal",
    [FUEL_CCGT] = "CCGT",
    [FUEL_OCGT] = "OCGT",
    [FUEL_GAS_OTHER] = "Gas other",
    [FUEL_DISTILLATE] = "Distillate",
    [FUEL_WATER] = "Water",
    [FUEL_WIND] = "Wind",
    [FUEL_SOLAR] = "Solar",
    [FUEL_BATTERY] = "Battery",
    [FUEL_BIOMASS] = "Biomass",
    [FUEL_OTHER] = "Other",
};

bool fuel_from_name(str name, enum fuel *out) {
    for (int f = 0; f < FUELS; f++)
        if (str_eq_nocase(name, str_from(fuel_names[f]))) {
            *out = (enum fuel)f;
            return true;
        }
    return false;
}

/* -- energy sources -----------------------------------------------------------------------------
 */

/* Words of GENUNITS' CO2E_ENERGY_SOURCE and of the registration list; the first that is found
 * decides. Gas stands behind what only contains the word (landfill gas), and before coal and oil
 * (coal mine waste gas; natural gas / diesel). */
static const struct {
    const char *word;
    enum fuel fuel;
} sources[] = {
    {"battery", FUEL_BATTERY},     {"landfill", FUEL_BIOMASS},
    {"bagasse", FUEL_BIOMASS},     {"biogas", FUEL_BIOMASS},
    {"biomass", FUEL_BIOMASS},     {"sewerage", FUEL_BIOMASS},
    {"sludge", FUEL_BIOMASS},      {"waste water", FUEL_BIOMASS},
    {"municipal", FUEL_BIOMASS},   {"wood", FUEL_BIOMASS},
    {"gas", FUEL_GAS_OTHER},       {"methane", FUEL_GAS_OTHER},
    {"ethane", FUEL_GAS_OTHER},    {"brown coal", FUEL_BROWN_COAL},
    {"lignite", FUEL_BROWN_COAL},  {"coal", FUEL_BLACK_COAL},
    {"diesel", FUEL_DISTILLATE},   {"distillate", FUEL_DISTILLATE},
    {"kerosene", FUEL_DISTILLATE}, {"oil", FUEL_DISTILLATE},
    {"hydro", FUEL_WATER},         {"water", FUEL_WATER},
    {"wind", FUEL_WIND},           {"solar", FUEL_SOLAR},
    {"grid", FUEL_BATTERY}, /* what the list says that a battery is fed from */
};

static const struct {
    const char *word;
    enum fuel fuel;
} gas_technologies[] = {
    {"ocgt", FUEL_OCGT},
    {"open cycle", FUEL_OCGT},
    {"ccgt", FUEL_CCGT},
    {"combined cycle", FUEL_CCGT},
};

static enum fuel class_of(str energy_source) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (str_find_nocase(energy_source, str_from(sources[i].word)) >= 0)
            return sources[i].fuel;
    return str_trim(energy_source).len ? FUEL_OTHER : FUEL_UNKNOWN;
}

bool fuel_needs_technology(str energy_source) {
    return class_of(energy_source) == FUEL_GAS_OTHER;
}

enum fuel fuel_from_source(str energy_source, str technology) {
    enum fuel fuel = class_of(energy_source);
    for (size_t i = 0; i < sizeof gas_technologies / sizeof *gas_technologies; i++)
        if (fuel == FUEL_GAS_OTHER &&
            str_find_nocase(technology, str_from(gas_technologies[i].word)) >= 0)
            return gas_technologies[i].fuel;
    return fuel;
}

/* -- names --------------------------------------------------------------------------------------
 */

/* How names end, without the digits behind. */
static const struct {
    const char *ending;
    struct fuel_guess guess;
} endings[] = {
    {"SF", {FUEL_SOLAR, false}},     {"PV", {FUEL_SOLAR, false}},   {"WF", {FUEL_WIND, false}},
    {"PUMP", {FUEL_WATER, true}},    {"PHL", {FUEL_WATER, true}},   {"BESL", {FUEL_BATTERY, true}},
    {"BESSL", {FUEL_BATTERY, true}}, {"BL", {FUEL_BATTERY, true}},  {"BESS", {FUEL_BATTERY, false}},
    {"BES", {FUEL_BATTERY, false}},  {"BA", {FUEL_BATTERY, false}}, {"BG", {FUEL_BATTERY, false}},
    {"B", {FUEL_BATTERY, false}},
};

struct fuel_guess fuel_guess(str duid) {
    str stem = duid;
    while (stem.len && stem.at[stem.len - 1] >= '0' && stem.at[stem.len - 1] <= '9')
        stem.len--;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends_nocase(stem, str_from(endings[i].ending)))
            return endings[i].guess;
    /* the halves of a battery, as they were registered until 2024 */
    if (str_ends_nocase(duid, STR("G1")))
        return (struct fuel_guess){FUEL_BATTERY, false};
    if (str_ends_nocase(duid, STR("L1")))
        return (struct fuel_guess){FUEL_BATTERY, true};
    return (struct fuel_guess){FUEL_UNKNOWN, false};
}

/* -- public facts -------------------------------------------------------------------------------
 */

#define OCGT "Open cycle gas turbine (OCGT)"
#define CCGT "Combined cycle gas turbine (CCGT)"
#define STEAM "Steam turbine"
#define ENGINE "Reciprocating engine"

static const struct public_fact public_facts[] = {
    /* pumps: Kidston, Wivenhoe, Shoalhaven, Tumut 3 */
    {FUEL_WATER, "Pump", "LOAD", "KIDSPHL1 KIDSPHL2 PUMP1 PUMP2 SHPUMP SNOWYP"},
    /* the halves of batteries, until they became bidirectional units */
    {FUEL_BATTERY, "Battery", "LOAD",
     "ADPBA1L BALBL1 BULBESL1 DALNTHL1 GANNBL1 HBESSL1 HPRL1 KEPBL1 LBBL1 QBYNBL1 VBBL1 WALGRVL1 "
     "WANDBL1"},
    {FUEL_BATTERY, "Battery", NULL,
     "ADPBA1G BALBG1 BULBESG1 DALNTH01 GANNBG1 HBESSG1 HPRG1 KEPBG1 LBBG1 QBYNBG1 VBBG1 WALGRVG1 "
     "WANDBG1"},
    {FUEL_CCGT, CCGT, NULL,
     "BARCALDN CPSA DDPS1 OSB-AG PPCCGT SITHE01 SITHE04 SWAN_E TALWA1 TVCC201 YABULU YABULU2 "
     "YARWUN_1"},
    {FUEL_OCGT, OCGT, NULL,
     "AGLHAL AGLSOM BBTHREE1 BBTHREE2 BBTHREE3 BDL01 BDL02 BOLIVPS1 BRAEMAR1 BRAEMAR2 BRAEMAR3 "
     "BRAEMAR5 BRAEMAR6 BRAEMAR7 CG1 CG2 CG3 CG4 DRYCGT1 DRYCGT2 DRYCGT3 HASTING1 HASTING2 "
     "HASTING3 HUNTER1 HUNTER2 JLA01 JLA02 JLA03 JLA04 JLB01 JLB02 JLB03 LADBROK1 LADBROK2 "
     "LAVNORTH LNGS1 LNGS2 MINTARO MORTLK11 MORTLK12 OAKEY1 OAKEY2 QPS1 QPS2 QPS3 QPS4 QPS5 "
     "ROMA_7 ROMA_8 SHOAL1 SYMEX1 TALWB1 TVPP104 URANQ11 URANQ12 URANQ13 URANQ14 VPGS VPGS1 VPGS2 "
     "VPGS3 VPGS4 VPGS5 VPGS6"},
    {FUEL_GAS_OTHER, STEAM, NULL,
     "BELLBAY1 BELLBAY2 KRCCOGEN NPS TORRA1 TORRA2 TORRA3 TORRA4 TORRB1 TORRB2 TORRB3 TORRB4"},
    {FUEL_GAS_OTHER, ENGINE, NULL,
     "APPIN BARKIPS1 BBASEHOS DAANDINE GERMCRK GLENNCRK GROSV1 GROSV2 MBAHNTH MORANBAH OAKY2 "
     "OAKYCREK TAHMOOR1 TERALBA TGNSS1 TOWER WILGAPK WILGB01"},
    {FUEL_GAS_OTHER, NULL, NULL, "LONGFORD"},
    {FUEL_DISTILLATE, OCGT, NULL,
     "ERGT01 GB01 HEZ HEZ1 HVGTS MACKAYGT MSTUART1 MSTUART2 MSTUART3 POR01 POR03 SATGN1 SATGS1 "
     "SNAPPER1 SNUG1 SNUG2 SNUG3"},
    {FUEL_DISTILLATE, ENGINE, NULL, "ANGAS1 ANGAS2 ANGAST1 LONSDALE PTSTAN1 STANV1 STANV2"},
    {FUEL_BLACK_COAL, STEAM, NULL, "REDBANK1"},
    {FUEL_BIOMASS, STEAM, NULL, "BWTR1 CONDONG1 INVICTA PIONEER RPCG TULLYSM1"},
};

static bool holds_word(str words, str word) {
    while (words.len)
        if (str_eq(str_cut(&words, ' '), word))
            return true;
    return false;
}

const struct public_fact *public_fact_of(str duid) {
    for (size_t i = 0; i < sizeof public_facts / sizeof *public_facts; i++)
        if (holds_word(str_from(public_facts[i].duids), duid))
            return &public_facts[i];
    return NULL;
}

const char *public_predecessor_of(str duid) {
    static const struct {
        const char *duid, *predecessor;
    } renamed[] = {{"BBATTERY1", "BBATRYG1 BBATRYL1"}, {"DALNTH1", "DALNTH01 DALNTHL1"}};
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (str_eq(duid, str_from(renamed[i].duid)))
            return renamed[i].predecessor;
    return NULL;
}
