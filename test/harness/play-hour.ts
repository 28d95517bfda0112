// Plays the scripted hour on the real product and compares the three who know what happened: the person's screen, the recording, the host.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { acts, hourFiles, settle, tmuxSocket } from './hour-acts.ts'
import { startProduct } from './product.ts'
import { download, findSession, saveHost, shownBytes } from './saved-host.ts'
import { hostBytes, Person, picture, randomFrom, replay } from './scripted-hour.ts'
import { startSshd } from './sshd.ts'
import { waitUntil } from './wait.ts'

/** One act a minute, in an order and with cuts that `HOUR_SEED` brings back. Throws with the seed. */
export async function playHour(minutes: number): Promise<void> {
  const seed = Number(process.env.HOUR_SEED ?? Math.floor(Math.random() * 1e9))
  const random = randomFrom(seed)
  let doing = 'before the first act'
  const [sshd, product] = await Promise.all([startSshd({ config: ['SetEnv LC_ALL=C.UTF-8 PS1=$'] }), startProduct()])
  const folder = path.join(sshd.home, `hour-${sshd.port}`)
  try {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o777)
    for (const [name, text] of Object.entries(hourFiles())) writeFileSync(path.join(folder, name), text, { mode: 0o644 })
    const api = await product.claim()
    const host = await saveHost(api, sshd, { kind: 'key', privateKey: sshd.userKeys.ed25519.privateKey })
    const { ticket } = await api.call<{ ticket: string }>('POST', '/tickets', { kind: 'shell', asset: host.id, account: host.account })
    const person = new Person(product.url, api.cookie, ticket)
    await waitUntil('WELCOME', () => person.session !== '')
    const typescript = path.join(folder, 'host.typescript')
    await person.type(`cd ${folder}; exec script -e -q -f -O ${typescript} -c 'bash --norc'\n`)
    await settle(person, 0)
    for (let minute = 1; minute <= minutes; minute += 1) {
      const act = acts[minute <= acts.length ? minute - 1 : Math.floor(random() * acts.length)]
      if (!act) throw new Error('there are no acts')
      doing = `minute ${minute}, ${act.name}`
      const disturbed = disturb(person, random)
      await act.run(person, folder)
      await disturbed
      await settle(person, minute)
    }
    expect(person.cuts).toBeGreaterThanOrEqual(minutes / 2)
    await person.type('tput sgr0; clear; ls -la --color=always /usr | head -12; echo last-$((40+2))\n')
    await person.sees('last-42')
    const seen = picture(person.screen)
    await person.type('exit 3\n')
    await waitUntil('the session to end', () => person.ended)
    expect(person.ended).toMatchObject({ reason: 'exited', exitStatus: 3 })
    await waitUntil('the recording to be sealed', async () => (await findSession(api, person.session)).recording?.state === 'intact', { withinMs: 60_000 })
    const recording = await download(api, person.session, 'v3')
    const recorded = shownBytes(recording)
    const said = hostBytes(typescript)
    expect(said.length).toBeGreaterThan(10_000)
    // The host's own notes are found whole and in one piece in the recording.
    expect(recorded.includes(said)).toBe(true)
    // The last act is on both screens, before the shell said goodbye.
    const replayed = await replay(cutAfter(recording, 'last-42'))
    expect(picture(replayed).slice(1, 14)).toEqual(seen.slice(1, 14))
  } catch (cause) {
    throw new Error(`HOUR_SEED=${seed}, ${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  } finally {
    // A tmux that was left behind outlives its terminal, as it should.
    spawnSync('tmux', ['-S', tmuxSocket(folder), 'kill-server'])
    rmSync(folder, { recursive: true, force: true })
    await product.stop()
    await sshd.stop()
  }
}

/** The line is cut once in each minute, often in the middle of something; sometimes the page is hidden for a while, too. */
async function disturb(person: Person, random: () => number): Promise<void> {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  await wait(random() * 600)
  if (random() < 0.4) {
    person.stream.hidden(true)
    await wait(random() * 800)
    person.stream.hidden(false)
  }
  await wait(random() * 300)
  person.cut()
  if (random() < 0.3) {
    await wait(random() * 200)
    person.cut()
  }
}

/** The events up to the one that shows this text, with it. */
function cutAfter(v3: string, text: string): string {
  const at = v3.lastIndexOf(text)
  const end = v3.indexOf('\n', at)
  return `${v3.slice(0, end)}\n`
}
