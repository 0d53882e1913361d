# Prints every sheet of the workbooks named on the command line as JSON: [{sheet: [[cell, ...], ...]}, ...]. Cells are text; empty ones at the end of a row are left out.
import json
import sys

import openpyxl


def shown(value):
    # openpyxl leaves the escape of an underscore as it stands in the file.
    return "" if value is None else str(value).replace("_x005F_", "_")


def rows(sheet):
    for row in sheet.iter_rows(values_only=True):
        cells = [shown(v) for v in row]
        while cells and cells[-1] == "":
            cells.pop()
        yield cells


out = []
for name in sys.argv[1:]:
    book = openpyxl.load_workbook(name)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    sys.exit(f"{name}: {sheet.title}!{cell.coordinate} is a formula")
    out.append({sheet.title: list(rows(sheet)) for sheet in book})
json.dump(out, sys.stdout, ensure_ascii=True)
