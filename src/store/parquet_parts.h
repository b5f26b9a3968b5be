/* The parts of a dataset's Parquet file, for those who write it.
 *
 *   PAR1 | row group | row group | … | footer | its length | PAR1
 *           |
 *           a chunk for each column: [page of the dictionary] [page of the rows]
 *
 *   parquet_layout.c   which rows make which group
 *   parquet_group.c    a group's bytes, from its place in the frames; several side by side
 *   parquet_footer.c   what the footer says of them
 *   parquet_write.c    the file
 */
#ifndef STORE_PARQUET_PARTS_H
#define STORE_PARQUET_PARTS_H

#include "base/err.h"
#include "store/frame.h"

enum {
    ROW_GROUP_SIZE = 245760,
    MOST_COLUMNS = DATASET_COLUMNS + 4,
    LONGEST_BOUND = 64, /* a text longer than this gives its chunk no bounds */
    NO_PAGE = -1,
};

/* Numbers of the format: parquet.thrift in apache/parquet-format. */
enum physical { PHYSICAL_INT32 = 1, PHYSICAL_INT64 = 2, PHYSICAL_DOUBLE = 5, PHYSICAL_BYTES = 6 };
enum converted { CONVERTED_UTF8 = 0, CONVERTED_MICROS = 10, CONVERTED_INT32 = 17 };
enum encoding { ENCODING_PLAIN = 0, ENCODING_RLE = 3, ENCODING_DICTIONARY = 8 };
enum page { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };
enum { CODEC_ZSTD = 6, OPTIONAL = 1 };

/* -- columns and row groups ---------------------------------------------------------------------
 */

enum kind { KIND_RUN_TIME, KIND_TIME, KIND_KEY, KIND_VALUE, KIND_VERSION };

struct file_column {
    const char *name;
    enum kind kind;
    int column; /* of the dataset, for KIND_VALUE */
    enum physical physical;
};

/* Some rows of a key in a day: those at [first] to [end], without the slots that have none. */
struct piece {
    const struct frame *frame;
    uint32_t key, name; /* numbers in the frame, and in the order of all names */
    int first, end, rows;
};

/* The smallest or largest value of a chunk, as its bytes. */
struct bound {
    char bytes[LONGEST_BOUND];
    size_t count;
};

/* What the footer says of a column's chunk. */
struct chunk {
    int64_t dictionary_at, data_at; /* from the group's first byte; -1 for no dictionary */
    int64_t packed, unpacked;       /* bytes */
    int64_t nulls;
    struct bound low, high;
    bool bounded;
};

struct group {
    size_t first_piece, piece_count, rows;
    struct chunk chunks[MOST_COLUMNS];
    int64_t at; /* in the file */
};

struct layout {
    struct arena memory;
    const struct frames *frames;
    const struct dataset *dataset;
    struct file_column columns[MOST_COLUMNS];
    int column_count;
    str *names; /* of all keys, in order */
    uint32_t name_count;
    struct piece *pieces;
    size_t piece_count, piece_capacity;
    struct group *groups;
    size_t group_count;
    size_t rows;
};

/* What rows make which groups; the frames must outlive it. */
void parquet_lay_out(struct layout *l, const struct frames *f);
void layout_free(struct layout *l);

/* -- a group's bytes ----------------------------------------------------------------------------
 */

/* Makes one row group at a time. */
struct group_encoder;

struct group_encoder *group_encoder_open(const struct layout *l);
void group_encoder_close(struct group_encoder *e);
/* Begins a group, in a thread of its own if asked and possible. */
void group_encode(struct group_encoder *e, struct group *group, bool threaded);
/* Waits for it and gives its bytes, which live until the next one begins; the chunks of the group
 * are filled in, but for its place in the file. ERR_IO when zstd fails. */
err *group_encoded(struct group_encoder *e, str *bytes) ERR_NODISCARD;

/* -- the footer ---------------------------------------------------------------------------------
 */

/* Adds the footer of a file whose groups are all encoded and have their places. */
void parquet_add_footer(struct buf *out, const struct layout *l);

#endif
