// What the SSH door is answered with, put together: its keys, sign-ins, and what waits for a browser.
import { Approvals } from './approvals.ts'
import { DoorKeys } from './door-keys.ts'
import { DoorSignIn, type DoorSignInParts } from './door-sign-in.ts'
import { OperatorKeys, type OperatorKeyParts } from './operator-keys.ts'

export type DoorParts = Omit<DoorSignInParts, 'approvals'> & Pick<OperatorKeyParts, 'pushEnds'>
export type Door = {
  readonly keys: DoorKeys
  readonly signIn: DoorSignIn
  readonly approvals: Approvals
  readonly operatorKeys: OperatorKeys
}

export function openDoor(parts: DoorParts): Door {
  const { factors } = parts
  const approvals = new Approvals({ ...parts, random: factors.random })
  return {
    keys: new DoorKeys({ ...parts, vault: factors.vault }),
    signIn: new DoorSignIn({ ...parts, approvals }),
    approvals,
    operatorKeys: new OperatorKeys({ ...parts, random: factors.random }),
  }
}
