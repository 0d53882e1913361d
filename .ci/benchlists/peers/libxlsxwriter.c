/* libxlsxwriter DATA OUT writes the rows of DATA (tab between cells, # before a number) as a workbook in constant memory, with the same styles as the
   program's own list, and prints how many milliseconds it took and the most memory it held, in kB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <xlsxwriter.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    FILE *in = fopen(argv[1], "rb");
    if (!in) return 1;
    fseek(in, 0, SEEK_END);
    long size = ftell(in);
    rewind(in);
    char *data = malloc(size + 1);
    if (!data || fread(data, 1, size, in) != (size_t)size) return 1;
    data[size] = 0;
    double start = now();
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    lxw_workbook *book = workbook_new_opt(argv[2], &options);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "list");
    lxw_format *style = workbook_add_format(book);
    format_set_font_name(style, "仿宋");
    format_set_font_size(style, 10);
    format_set_border(style, LXW_BORDER_THIN);
    format_set_text_wrap(style);
    format_set_align(style, LXW_ALIGN_VERTICAL_CENTER);
    worksheet_set_landscape(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_freeze_panes(sheet, 4, 0);
    worksheet_set_column(sheet, 0, 29, 14, NULL);
    char *line = data;
    for (lxw_row_t r = 0; line && *line; r++) {
        char *end = strchr(line, '\n');
        if (end) *end = 0;
        worksheet_set_row(sheet, r, 28, NULL);
        lxw_col_t c = 0;
        for (char *cell = line; cell; c++) {
            char *tab = strchr(cell, '\t');
            if (tab) *tab = 0;
            if (*cell == '#')
                worksheet_write_number(sheet, r, c, atof(cell + 1), style);
            else
                worksheet_write_string(sheet, r, c, cell, style);
            cell = tab ? tab + 1 : NULL;
        }
        line = end ? end + 1 : NULL;
    }
    if (workbook_close(book)) return 1;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("%.0f %ld\n", now() - start, use.ru_maxrss);
    return 0;
}
