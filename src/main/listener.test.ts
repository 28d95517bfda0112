import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { checkListener, isReachedFromHereAlone, sshCommand } from './listener.ts'

it.each([
  ['127.0.0.1', [], true],
  ['localhost', [], true],
  ['::1', [], true],
  ['127.0.0.1', ['10.0.0.0/8'], false],
  ['0.0.0.0', [], false],
  ['192.0.2.1', [], false],
] as const)('%s with proxies %j is reached from this machine alone: %s', (host, behindProxy, alone) => {
  expect(isReachedFromHereAlone({ http: { host }, behindProxy })).toBe(alone)
})

it('says what to do when somebody else listens there', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const place = { host: '127.0.0.1', port: (other.address() as AddressInfo).port }
  await expect(checkListener(place)).rejects.toThrow('give --http another port')
  await expect(checkListener(place, '--ssh')).rejects.toThrow('give --ssh another port, or "off" to do without ssh')
  await new Promise((resolve) => other.close(resolve))
})

it.each([
  [{ host: '127.0.0.1', port: 2222 }, 'http://127.0.0.1:8022', undefined, 'ssh -p 2222 YOUR-NAME@127.0.0.1'],
  [{ host: '0.0.0.0', port: 22 }, 'https://bastion.example:8443', 'ada', 'ssh ada@bastion.example'],
] as const)('at %j people come by', (ssh, address, username, command) => {
  expect(sshCommand(ssh, address, username)).toBe(command)
})
