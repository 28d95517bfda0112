// Types a case at a real shell on a real terminal (util-linux `script`), and writes down what came of it.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TypingMarks } from '#session/typing-marks.ts'
import { makeTempFolder } from '../harness/temp-folder.ts'
import type { Case, Recorded, Step } from './case.ts'
import { keysOf } from './keys.ts'

const quietMs = 150
const keyWithinMs = 60
const stepWithinMs = 8000

/** Both shells say what they run themselves, after all expansion of history, before it runs. */
const truth = {
  bash: [
    'HISTFILE=/dev/null; HISTCONTROL=; shopt -s cmdhist lithist',
    `__truth() { local it; it=$(HISTTIMEFORMAT= history 1); it=\${it#"\${it%%[![:space:]]*}"}; it=\${it#*[0-9]  }; printf '%s\\0' "$it" >>"$TRUTH"; }`,
    `PS0='$(__truth)'; PS1='$ '`,
  ],
  zsh: ['HISTSIZE=100; SAVEHIST=0; setopt interactivecomments', `preexec() { printf '%s\\0' "$1" >>"$TRUTH" }`, `PROMPT='%% '; bindkey -e`],
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const isText = (bytes: Buffer) => Buffer.from(bytes.toString('utf8')).equals(bytes)

/** Throws when the shell cannot be started, or a step does not come to an end. */
export async function play(it: Case): Promise<Recorded> {
  const folder = await makeTempFolder('corpus')
  const home = path.join(folder.path, 'home')
  const [truthFile, ttyFile] = [path.join(folder.path, 'truth'), path.join(folder.path, 'tty')]
  for (const name of ['docs', 'src/deep/er', 'many', '文档']) mkdirSync(path.join(home, name), { recursive: true })
  for (const name of ['alpha.txt', 'beta.txt', 'gamma ray.txt', 'src/main.c', '文档/说明.txt']) writeFileSync(path.join(home, name), `${name}\n`)
  for (let at = 0; at < 130; at += 1) writeFileSync(path.join(home, 'many', `file-${String(at).padStart(3, '0')}`), '')
  writeFileSync(truthFile, '')
  const rc = [...truth[it.shell], ...it.setup, ''].join('\n')
  writeFileSync(path.join(home, it.shell === 'bash' ? '.bashrc' : '.zshrc'), rc)
  const start = `tty >${ttyFile}; stty cols ${it.cols} rows ${it.rows}; cd ${home}; exec ${it.shell} -i`
  const child = spawn('script', ['-qfec', start, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: home, ZDOTDIR: home, TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh', TRUTH: truthFile, EDITOR: 'vim' },
  })
  const events: Recorded['events'] = []
  const began = performance.now()
  const now = () => Math.round(performance.now() - began)
  let [shown, lastAt, isOver] = ['', 0, false]
  let paste2004 = false
  child.stdout.on('data', (bytes: Buffer) => {
    lastAt = performance.now()
    events.push(isText(bytes) ? [now(), 'o', bytes.toString('utf8')] : [now(), 'b', bytes.toString('base64')])
    shown = (shown + bytes.toString('latin1')).slice(-100_000)
    paste2004 = shown.lastIndexOf('\x1b[?2004h') > shown.lastIndexOf('\x1b[?2004l')
  })
  child.on('exit', () => (isOver = true))

  const marks = new TypingMarks()
  const send = (text: string) => {
    const bytes = Buffer.from(text, 'utf8')
    const mark = marks.of(bytes)
    if (mark !== undefined) events.push([now(), 't', mark.typed, mark.lineEnds, mark.isOpen, mark.interrupted])
    lastAt = performance.now()
    child.stdin.write(bytes)
  }
  const quiet = async (ms: number, within: number) => {
    const until = performance.now() + within
    while (!isOver && performance.now() < until && performance.now() - lastAt < ms) await pause(2)
  }
  const step = async (one: Step) => {
    if (typeof one === 'string') {
      for (const key of keysOf(one)) {
        const before = events.length
        send(key)
        const until = performance.now() + keyWithinMs
        const sent = events.length
        while (!isOver && events.length === sent && performance.now() < until) await pause(1)
        // A line that was entered, and keys that make the shell think, are waited for; letters are typed on.
        await quiet(key === '\r' || key === '\t' ? quietMs : 4, key === '\r' ? 3000 : 1000)
        if (events.length === before) await pause(2)
      }
    } else if ('fast' in one) {
      send(keysOf(one.fast).join(''))
      await quiet(quietMs * 2, 4000)
    } else if ('paste' in one) {
      const text = one.paste.replaceAll('\n', '\r')
      send(paste2004 ? `\x1b[200~${text}\x1b[201~` : text)
      await quiet(quietMs, 2000)
    } else if ('size' in one) {
      const [cols, rows] = one.size
      events.push([now(), 'r', cols, rows])
      execFileSync('stty', ['-F', readFileSync(ttyFile, 'utf8').trim(), 'cols', String(cols), 'rows', String(rows)])
      lastAt = performance.now()
      await quiet(quietMs, 2000)
    } else if ('pause' in one) {
      await pause(one.pause)
    } else {
      const until = performance.now() + stepWithinMs
      while (!isOver && !shown.includes(one.until)) {
        if (performance.now() > until)
          throw new Error(`${it.id}: ${JSON.stringify(one.until)} was not shown; the last was ${JSON.stringify(shown.slice(-300))}`)
        await pause(5)
      }
      shown = ''
      await quiet(quietMs, 2000)
    }
  }
  try {
    lastAt = performance.now()
    const until = performance.now() + stepWithinMs
    while (events.length === 0 && performance.now() < until) await pause(5)
    await quiet(quietMs, 4000)
    for (const one of it.keys) await step(one)
    await quiet(quietMs * 2, 3000)
  } finally {
    child.kill('SIGKILL')
    child.stdin.destroy()
  }
  const expected = readFileSync(truthFile, 'utf8').split('\0').slice(0, -1)
  await folder.remove()
  return { id: it.id, shell: it.shell, cols: it.cols, rows: it.rows, expected, events }
}
