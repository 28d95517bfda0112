// `npm run dev`: the product with two gateways, a throwaway sshd as its first host, an operator, and a restart when the source changes.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, watch } from 'node:fs'
import path from 'node:path'
import { ApiRefused } from '../test/harness/api-client.ts'
import { checkout, type Product, startProduct, testOperator } from '../test/harness/product.ts'
import { startSshd, type TestSshd } from '../test/harness/sshd.ts'
import { makeTempFolder } from '../test/harness/temp-folder.ts'

const port = Number(process.env.PORT ?? 8022)
const pagesPort = port + 1
const pagesUrl = `http://127.0.0.1:${pagesPort}`
/** Editors write several files at once; one restart serves them all. */
const settleMs = 200

const say = (text: string) => process.stdout.write(`${text}\n`)

async function seed(product: Product, sshd: TestSshd): Promise<void> {
  const operator = await product.signIn()
  const trusted = Object.values(sshd.hostKeys).map(({ publicKey, fingerprint }) => {
    const [type = '', key = ''] = publicKey.split(' ')
    return { type, key, fingerprint }
  })
  try {
    await operator.call('POST', '/assets', {
      name: 'throwaway',
      address: sshd.host,
      port: sshd.port,
      accounts: [{ username: sshd.user, auth: { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey } }],
      trusted,
    })
  } catch (error) {
    // The product serves all the same; the words say what is missing.
    say(`The host could not be added: ${error instanceof ApiRefused ? error.message : String(error)}`)
  }
}

function startPages(): ChildProcess {
  const vite = path.join(checkout, 'node_modules', 'vite', 'bin', 'vite.js')
  return spawn(process.execPath, [vite, '--config', path.join(checkout, 'vite.config.ts'), '--port', `${pagesPort}`, '--strictPort', '--logLevel', 'warn'], {
    cwd: checkout,
    env: { ...process.env, SALLYPORT_DEV_ORIGIN: `http://127.0.0.1:${port}` },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

const folder = await makeTempFolder('dev')
const data = path.join(folder.path, 'data')
mkdirSync(data)
const sshd = await startSshd()
const start = () =>
  startProduct({
    port,
    data,
    echo: true,
    flags: ['--public-url', pagesUrl],
    env: { SALLYPORT_ADMIN_USER: testOperator.username, SALLYPORT_ADMIN_PASSWORD: testOperator.password },
  })

let product: Product | undefined = await start()
await seed(product, sshd)
const pages = startPages()
say(`
Pages     ${pagesUrl}   (reload by themselves)
Product   ${product.url}   (restarts when src/ changes; open sessions end)
Operator  ${testOperator.username} / ${testOperator.password}
Host      ${sshd.user}@${sshd.host}:${sshd.port}   ("throwaway"${sshd.password ? `, password ${sshd.password}` : ''})
Data      ${folder.path}   (removed at the end)
`)

let turn: Promise<void> = Promise.resolve()
let timer: NodeJS.Timeout | undefined
let isLeaving = false
const restart = async () => {
  if (isLeaving) return
  const from = performance.now()
  try {
    await product?.stop()
    product = undefined
    product = await start()
    say(`Restarted in ${Math.round(performance.now() - from)} ms.`)
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\nWaiting for the next change.`)
  }
}
const watcher = watch(path.join(checkout, 'src'), { recursive: true }, (_event, name) => {
  // Vite reloads the pages; tests are nobody's business here.
  if (name === null || name.startsWith(`web${path.sep}`) || !/(?<!\.test)\.ts$/.test(name)) return
  clearTimeout(timer)
  timer = setTimeout(() => {
    turn = turn.then(restart)
  }, settleMs)
})

const leave = async () => {
  if (isLeaving) return
  isLeaving = true
  watcher.close()
  clearTimeout(timer)
  pages.kill('SIGTERM')
  await turn
  await product?.stop().catch((error: unknown) => say(String(error)))
  await sshd.stop()
  await folder.remove()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave())
