// pouch.js DIR N pushes N documents from a PouchDB on disk to express-pouchdb in a process of its own, pulls N others, and prints the times in
// milliseconds as JSON.
const { fork } = require('child_process')
const fs = require('fs')
const path = require('path')
const PouchDB = require('pouchdb')

const [dir, n, role] = process.argv.slice(2)
fs.mkdirSync(path.join(dir, 'server'), { recursive: true })

if (role === 'server') {
  process.chdir(path.join(dir, 'server'))
  const DB = PouchDB.defaults({ prefix: path.join(dir, 'server') + path.sep })
  const app = require('express')()
  app.use('/', require('express-pouchdb')(DB, { mode: 'minimumForPouchDB', logPath: path.join(dir, 'log.txt'), configPath: path.join(dir, 'config.json') }))
  app.listen(18115, '127.0.0.1', () => process.send('ready'))
  process.on('message', () => process.send(process.memoryUsage().rss))
} else {
  const server = fork(__filename, [dir, n, 'server'])
  const say = () => new Promise(resolve => server.once('message', resolve))
  const fill = async (db, from, count) => {
    for (let i = 0; i < count; i += 1000) {
      await db.bulkDocs(Array.from({ length: Math.min(1000, count - i) }, (_, k) => ({
        _id: String(from + i + k).padStart(12, '0'), kind: (i + k) % 30, actor: 'op1', incident: ((i + k) >> 3).toString(16).padStart(32, '0'),
        at: 1785000000000 + (i + k) * 30000, text: '已到现场，正在处置，路面积水约二十公分。'
      })))
    }
  }
  const main = async () => {
    await say()
    const remote = new PouchDB('http://127.0.0.1:18115/journal')
    await remote.info()
    const local = new PouchDB(path.join(dir, 'local'))
    await fill(local, 0, +n)
    let t = Date.now()
    await local.replicate.to(remote, { batch_size: 500, batches_limit: 4 })
    const push = Date.now() - t
    await fill(remote, +n, +n)
    t = Date.now()
    await local.replicate.from(remote, { batch_size: 500, batches_limit: 4 })
    const pull = Date.now() - t
    const count = (await local.info()).doc_count
    if (count !== 2 * n) throw new Error(`${count} documents`)
    server.send('memory')
    const rss = await say()
    console.log(JSON.stringify({ Push: push, Pull: pull, Resident: rss }))
    server.kill()
  }
  main().catch(err => { console.error(err); server.kill(); process.exit(1) })
}
