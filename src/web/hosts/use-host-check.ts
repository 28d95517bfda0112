// The check of a host that is not saved yet: read its keys, let them be trusted, then sign in.
import { useRef, useState } from 'react'
import { asFailure } from '#client/failure-answer.ts'
import type { AuthInput } from '#domain/credential.ts'
import type { Failure } from '#domain/failure.ts'
import type { HostKey, HostKeyPolicy, HostKeyVerdict } from '#domain/host-key.ts'
import { api } from '../api.ts'
import type { Lines } from './check-lines.ts'
import { judgeScan, linesOf, noLines } from './check-lines.ts'
import { fieldOfFailure } from './host-draft.ts'

export type Asked = {
  address: string
  port: number
  confirmLoopback?: boolean
  via: { asset: string; account: string } | null
  legacyUntil: string | null
  username: string
  auth: AuthInput
  policy: HostKeyPolicy
}
type State = { lines: Lines; offered?: HostKey[]; trusted: HostKey[]; running: boolean; failure?: Failure }
const start: State = { lines: noLines, trusted: [], running: false }

export function useHostCheck() {
  const [state, setState] = useState(start)
  // Answers to a question that was changed in the meantime are thrown away.
  const turn = useRef(0)
  const verdict: HostKeyVerdict | undefined = state.offered ? judgeScan(state.offered, state.trusted) : undefined

  const signIn = async ({ policy: _policy, ...asked }: Asked, offered: HostKey[], trusted: HostKey[]) => {
    const mine = ++turn.current
    const before: Lines = { ...noLines, reach: { state: 'ok' }, key: { state: 'ok' } }
    // Nothing is there yet to sign in with: whoever connects types it, or the pair is made when the host is saved.
    const later = asked.auth.kind === 'ask' ? 'later' : asked.auth.kind === 'generate' ? 'later-key' : undefined
    if (later) return setState({ lines: { ...before, 'sign-in': { state: later } }, offered, trusted, running: false })
    setState({ lines: { ...before, 'sign-in': { state: 'running' } }, offered, trusted, running: true })
    try {
      const { steps } = await api.checks.run({ ...asked, trusted })
      if (turn.current === mine) setState({ lines: linesOf(steps), offered, trusted, running: false })
    } catch (error) {
      const failure = asFailure(error)
      if (turn.current === mine)
        setState({ lines: { ...before, 'sign-in': { state: 'failed', failure: failure.code } }, offered, trusted, running: false, failure })
    }
  }

  const scan = async (asked: Asked) => {
    const mine = ++turn.current
    const { trusted } = state
    setState({ lines: { ...noLines, reach: { state: 'running' } }, trusted, running: true })
    try {
      const { items } = await api.checks.scan({
        address: asked.address,
        port: asked.port,
        via: asked.via,
        legacyUntil: asked.legacyUntil,
        ...(asked.confirmLoopback ? { confirmLoopback: true } : {}),
      })
      if (turn.current !== mine) return
      const found = judgeScan(items, trusted)
      if (found === 'trusted') return void signIn(asked, items, trusted)
      // Policies that take the first key, or any, ask nobody.
      if (found === 'unknown' && asked.policy !== 'strict') return void signIn(asked, items, items)
      setState({
        lines: { ...noLines, reach: { state: 'ok' }, key: found === 'changed' ? { state: 'failed', failure: 'host_key_changed' } : { state: 'decide' } },
        offered: items,
        trusted,
        running: false,
      })
    } catch (error) {
      const failure = asFailure(error)
      // The line says it, unless it belongs beside a field of the form.
      if (turn.current === mine)
        setState({
          lines: { ...noLines, reach: { state: 'failed', failure: failure.code } },
          trusted,
          running: false,
          ...(fieldOfFailure(failure) ? { failure } : {}),
        })
    }
  }

  const signInState = state.lines['sign-in'].state
  return {
    ...state,
    verdict,
    passed: verdict === 'trusted' && (signInState === 'ok' || signInState === 'later' || signInState === 'later-key'),
    start: (asked: Asked) => void scan(asked),
    /** Trusts what the host showed, then signs in. */
    trust: (asked: Asked) => void (state.offered && signIn(asked, state.offered, state.offered)),
    forget: () => {
      turn.current++
      setState(start)
    },
    /** Another login: the key stays trusted. */
    forgetSignIn: () => {
      turn.current++
      setState(({ lines, failure: _gone, ...rest }) => ({ ...rest, running: false, lines: { ...lines, 'sign-in': { state: 'waiting' } } }))
    },
  }
}
