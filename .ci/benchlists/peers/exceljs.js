// exceljs.js DATA OUT writes the rows of DATA (tab between cells, # before a number) as a workbook in exceljs's streaming way, with the same styles as
// the program's own list, and prints how many milliseconds it took and the most memory it held, in kB.
const fs = require('fs');
const { performance } = require('perf_hooks');
const Excel = require('exceljs');

async function main() {
  const rows = fs.readFileSync(process.argv[2], 'utf8').split('\n').map((l) => l.split('\t').map((c) => (c[0] === '#' ? Number(c.slice(1)) : c)));
  const start = performance.now();
  const book = new Excel.stream.xlsx.WorkbookWriter({ filename: process.argv[3], useStyles: true, useSharedStrings: false });
  const sheet = book.addWorksheet('list', { views: [{ state: 'frozen', ySplit: 4 }], pageSetup: { paperSize: 9, orientation: 'landscape', fitToPage: true, fitToHeight: 0 } });
  sheet.columns = rows[0].map(() => ({ width: 14 }));
  const edge = { style: 'thin' };
  const border = { left: edge, right: edge, top: edge, bottom: edge };
  const font = { name: '仿宋', size: 10 };
  const alignment = { wrapText: true, vertical: 'middle' };
  for (const cells of rows) {
    const row = sheet.addRow(cells);
    row.height = 28;
    row.eachCell((c) => {
      c.font = font;
      c.border = border;
      c.alignment = alignment;
    });
    row.commit();
  }
  sheet.commit();
  await book.commit();
  console.log(Math.round(performance.now() - start), /VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
}

main();
