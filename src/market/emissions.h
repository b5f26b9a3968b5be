/* Emissions of generation, and their intensity.
 *
 *     emissions = sum of energy x CO2E factor           t CO2-e
 *     intensity = emissions / energy                    t CO2-e a MWh
 *
 * Factors are of GENUNITS, CO2E_EMISSIONS_FACTOR, weighted by capacity where a DUID has several
 * sets. They are of energy SENT OUT, while SCADA is measured as generated: the auxiliary load, some
 * 5 to 8 % of a coal plant's output, is counted with, so these emissions are somewhat high.
 * Energy that is taken (charging, pumping) emits nothing here; it did where it was generated.
 */
#ifndef MARKET_EMISSIONS_H
#define MARKET_EMISSIONS_H

/* A zeroed struct is a sum of nothing. */
struct emissions {
    double tonnes;
    double energy;    /* MWh generated, of units whose factor is known */
    double uncovered; /* MWh of units without one */
};

/* Adds a unit's generation; consumption (below 0) and what isn't known add nothing. */
void emissions_add(struct emissions *sum, double mwh, double co2e_factor);
/* t a MWh of the energy whose factor is known; NaN without any. */
double emissions_intensity(const struct emissions *sum);

#endif
