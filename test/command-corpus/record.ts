// Plays the corpus at the shells of this machine and keeps what came of it: `node test/command-corpus/record.ts [class…]`. Without a class, all.
import { writeFileSync } from 'node:fs'
import { corpusFolder, typedCases } from './case.ts'
import { play } from './play.ts'

const asked = process.argv.slice(2)
for (const [name, cases] of typedCases()) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const lines: string[] = []
  let commands = 0
  for (const each of cases) {
    const recorded = await play(each)
    commands += recorded.expected.length
    lines.push(JSON.stringify(recorded))
  }
  writeFileSync(new URL(`recorded/${name}.jsonl`, corpusFolder), `${lines.join('\n')}\n`)
  process.stdout.write(`${name}: ${cases.length} cases, ${commands} commands\n`)
}
