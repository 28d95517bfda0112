import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { printSshConfig, type SshConfigFlags } from './ssh-config.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** Something that answers every request so. */
async function answering(status: number, body: unknown): Promise<{ url: string; asked: () => string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked }
}
async function print(flags: SshConfigFlags, environment: Record<string, string> = { SALLYPORT_TOKEN: 'spt_x' }): Promise<string> {
  let text = ''
  await printSshConfig(flags, environment, { write: (more) => (text += more) })
  return text
}

describe('sallyport ssh-config', () => {
  it('prints the block, without what would do something in a terminal', async () => {
    const { url, asked } = await answering(200, {
      text: 'Host web1\n\tPort 2222\n\u001b]0;x\u0007\u009b2J',
      knownHosts: 'sallyport ssh-ed25519 AAAA\n',
      hosts: 1,
    })
    expect(await print({ url, host: 'bastion.example', port: '2222' })).toBe('Host web1\n\tPort 2222\n]0;x2J')
    expect(await print({ knownHosts: true }, { SALLYPORT_URL: `${url}/hosts`, SALLYPORT_TOKEN: 'spt_x' })).toBe('sallyport ssh-ed25519 AAAA\n')
    expect(asked()).toEqual(['/api/v1/door/ssh-config?host=bastion.example&port=2222 Bearer spt_x', '/api/v1/door/ssh-config Bearer spt_x'])
  })

  it('says in a line what is wrong, and sends no token where it must not go', async () => {
    await expect(print({ url: 'http://bastion.example' })).rejects.toThrow(/in the clear/)
    await expect(print({ url: 'file:///etc/passwd' })).rejects.toThrow(/is not an address/)
    await expect(print({ url: 'https://me:secret@bastion.example' })).rejects.toThrow(/is not an address/)
    await expect(print({})).rejects.toThrow(/^no address/)
    await expect(print({ url: 'http://localhost' }, {})).rejects.toThrow(/^no token/)
    await expect(print({ url: 'http://localhost', token: 'a\r\nx: y' })).rejects.toThrow(/is not a token/)
    await expect(print({ url: 'http://localhost', port: '70000' })).rejects.toThrow(/is not a port/)
    const refused = await answering(401, { error: { code: 'unauthenticated', message: 'Sign in.' } })
    await expect(print({ url: refused.url })).rejects.toThrow(/does not know this token/)
    const shut = await answering(409, { error: { code: 'conflict', message: 'The SSH door of this Sallyport is shut.' } })
    await expect(print({ url: shut.url })).rejects.toThrow(/is shut/)
    const other = await answering(200, 'hello')
    await expect(print({ url: other.url })).rejects.toThrow(/did not answer as a Sallyport/)
  })
})
