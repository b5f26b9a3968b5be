/* Market notices: what the operator tells the market in words.
 *
 * They come one a file, as text (NEMITWEB1_MKTNOTICE_20260803.R144726), and until July 2024 as rows
 * of MMSDM's MARKETNOTICEDATA:
 *
 *   -------------------------------------------------------------------
 *                              MARKET NOTICE
 *   -------------------------------------------------------------------
 *
 *   From :              AEMO
 *   Creation Date :     03/08/2026     14:17:17
 *   …
 *   Notice ID               :         144726
 *   Notice Type ID          :         MARKET SYSTEMS
 *   Notice Type Description :         Status of Market Systems
 *   Issue Date              :         03/08/2026
 *   External Reference      :         Completed - CHG0112185
 *   -------------------------------------------------------------------
 *   Reason :
 *   (any text)
 *   -------------------------------------------------------------------
 *   END OF REPORT
 *
 * Ids are not in the order of time. Notices of one story share their external reference, more or
 * less. A notice never changes, so that its version is the time at which it was created, whichever
 * way it comes.
 */
#ifndef COLLECT_NOTICE_H
#define COLLECT_NOTICE_H

#include "mms/csv.h"
#include "store/records.h"

enum { NOTICE_BYTES = 256 << 10 };

/* Texts are views into what was read; without address where there is none. */
struct notice {
    uint64_t id;
    str type, type_description;
    aest_us created, issued;
    str external_reference; /* may go over several lines */
    str reason;             /* what stands between "Reason :" and the end of the report */
    str text;               /* the whole file */
};

/* ERR_INPUT, saying what is wrong, for a file that is over NOTICE_BYTES, is cut short or is no
 * notice. */
err *notice_parse(str bytes, struct notice *out) ERR_NODISCARD;
/* A row of MARKETNOTICEDATA, which has neither description nor file. Memory from [a]. */
err *notice_from_row(struct arena *a, const struct mms_row *row, struct notice *out) ERR_NODISCARD;

/* Adds a notice to records of the table NOTICES. */
void notice_put(struct records *r, const struct notice *n);

#endif
