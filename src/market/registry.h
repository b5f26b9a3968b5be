/* How the registry of units is made: from facts (collect/facts.h) to the table `units`.
 *
 * For each fact of a unit, on each day, the word of the highest source counts: the user's, then
 * what the user imported, AEMO's workbook, MMSDM, the table of public facts (fuels.h), the earlier
 * system; within a source the word that began last. A unit has a row for each stretch of days on
 * which all of that stays the same, from the day on which it was first registered. Before AEMO's
 * first word of a fact that word counts:
 *
 *   mlf          |  0.9848  |   0.9771   |  0.9851
 *   owner        |      A         |          B
 *   rows         |    1     |  2  |   3  |    4
 *
 * Column `sources` says in JSON where each fact of the row comes from. The table can be made again
 * from the facts at any time.
 */
#ifndef MARKET_REGISTRY_H
#define MARKET_REGISTRY_H

#include "collect/facts.h"

/* Makes the rows of [units] from [facts], which are settled. */
void registry_build(const struct records *facts, struct records *units);

/* Adds [said] to the store's facts and makes the registry anew; *changed says whether it came out
 * another one. */
err *registry_update(struct store *s, const struct records *said, bool *changed) ERR_NODISCARD;

/* Adds what the user says of a unit, "fuel" or any other column of facts, with its value in words.
 * ERR_INPUT for a DUID that can't be, a fact that there isn't, and a value that it can't have. An
 * empty value takes the user's word back. */
err *registry_say(struct records *said, struct fact f) ERR_NODISCARD;

#endif
