#include "collect/workbook.h"

#include "base/file.h"
#include "support/check.h"
#include "support/zipmake.h"

#define NAMESPACE "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""

static const char strings[] =
    "<?xml version=\"1.0\"?><sst " NAMESPACE "><si><t>DUID</t></si>"
    "<si><r><t>Wind </t></r><r><t>Farm &amp; more</t></r><rPh><t>hint</t></rPh></si></sst>";
static const char sheet[] =
    "<worksheet " NAMESPACE "><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c>"
    "<c r=\"C1\"><v>37.799999999999997</v></c></row><row r=\"3\"/>"
    "<row r=\"4\"><c r=\"B4\" t=\"s\"><v>1</v></c><c t=\"inlineStr\"><is><t>in line</t></is></c>"
    "<c r=\"D4\" t=\"str\"><f>A1&amp;\"x\"</f><v>made</v></c></row></sheetData></worksheet>";
static const char core[] = "<cp:p xmlns:cp=\"p\" xmlns:dcterms=\"d\"><dcterms:modified>"
                           "2026-03-24T21:54:51Z</dcterms:modified></cp:p>";

static err *read(struct arena *a, const char *strings_xml, const char *sheet_xml,
                 struct workbook *out) {
    struct zipmake z = {0};
    const struct zipmake_member members[] = {
        {.name = STR("xl/worksheets/sheet1.xml"), .content = str_from(sheet_xml), .deflate = true},
        {.name = STR("xl/worksheets/_rels/sheet1.xml.rels"), .content = STR("<a/>")},
        {.name = STR("xl/sharedStrings.xml"), .content = str_from(strings_xml), .deflate = true},
        {.name = STR("docProps/core.xml"), .content = str_from(core), .deflate = true},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        zipmake_add(&z, &members[i]);
    str bytes = zipmake_end(&z), kept = {str_dup(a, bytes), bytes.len};
    zipmake_free(&z);
    return workbook_read(a, kept, out);
}

static void assert_cell(const struct sheet *s, size_t row, size_t column, const char *expected) {
    assert_true(row < s->count);
    str cell = column < s->rows[row].count ? s->rows[row].cells[column] : STR("");
    if (!str_eq(cell, str_from(expected)))
        fail_msg("row %zu, column %zu: '%.*s' is not '%s'", row, column, STR_ARG(cell), expected);
}

static void cells_of_all_kinds_come_as_text(void **state) {
    (void)state;
    struct arena a = {0};
    struct workbook w;
    char modified[AEST_TEXT];
    assert_ok(read(&a, strings, sheet, &w));
    assert_int_equal(w.count, 1);
    assert_string_equal(aest_format_mms(w.modified, modified), "2026/03/25 07:54:51");
    assert_int_equal(w.sheets[0].count, 3);
    assert_cell(w.sheets, 0, 0, "DUID");
    assert_cell(w.sheets, 0, 1, "");
    assert_cell(w.sheets, 0, 2, "37.799999999999997");
    assert_int_equal(w.sheets[0].rows[1].count, 0);
    assert_cell(w.sheets, 2, 1, "Wind Farm & more");
    assert_cell(w.sheets, 2, 2, "in line");
    arena_free(&a);
}

static void a_hostile_workbook_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *strings, *sheet, *words;
    } faults[] = {
        {strings, "<a><b></a>", "mismatched"},
        {strings, "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type"},
        {strings, "<a><c r=\"A1\" t=\"s\"><v>2</v></c></a>", "isn't there"},
        {strings, "<a><c r=\"A1\" t=\"s\"><v>-1</v></c></a>", "isn't there"},
        {strings, "<a><c r=\"1\"><v>2</v></c></a>", "nowhere"},
        {strings, "<a><c r=\"AAAAAAAAAAAAAAA1\"><v>2</v></c></a>", "nowhere"},
        {"", sheet, "no element"},
    };
    struct arena a = {0};
    struct workbook w;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_err(read(&a, faults[i].strings, faults[i].sheet, &w), ERR_INPUT, faults[i].words);
    /* a column too far to matter is passed over */
    assert_ok(read(&a, strings, "<a><row><c r=\"ZZ1\"><v>2</v></c></row></a>", &w));
    assert_int_equal(w.sheets[0].rows[0].count, 0);
    assert_err(workbook_read(&a, STR("no zip"), &w), ERR_INPUT, "zip");
    arena_free(&a);
}

static void csv_is_read_as_spreadsheets_write_it(void **state) {
    (void)state;
    struct arena a = {0};
    struct sheet s;
    assert_ok(csv_sheet_read(&a,
                             STR("\xef\xbb\xbf"
                                 "duid, fuel ,\"a \"\"b\"\", c\"\r\n\r\nX,\"two\nlines\""),
                             &s));
    assert_int_equal(s.count, 3);
    assert_cell(&s, 0, 0, "duid");
    assert_cell(&s, 0, 1, "fuel");
    assert_cell(&s, 0, 2, "a \"b\", c");
    assert_cell(&s, 2, 1, "two\nlines");
    assert_err(csv_sheet_read(&a, STR("a\n\"b"), &s), ERR_INPUT, "row 2: a quote is not closed");
    struct buf wide = {0};
    for (int i = 0; i < SHEET_COLUMNS; i++)
        buf_add_char(&wide, ',');
    assert_err(csv_sheet_read(&a, buf_str(&wide), &s), ERR_INPUT, "columns");
    buf_free(&wide);
    assert_ok(csv_sheet_read(&a, STR(""), &s));
    assert_int_equal(s.count, 0);
    arena_free(&a);
}

static void real_workbooks_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t sheets;
    } files[] = {{"NEM-Registration-and-Exemption-List-2026.xlsx", 13},
                 {"NEM Generation Information Oct 2025.xlsx", 7},
                 {"Generation_Information_SA_05062017.xlsx", 8}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct arena a = {0};
        struct buf bytes = {0};
        struct workbook w;
        const char *path =
            arena_printf(&a, NEMD_SHARED "/data/other/registration/%s", files[i].name);
        if (!file_exists(path))
            skip();
        assert_ok(file_read(path, 1 << 24, &bytes));
        assert_ok(workbook_read(&a, buf_str(&bytes), &w));
        assert_int_equal(w.count, files[i].sheets);
        assert_true(w.modified > 0);
        buf_free(&bytes);
        arena_free(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_all_kinds_come_as_text),
        cmocka_unit_test(a_hostile_workbook_is_refused),
        cmocka_unit_test(csv_is_read_as_spreadsheets_write_it),
        cmocka_unit_test(real_workbooks_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
