# template.py make FILE KIND writes a town's own workbook as a clerk makes it with a spreadsheet program; template.py look FILE... prints as JSON what a
# template must keep: formats, widths, heights, joined cells, print set-up, formulas, rules and pictures, and the texts.
import json
import sys

import openpyxl
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

HEADS = ["编号", "受理时间", "所属村", "诉求内容", "责任单位", "办理时限", "办理结果", "超期罚分", "备注"]


def picture(path):
    from PIL import Image as Pil

    Pil.new("RGB", (20, 20), (200, 30, 30)).save(path)


def make(path, kind):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "日清台账"
    thin = Side(style="thin", color="808080")
    sheet.merge_cells("A1:I1")
    sheet["A1"] = "{{标题}}"
    sheet["A1"].font = Font(name="黑体", size=18, bold=True, color="C00000")
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.merge_cells("A2:I2")
    sheet["A2"] = "填报：塔石镇　日期：{{日期}}　{{校验码}}"
    for c, head in enumerate(HEADS, 1):
        cell = sheet.cell(3, c, head)
        cell.font = Font(name="楷体", size=11, bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.border = Border(thin, thin, thin, thin)
    first, rows = 4, 1 if kind in ("one", "onesum") else 3
    for r in range(first, first + rows):
        for c in range(1, len(HEADS) + 1):
            cell = sheet.cell(r, c)
            cell.font = Font(name="仿宋", size=10, italic=c == 4)
            cell.border = Border(thin, thin, thin, thin)
            cell.alignment = Alignment(wrap_text=c == 4, vertical="center")
            cell.number_format = "@" if c < 8 else "0.0"
        sheet.row_dimensions[r].height = 24
        sheet.cell(r, 8, f"=LEN(G{r})*0.5")
    foot = first + rows
    if kind != "one":
        sheet.cell(foot, 1, "合计")
        sheet.cell(foot, 8, f"=SUM(H{first}:H{foot - 1})").font = Font(bold=True)
    sheet.merge_cells(start_row=foot + 1, start_column=1, end_row=foot + 1, end_column=4)
    sheet.cell(foot + 1, 1, "值班长签字：")
    sheet.cell(foot + 1 if kind == "comment" else 3, 1).comment = Comment("按此填", "镇里")
    sheet.conditional_formatting.add(f"H{first}:H{foot - 1}", CellIsRule(operator="greaterThan", formula=["5"], fill=PatternFill("solid", bgColor="FFC7CE")))
    check = DataValidation(type="list", formula1='"是,否"')
    check.add(f"I{first}:I{foot - 1}")
    sheet.add_data_validation(check)
    for c, width in zip("ABCDEFGHI", (17, 14, 10, 40, 12, 14, 30, 8, 12)):
        sheet.column_dimensions[c].width = width
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.page_margins.left = 0.4
    sheet.print_title_rows = "1:3"
    sheet.print_area = f"A1:I{foot + 1}"
    sheet.freeze_panes = "B4"
    sheet.oddFooter.center.text = "第&P页"
    picture(path + ".png")
    image = Image(path + ".png")
    sheet.add_image(image, f"I{foot + 1}")
    if kind == "marks":
        for c, head in enumerate(("{{事项编号}}", None, None, "{{事项内容}}", "{{承办单位}}", None, "{{办理情况}}"), 1):
            sheet.cell(first, c).value = head
    if kind == "names":
        sheet["A1"] = "（标题）"
        book.defined_names.append(DefinedName("清单标题", attr_text="'日清台账'!$A$1"))
        book.defined_names.append(DefinedName("清单首行", attr_text=f"'日清台账'!$A${first}"))
    if kind == "protected":
        sheet.protection.sheet = True
    if kind == "twice":
        again = book.copy_worksheet(sheet)
        again.title = "另一张"
    if kind == "other":
        for c in range(1, len(HEADS) + 1):
            sheet.cell(3, c).value = f"第{c}列"
    if kind == "unknown":
        sheet["A2"] = "{{没有这个}}"
    if kind == "full":
        sheet["A4"] = "上一期的"
    book.save(path)


def style(cell):
    f, a, b = cell.font, cell.alignment, cell.border
    return [f.name, f.size, f.bold, f.italic, str(f.color.rgb) if f.color and f.color.type == "rgb" else None, str(cell.fill.fgColor.rgb), cell.number_format, a.horizontal, a.vertical, a.wrap_text, b.left.style, b.top.style]


def look(path):
    book = openpyxl.load_workbook(path)
    out = {}
    for sheet in book.worksheets:
        rows = range(1, sheet.max_row + 1)
        out[sheet.title] = {
            "cells": [[sheet.cell(r, c).value for c in range(1, 10)] for r in rows],
            "styles": [[style(sheet.cell(r, c)) for c in range(1, 10)] for r in rows],
            "heights": [sheet.row_dimensions[r].height for r in rows],
            "widths": {c: sheet.column_dimensions[c].width for c in "ABCDEFGHI"},
            "merged": sorted(str(m) for m in sheet.merged_cells.ranges),
            "page": [sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_margins.left, sheet.print_title_rows, str(sheet.print_area).split("$I$")[-1].strip("']"), sheet.freeze_panes, sheet.oddFooter.center.text],
            "rules": sorted(f"{r.sqref} {rule.operator} {rule.formula}" for r in sheet.conditional_formatting for rule in r.rules),
            "choices": sorted(f"{d.sqref} {d.formula1}" for d in sheet.data_validations.dataValidation),
            "pictures": [[i.anchor._from.col, i.anchor._from.row] for i in sheet._images],
            "comments": [c.coordinate for row in sheet.iter_rows() for c in row if c.comment],
        }
    return out


if sys.argv[1] == "make":
    for path, kind in zip(sys.argv[2::2], sys.argv[3::2]):
        make(path, kind)
else:
    json.dump([look(p) for p in sys.argv[2:]], sys.stdout, ensure_ascii=False, default=str)
