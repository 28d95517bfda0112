// The check of a host that is not saved yet: read its keys, let them be trusted, then sign in.
import { useRef, useState } from 'react'
import { asFailure } from '#client/failure-answer.ts'
import type { AuthInput } from '#domain/credential.ts'
import type { Failure } from '#domain/failure.ts'
import type { HostKey, HostKeyVerdict } from '#domain/host-key.ts'
import { api } from '../api.ts'
import type { Lines } from './check-lines.ts'
import { judgeScan, linesOf, noLines } from './check-lines.ts'
import { fieldOfFailure } from './host-draft.ts'

export type Asked = { address: string; port: number; confirmLoopback?: boolean; username: string; auth: AuthInput }
type State = { lines: Lines; offered?: HostKey[]; trusted: HostKey[]; running: boolean; failure?: Failure }
const start: State = { lines: noLines, trusted: [], running: false }

export function useHostCheck() {
  const [state, setState] = useState(start)
  // Answers to a question that was changed in the meantime are thrown away.
  const turn = useRef(0)
  const verdict: HostKeyVerdict | undefined = state.offered ? judgeScan(state.offered, state.trusted) : undefined

  const signIn = async (asked: Asked, offered: HostKey[], trusted: HostKey[]) => {
    const mine = ++turn.current
    const before: Lines = { ...noLines, reach: { state: 'ok' }, key: { state: 'ok' } }
    if (asked.auth.kind === 'ask') return setState({ lines: { ...before, 'sign-in': { state: 'later' } }, offered, trusted, running: false })
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
      const { items } = await api.checks.scan({ address: asked.address, port: asked.port, ...(asked.confirmLoopback ? { confirmLoopback: true } : {}) })
      if (turn.current !== mine) return
      if (judgeScan(items, trusted) === 'trusted') return void signIn(asked, items, trusted)
      const changed = judgeScan(items, trusted) === 'changed'
      setState({
        lines: { ...noLines, reach: { state: 'ok' }, key: changed ? { state: 'failed', failure: 'host_key_changed' } : { state: 'decide' } },
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

  return {
    ...state,
    verdict,
    passed: verdict === 'trusted' && (state.lines['sign-in'].state === 'ok' || state.lines['sign-in'].state === 'later'),
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
