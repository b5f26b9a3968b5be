/* Units from a sheet: the user's own, or AEMO's NEM Registration and Exemption List.
 *
 *   duid,fuel,capacity_mw,valid_from         columns of the registry; an empty cell says nothing
 *   XYZ1,Wind,120,2025-07-01
 *
 *   Participant | Station Name | Region | Dispatch Type | … | DUID | Reg Cap generation (MW) | …
 *
 * The list may come as the workbook (its sheet "PU and Scheduled Loads" is known by its header) or
 * as that sheet saved as CSV. A unit can stand in several of its rows; the first that has a value
 * counts. What the list says of owners, capacities and the like holds from the day on which the
 * workbook was saved; what a unit burns, and how, always.
 */
#ifndef MARKET_UNIT_IMPORT_H
#define MARKET_UNIT_IMPORT_H

#include "collect/facts.h"

/* Adds what the file says to [said]; *units counts the units. [name] is the file's, for the origin
 * of the facts; [now] becomes their version, but for a workbook, which says how old it is.
 * ERR_INPUT, naming the row, for a sheet without DUIDs and for values that can't be. */
err *unit_import(str bytes, const char *name, aest_us now, struct records *said,
                 size_t *units) ERR_NODISCARD;

#endif
