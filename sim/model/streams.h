/* Streams of noise, so that no two quantities share one: each file that draws has the numbers from
 * its own on, up to the next. A stream's number stands in the upper bits of noise.stream, above
 * what tells regions, units or links apart. */
#ifndef SIM_MODEL_STREAMS_H
#define SIM_MODEL_STREAMS_H

enum sim_streams {
    SIM_STREAMS_WEATHER = 1,
    SIM_STREAMS_DEMAND = 40,
    SIM_STREAMS_OFFER = 60,
    SIM_STREAMS_LINK = 70,
    SIM_STREAMS_HALFHOUR = 80,
    SIM_STREAMS_OUTLOOK = 81,
    SIM_STREAMS_REGISTRATION = 82,
    SIM_STREAMS_NOTICE_STORY = 83,
    SIM_STREAMS_NOTICE = 84,
    SIM_STREAMS_GENSET = 85,
    SIM_STREAMS_FILEID = 90,
    SIM_STREAMS_PUBLICATION = 91,
    SIM_STREAMS_FILE_FAULTS = 92,
    SIM_STREAMS_ARCHIVE = 93,
    SIM_STREAMS_MMSDM = 94,
    SIM_STREAMS_SIZE = 95,
    SIM_STREAMS_EVENT = 100,
    SIM_STREAMS_PLAN = 120,
    SIM_STREAMS_DISPATCH = 140,
    SIM_STREAMS_STORAGE = 150,
    SIM_STREAMS_PRICE = 160,
    SIM_STREAMS_TIMES = 170,
    SIM_STREAMS_FCAS = 172,
    SIM_STREAMS_ROWS = 173,
    SIM_STREAMS_DISPATCH_TABLES = 174,
    SIM_STREAMS_DAY = 180,
};

#endif
