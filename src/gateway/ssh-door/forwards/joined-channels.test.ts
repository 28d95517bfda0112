import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../../../test/harness/wait.ts'
import { joinChannels } from './joined-channels.ts'
import { Heard, opened, openTwoSides, type TwoSides } from './two-sides.fixture.ts'

let sides: TwoSides
beforeAll(async () => void (sides = await openTwoSides()), 60_000)
afterAll(() => sides?.close())

/** A client and a service of the host, joined in the middle. */
async function joined({ isReading = true } = {}) {
  const [client, near] = await opened(sides.operator, sides.toOperator)
  const [far, service] = await opened(sides.toHost, sides.host)
  const told = { input: 0, output: 0, closed: 0 }
  const { destroy } = joinChannels(near, far, { carried: (way, bytes) => void (told[way] += bytes), closed: () => void (told.closed += 1) })
  return { client: new Heard(client, isReading), service: new Heard(service), told, destroy }
}
const more = 5_000_000
/** Until nothing moves any more; answers how much has. */
async function stands(told: { output: number }): Promise<number> {
  let before = -1
  return await waitUntil('it to stand still', () => {
    const isStill = told.output === before && before > 1_900_000
    before = told.output
    return isStill && before
  })
}

describe('joined channels', () => {
  it('close each half by itself, and both when both are closed', async () => {
    const { client, service, told } = await joined()
    client.channel.write(Buffer.from('a question'))
    client.channel.end()
    await waitUntil('the end of the question', () => service.events.includes('eof'))
    expect([service.text, told.closed]).toEqual(['a question', 0])
    service.channel.write(Buffer.from('an answer'))
    service.channel.end()
    service.channel.close()
    await waitUntil('the end', () => client.events.includes('closed') && told.closed > 0)
    expect([client.text, client.events, told]).toEqual(['an answer', ['eof', 'closed'], { input: 10, output: 9, closed: 1 }])
  })

  // More than all windows hold, and a little more than the client's: then the host has closed long before the last bytes go.
  it.each([more, 2 * 1024 * 1024 + 30_000])('bring all that was said before the close, to who takes it late: %i bytes', async (bytes) => {
    const { client, service, told } = await joined({ isReading: false })
    service.channel.write(Buffer.alloc(bytes))
    service.channel.close()
    await stands(told)
    expect([client.length, told.closed]).toEqual([0, 0])
    client.channel.resume()
    await waitUntil('all of it', () => told.closed > 0 && client.events.includes('closed'))
    expect([client.length, told.output]).toEqual([bytes, bytes])
  })

  it('do not wait for what nobody will take, and do not count it', async () => {
    const { client, service, told } = await joined({ isReading: false })
    service.channel.write(Buffer.alloc(more))
    const before = await stands(told)
    client.channel.close()
    await waitUntil('the end', () => told.closed > 0 && service.events.includes('closed'))
    expect(told.output).toBe(before)
  })

  it('end at once when they are destroyed, and are told once', async () => {
    const { client, service, told, destroy } = await joined()
    destroy()
    destroy()
    await waitUntil('both to hear of it', () => client.events.includes('closed') && service.events.includes('closed'))
    expect(told.closed).toBe(1)
  })
})
