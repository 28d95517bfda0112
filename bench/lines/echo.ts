// A key is pressed, its echo comes back: idle, and beside a flood in another session.
import { type Line, median, pairs, quantile } from '../numbers.ts'
import { quiet, type Shell, type Side } from '../shell.ts'

const keys = 200

async function presses(shell: Shell): Promise<number[]> {
  const times: number[] = []
  for (let key = 0; key < keys; key += 1) {
    const mark = String.fromCharCode(0x61 + (key % 26))
    const startedAt = performance.now()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no echo within 5 s')), 5000)
      shell.onBytes = (bytes) => {
        if (!bytes.includes(mark.charCodeAt(0))) return
        clearTimeout(timer)
        resolve()
      }
      shell.write(mark)
    })
    times.push(performance.now() - startedAt)
    // People pause between keys; without it the measure would be a ping-pong that no scheduler treats as typing.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return times
}

async function once(side: Side, besideFlood: boolean): Promise<number[]> {
  const shell = await side.open()
  await quiet(shell)
  shell.write('stty echo; cat > /dev/null\n')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const noise = besideFlood ? await side.noise() : undefined
  const times = await presses(shell)
  await noise?.stop()
  await shell.close()
  await side.settled()
  return times
}

export async function echo(sallyport: Side, openssh: Side, options: { rounds: number; besideFlood: boolean }): Promise<Line[]> {
  const { a, b } = await pairs(
    options.rounds,
    () => once(sallyport, options.besideFlood),
    () => once(openssh, options.besideFlood),
  )
  const where = options.besideFlood ? 'echo beside a flood' : 'echo idle'
  const line = (name: string, share: number, hold: Partial<Line>): Line => ({
    name: `${where}, ${name}`,
    unit: 'ms',
    sallyport: median(a.map((times) => quantile(times, share))),
    openssh: median(b.map((times) => quantile(times, share))),
    better: 'lower',
    ...(options.besideFlood ? {} : hold),
  })
  return [line('p50', 0.5, { hold: 2 }), line('p99', 0.99, { hold: 3, of: 'sallyport' })]
}
