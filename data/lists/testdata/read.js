// Prints every sheet of the workbooks named on the command line as JSON, as read.py does, but as SheetJS reads them. The first argument is the folder of
// its module.
const xlsx = require(require("path").join(process.argv[2], "xlsx"));
const out = process.argv.slice(3).map((name) => {
	const book = xlsx.readFile(name, { cellFormula: true });
	const sheets = {};
	for (const title of book.SheetNames) {
		const sheet = book.Sheets[title];
		for (const at of Object.keys(sheet)) {
			if (at[0] !== "!" && sheet[at].f !== undefined) throw new Error(`${name}: ${title}!${at} is a formula`);
		}
		sheets[title] = xlsx.utils.sheet_to_json(sheet, { header: 1, raw: true, defval: "", blankrows: true, range: { s: { r: 0, c: 0 }, e: xlsx.utils.decode_range(sheet["!ref"]).e } }).map((row) => {
			const cells = row.map(String);
			while (cells.length > 0 && cells[cells.length - 1] === "") cells.pop();
			return cells;
		});
	}
	return sheets;
});
process.stdout.write(JSON.stringify(out));
