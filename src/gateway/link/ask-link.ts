// What a dial asks, as asks of the link: bytes become base64, a released password becomes a Secret.
import { Secret } from '#domain/secret.ts'
import type { AskLink } from '../admission.ts'
import type { Link } from './link.ts'

const at = (hop: number | undefined) => (hop === undefined ? {} : { hop })

export function askLink(link: Pick<Link, 'ask'>): AskLink {
  return {
    async sign(lease, algorithm, data, signal, hop) {
      const { signature } = await link.ask({ ask: 'sign', lease, ...at(hop), algorithm, data: Buffer.from(data).toString('base64') }, signal)
      return Buffer.from(signature, 'base64')
    },
    async release(lease, signal, hop) {
      const { password } = await link.ask({ ask: 'release', lease, ...at(hop) }, signal)
      return new Secret(password)
    },
    judgeHostKey: (lease, offered, signal, hop) => link.ask({ ask: 'judge-host-key', lease, ...at(hop), offered }, signal),
    async trustHostKey(lease, offered, signal) {
      await link.ask({ ask: 'trust-host-key', lease, offered }, signal)
    },
  }
}
