/* Tables of registration, written by hand. */
#ifndef TESTS_SUPPORT_REGISTRATION_H
#define TESTS_SUPPORT_REGISTRATION_H

#include "collect/reference.h"
#include "collect/registration.h"
#include "support/check.h"

#define SUMMARY_HEADER                                                                             \
    "DUID,START_DATE,END_DATE,DISPATCHTYPE,REGIONID,STATIONID,PARTICIPANTID,LASTCHANGED,"          \
    "TRANSMISSIONLOSSFACTOR,DISTRIBUTIONLOSSFACTOR,SCHEDULE_TYPE,DISPATCHSUBTYPE"
#define DETAIL_HEADER                                                                              \
    "EFFECTIVEDATE,DUID,VERSIONNO,REGISTEREDCAPACITY,MAXCAPACITY,MINCAPACITY,MAXSTORAGECAPACITY"
#define ALLOCATION_HEADER "EFFECTIVEDATE,VERSIONNO,DUID,GENSETID"
#define GENSET_HEADER                                                                              \
    "GENSETID,REGISTEREDCAPACITY,MAXCAPACITY,CO2E_EMISSIONS_FACTOR,CO2E_ENERGY_SOURCE"

/* Takes rows ("a,b\nc,d\n") of a table, published on [date] ("2025/07/07"). */
__attribute__((unused)) static err *take_table(struct registration *r, const char *date,
                                               const char *table, const char *header,
                                               const char *rows) {
    struct buf csv = {0};
    int lines = 3;
    buf_printf(&csv, "C,SETP.WORLD,DVD_%s,AEMO,PUBLIC,%s,10:00:00,1,,2\n", table, date);
    buf_printf(&csv, "I,PARTICIPANT_REGISTRATION,%s,4,%s\n", table, header);
    for (str rest = str_from(rows); rest.len; lines++) {
        str row = str_cut(&rest, '\n');
        buf_printf(&csv, "D,PARTICIPANT_REGISTRATION,%s,4,%.*s\n", table, STR_ARG(row));
    }
    buf_printf(&csv, "C,\"END OF REPORT\",%d\n", lines);
    err *e = reference_read_file(buf_str(&csv), registration_row, r);
    buf_free(&csv);
    return e;
}

#endif
