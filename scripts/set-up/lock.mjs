// Two commands started at once in one checkout must not install over each other.
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { root, SetUpFailed } from './place.mjs'

const retryMs = 250
/** A first install over a slow line takes minutes; longer means that the other one hangs. */
const patienceMs = 15 * 60_000

/**
 * Runs `work` while no other set-up runs in this checkout; says so once when it has to wait.
 * The lock is an abstract socket of Linux: the kernel frees it when its owner dies, so it is never stale. Elsewhere there is none.
 */
export async function alone(work) {
  if (process.platform !== 'linux') return work()
  const name = `\0sallyport-set-up-${process.getuid()}-${createHash('sha256').update(root).digest('hex').slice(0, 24)}`
  const until = Date.now() + patienceMs
  let server = await hold(name)
  if (!server) process.stderr.write('Waiting for another set-up in this checkout to finish.\n')
  while (!server) {
    if (Date.now() > until) throw new SetUpFailed('Another set-up in this checkout has run for 15 minutes. End it and try again.')
    await new Promise((resolve) => setTimeout(resolve, retryMs))
    server = await hold(name)
  }
  try {
    return await work()
  } finally {
    server.close()
  }
}

function hold(name) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.on('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(name, () => resolve(server))
  })
}
