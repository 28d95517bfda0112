// What the SSH door costs beside OpenSSH, alone and as a jump host: bulk, files, connecting, keys. `openssh` of a line is the way that its number is held against.
import { echo } from '../lines/echo.ts'
import { type Line, median } from '../numbers.ts'
import { type Native, type Route, sideOf, timed } from './route.ts'

const bulkBytes = 1024 ** 3
const fileBytes = 256 * 1024 ** 2

/** One run of each, `rounds` times in turn. */
async function inTurn(routes: readonly Route[], rounds: number, act: (route: Route) => Promise<number>): Promise<Record<Route['name'], number>> {
  const taken: Record<Route['name'], number[]> = { direct: [], jump: [], door: [] }
  for (let round = 0; round < rounds; round += 1) for (const route of routes) taken[route.name].push(await act(route))
  return { direct: median(taken.direct), jump: median(taken.jump), door: median(taken.door) }
}

export async function bulk(native: Native, rounds: number): Promise<Line[]> {
  const routes = [native.direct, native.jump, native.door]
  const cpu: number[] = []
  await timed('ssh', native.door, ['head -c 200000000 /dev/zero'])
  const ms = await inTurn(routes, rounds, async (route) => {
    const before = native.cpu()
    const took = await timed('ssh', route, [`head -c ${bulkBytes} /dev/zero`])
    if (route.name === 'door') cpu.push((native.cpu() - before) / (bulkBytes / 1e9))
    return took
  })
  const speed = (route: Route['name']) => bulkBytes / 1e3 / ms[route]
  const line = { unit: 'MB/s', sallyport: speed('door'), better: 'higher' } as const
  return [
    { ...line, name: 'native bulk, beside ssh', openssh: speed('direct') },
    { ...line, name: 'native bulk, beside ssh -J', openssh: speed('jump') },
    { name: 'native bulk, CPU with digest', unit: 's/GB', sallyport: median(cpu), openssh: Number.NaN, better: 'lower', hold: 1.7, of: 'sallyport' },
  ]
}

export async function files(native: Native, rounds: number): Promise<Line[]> {
  const { remote } = native
  await timed('ssh', native.direct, [`mkdir -p ${remote} && head -c ${fileBytes} /dev/urandom > ${remote}/file`])
  const routes = [native.direct, native.jump, native.door]
  try {
    const speedOf = async (batch: string) => {
      const ms = await inTurn(routes, rounds, (route) => timed('sftp', route, ['-q', '-b', '-'], batch))
      return { direct: fileBytes / 1e3 / ms.direct, jump: fileBytes / 1e3 / ms.jump, door: fileBytes / 1e3 / ms.door }
    }
    const local = `/tmp/sallyport-bench-${process.pid}`
    const get = await speedOf(`get ${remote}/file ${local}\n`)
    const put = await speedOf(`put ${local} ${remote}/put\n`)
    await timed('ssh', native.direct, [`rm -f ${remote}/put; test ! -e ${local} || rm -f ${local}`]).catch(() => undefined)
    const line = { unit: 'MB/s', better: 'higher' } as const
    return [
      { ...line, name: 'native SFTP get, beside ssh -J', sallyport: get.door, openssh: get.jump, note: `direct ${get.direct.toFixed(0)}` },
      { ...line, name: 'native SFTP put, beside ssh -J', sallyport: put.door, openssh: put.jump, hold: 1.8, note: `direct ${put.direct.toFixed(0)}` },
    ]
  } finally {
    await timed('ssh', native.direct, [`rm -rf ${remote}`])
  }
}

export async function connects(native: Native, rounds: number): Promise<Line[]> {
  const ms = await inTurn([native.direct, native.jump, native.door], rounds * 4, (route) => timed('ssh', route, ['true']))
  return [
    {
      name: 'native connect and `true`, beside ssh -J',
      unit: 'ms',
      sallyport: ms.door,
      openssh: ms.jump,
      better: 'lower',
      hold: 0.8,
      note: `direct ${ms.direct.toFixed(0)}`,
    },
  ]
}

/** Beside a flood in the same gateway: one of another person's terminal. */
export async function keys(native: Native, options: { rounds: number; besideFlood: boolean }): Promise<Line[]> {
  const direct = sideOf(native.direct)
  const door = sideOf(native.door)
  const [p50, p99] = options.besideFlood
    ? await echo(door, { ...direct, noise: () => Promise.resolve({ stop: () => Promise.resolve() }) }, options)
    : await echo(door, direct, options)
  if (!p50 || !p99) return []
  const where = options.besideFlood ? 'native echo beside a flood' : 'native echo idle'
  return [
    { ...p50, name: `${where}, p50, beside idle ssh`, hold: options.besideFlood ? 4 : undefined, of: 'ratio' },
    { ...p99, name: `${where}, p99`, hold: 5, of: 'sallyport' },
  ]
}
