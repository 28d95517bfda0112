// What a dial asks, as asks of the link: bytes become base64, a released password becomes a Secret.
import { Secret } from '#domain/secret.ts'
import type { AskLink } from '../admission.ts'
import type { Link } from './link.ts'

export function askLink(link: Pick<Link, 'ask'>): AskLink {
  return {
    async sign(lease, algorithm, data, signal) {
      const { signature } = await link.ask({ ask: 'sign', lease, algorithm, data: Buffer.from(data).toString('base64') }, signal)
      return Buffer.from(signature, 'base64')
    },
    async release(lease, signal) {
      const { password } = await link.ask({ ask: 'release', lease }, signal)
      return new Secret(password)
    },
    judgeHostKey: (lease, offered, signal) => link.ask({ ask: 'judge-host-key', lease, offered }, signal),
    async trustHostKey(lease, offered, signal) {
      await link.ask({ ask: 'trust-host-key', lease, offered }, signal)
    },
  }
}
