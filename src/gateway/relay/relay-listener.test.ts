import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GatewayId } from '#domain/id.ts'
import { RelayListener } from './relay-listener.ts'
import { accepted, nobodys, TestRelay, there, thereId, until } from './test-relay.ts'

let relay: TestRelay
beforeEach(async () => {
  relay = new TestRelay()
  await relay.start()
})
afterEach(() => relay.stop())

const vouched = ['x-sallyport-source: 192.0.2.7', 'x-sallyport-secure: 0']

test('takes an upgrade of an own session with who came', async () => {
  const wire = relay.knockAtSocket(`GET /terminal/${there} HTTP/1.1`, ['x-sallyport-source: 2001:db8::7', 'x-sallyport-secure: 1'])
  await until('101', () => wire.text === accepted)
  expect(relay.arrived).toMatchObject([{ session: there, source: { address: '2001:db8::7', secure: true } }])
})

test.each([
  ['a new session', '/terminal', '404 not_found'],
  ['a session of a third gateway, which would go round', `/terminal/${nobodys}`, '404 not_found'],
  ['a session that names none', `/terminal/se_${'b'.repeat(24)}`, '404 not_found'],
  ['a path that is none', `/terminal/../${there}`, '404 not_found'],
  ['the API', '/api/v1/me', '404 not_found'],
])('%s: refused', async (_name, path, refusal) => {
  const wire = relay.knockAtSocket(`GET ${path} HTTP/1.1`, vouched)
  expect(await until('a refusal', () => wire.refusal)).toBe(refusal)
  expect(relay.arrived).toEqual([])
})

test.each([
  ['nobody', []],
  ['no address', ['x-sallyport-source: me', 'x-sallyport-secure: 0']],
  ['two', ['x-sallyport-source: 192.0.2.7', ...vouched]],
  ['no word of TLS', ['x-sallyport-source: 192.0.2.7']],
  ['two words of TLS', [...vouched, 'x-sallyport-secure: 1']],
])('a relay that names %s is not believed', async (_name, headers) => {
  const wire = relay.knockAtSocket(`GET /terminal/${there} HTTP/1.1`, headers)
  expect(await until('a refusal', () => wire.refusal)).toBe('400 bad_request')
  expect(relay.arrived).toEqual([])
})

test('a request that is no upgrade is none of its business', async () => {
  const wire = relay.knockAtSocket(`GET /terminal/${there} HTTP/1.1`, [...vouched, 'Connection: close'])
  await until('an answer', () => wire.refusal)
  expect(wire.refusal).toBe('404 not_found')
})

test('takes the place of a socket that a killed process left, and no other thing’s', async () => {
  const id = GatewayId.parse(`gw_secondgw${'a'.repeat(16)}`)
  const path = join(relay.folder, 'secondgw.sock')
  const killed = createServer()
  await new Promise<void>((resolve) => killed.listen(join(relay.folder, 'other'), resolve))
  renameSync(join(relay.folder, 'other'), path)
  await new Promise((resolve) => killed.close(resolve))
  expect(statSync(path).isSocket()).toBe(true)
  const second = new RelayListener(
    relay.folder,
    ({ socket }) => void socket.write(accepted),
    () => undefined,
  )
  await second.listenAs(id)
  const session = there.replace('theregwy', 'secondgw')
  const wire = relay.knockAtSocket(`GET /terminal/${session} HTTP/1.1`, vouched, 'secondgw')
  await until('101', () => wire.text === accepted)
  wire.socket.destroy()
  second.close()
  await until('its socket to be removed', () => !existsSync(path))

  writeFileSync(path, 'mine')
  const third = new RelayListener(
    relay.folder,
    () => undefined,
    () => undefined,
  )
  await expect(third.listenAs(id)).rejects.toThrow('is in the way: it is not a socket')
  third.close()
})

test('listens once for one id, moves with another, and leaves when closed', async () => {
  const own = join(relay.folder, 'theregwy.sock')
  const { ino } = statSync(own)
  await relay.listener.listenAs(thereId)
  expect(statSync(own).ino).toBe(ino)
  await relay.listener.listenAs(GatewayId.parse(`gw_secondgw${'a'.repeat(16)}`))
  expect(relay.listener.mark).toBe('secondgw')
  await until('the old socket to go', () => !existsSync(own))
  relay.listener.close()
  await until('the new one to go', () => !existsSync(join(relay.folder, 'secondgw.sock')))
  await relay.listener.listenAs(thereId)
  expect(existsSync(own)).toBe(false)
})
