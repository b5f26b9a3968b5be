#include "market/units.h"

/* DUIDs with dispatch type LOAD that have readings in UNIT_SCADA: AEMO's NEM Registration and
 * Exemption List (2013 to 2026) and MMSDM DUDETAILSUMMARY. */
static const char *const loads[] = {
    /* pumps: Kidston, Wivenhoe, Shoalhaven, Tumut 3 */
    "KIDSPHL1",
    "KIDSPHL2",
    "PUMP1",
    "PUMP2",
    "SHPUMP",
    "SNOWYP",
    /* batteries, until they became bidirectional units */
    "ADPBA1L",
    "BALBL1",
    "BULBESL1",
    "DALNTHL1",
    "GANNBL1",
    "HBESSL1",
    "HPRL1",
    "KEPBL1",
    "LBBL1",
    "QBYNBL1",
    "VBBL1",
    "WALGRVL1",
    "WANDBL1",
};

static const char *const in_no_sum[] = {"DG_", "RT_", "DRX"};

int unit_sign(str duid) {
    for (size_t i = 0; i < sizeof in_no_sum / sizeof *in_no_sum; i++)
        if (str_starts(duid, str_from(in_no_sum[i])))
            return 0;
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        if (str_eq(duid, str_from(loads[i])))
            return -1;
    return 1;
}
