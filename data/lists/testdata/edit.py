# edit.py PLANS edits workbooks of lists as people do, with openpyxl, and tells as JSON what must come back of each. A plan holds the list's file, a
# name and folder for the edited ones, the seeds, and the columns: key, whether people fill it in, whether it is one cell for the whole incident.
import json
import random
import sys

import openpyxl

HEAD = 4
TEXTS = ["已到现场", "王某", "𠮷野家门口，🚰漏水", "两行\n第二行", "  前后有空格  ", "0571", "2026-08-20", "-1", "A&B <c> \"d\"", "已" * 300]


def edit(plan, seed):
    rnd = random.Random(seed)
    book = openpyxl.load_workbook(plan["file"])
    sheet = book.worksheets[0]
    columns = plan["columns"]
    keys = [c["key"] for c in columns] + [None]  # the hidden key stands behind the columns
    for m in list(sheet.merged_cells.ranges):
        if m.min_row > HEAD:
            sheet.unmerge_cells(str(m))
    grid = [[sheet.cell(r, c + 1).value for c in range(len(keys))] for r in range(1, sheet.max_row + 1)]
    head, rows, foot = grid[:HEAD], [], grid[HEAD:]
    while foot and foot[0][-1]:
        rows.append(foot.pop(0))
    want = {"changes": [], "loose": [], "gone": 0, "edits": 0}
    order = []
    for row in rows:
        no, unit, _ = row[-1].split("|")
        order.append({"no": no, "unit": unit, "cells": row, "set": {}})

    def did(n=1):
        want["edits"] += n

    # Columns go first: what is written afterwards is written into what is left.
    gone = set()
    for _ in range(rnd.choice([0, 0, 1, 3])):
        c = rnd.randrange(len(columns))
        if columns[c]["key"] not in ("no", "unit"):
            gone.add(c)
            did()
    if rnd.random() < 0.2:
        gone.add(len(keys) - 1)
        did()
    for _ in range(rnd.randrange(2, 9)):
        row = rnd.choice(order)
        c = rnd.randrange(len(columns))
        col = columns[c]
        if c in gone or col["key"] in ("seq", "no", "unit") or c in row["set"] or col["whole"] and not row["cells"][1]:
            continue
        was = str(row["cells"][c] if row["cells"][c] is not None else "")
        text = rnd.choice(TEXTS) + str(rnd.randrange(10))
        if col["open"] and was and rnd.random() < 0.2:
            text = ""
        row["set"][c] = text
        did()
        if not col["open"]:
            want["loose"].append("fixed")
        elif text == "":
            want["loose"].append("cleared")
        else:
            want["changes"].append([row["no"], row["unit"], col["key"], text.strip()])
    # A row may go only with nothing written in it, and of a joint list only as the whole incident.
    for _ in range(rnd.choice([0, 0, 1])):
        no = rnd.choice(order)["no"]
        block = [r for r in order if r["no"] == no]
        if not any(r["set"] for r in block) and len(block) < len(order):
            order = [r for r in order if r["no"] != no]
            want["gone"] += len(block)
            did()
    lines = []
    for row in order:
        cells = list(row["cells"])
        for c, text in row["set"].items():
            cells[c] = text or None
        lines.append(cells)
    with_key = len(keys) - 1 not in gone
    if rnd.random() < 0.5 and (with_key or not any(c["whole"] for c in columns)):
        rnd.shuffle(lines)
        did()
    if rnd.random() < 0.3 and with_key:
        lines.insert(rnd.randrange(len(lines) + 1), list(rnd.choice(lines)))  # copied, and left as it is
        did()
    if rnd.random() < 0.3:
        extra = [None] * len(keys)
        extra[rnd.randrange(2, len(keys) - 1)] = "另加的一行"
        while extra[[i for i, x in enumerate(extra) if x][0]] and [i for i, x in enumerate(extra) if x][0] in gone:
            extra = [None] * len(keys)
            extra[rnd.randrange(2, len(keys) - 1)] = "另加的一行"
        lines.insert(len(lines), extra)
        want["loose"].append("row")
        did()
    out = head + lines + foot
    if rnd.random() < 0.3:
        out = [[None] * len(keys)] + out
        did()
    for m in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(m))
    sheet.delete_rows(1, sheet.max_row)
    keep = [c for c in range(len(keys)) if c not in gone]
    note = rnd.random() < 0.3
    for r, cells in enumerate(out, 1):
        for c, at in enumerate(keep, 1):
            cell = sheet.cell(r, c)
            cell.value = cells[at]
            if isinstance(cells[at], str):
                cell.data_type = "s"  # -1 and the like are what somebody typed as text
        if note and r == len(out) - len(foot):
            sheet.cell(r, len(keep) + 2).value = "备注文字"
    if note:
        want["loose"].append("row" if lines[-1][-1] is None and "另加的一行" in lines[-1] else "column")
        if want["loose"][-1] == "row":
            want["loose"].pop()  # it stands in the row that is told as a whole
        did()
    if rnd.random() < 0.3:
        sheet.column_dimensions[openpyxl.utils.get_column_letter(rnd.randrange(1, len(keep)))].hidden = True
        did()
    book.properties.lastModifiedBy = "测试员"
    book.save(f"{plan['out']}/{plan['name']}{seed}.xlsx")
    want["loose"].sort()
    want["changes"].sort()
    return want


plans = json.load(open(sys.argv[1], encoding="utf-8"))
json.dump([{str(s): edit(plan, s) for s in plan["seeds"]} for plan in plans], sys.stdout, ensure_ascii=False)
