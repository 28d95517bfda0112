// What an administrator sets on the page, the search over everything, and the disk.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Role } from '#domain/operator.ts'
import { lines } from '#domain/shown-text.ts'
import { AssetView } from './assets.ts'
import { OperatorView } from './people.ts'
import { SessionView } from './sessions.ts'

/** Limits are the same as of the flags of the same name. `null` in a change goes back to what the start gave. */
const Numbers = {
  idleSeconds: z.number().int().min(10).max(604_800),
  maxSeconds: z
    .number()
    .int()
    .refine((seconds) => seconds === 0 || (seconds >= 10 && seconds <= 31_536_000), 'is 0 for no limit, or from 10 to 31536000'),
  graceSeconds: z.number().int().min(0).max(86_400),
  sessionsPerOperator: z.number().int().min(1).max(10_000),
  /** Days that recordings are kept; 0: as long as there is room. */
  retentionDays: z.number().min(0).max(36_500),
  /** Every host is looked at so often; 0: never. */
  reachEverySeconds: z
    .number()
    .int()
    .refine((seconds) => seconds === 0 || (seconds >= 30 && seconds <= 86_400), 'is 0 for never, or from 30 to 86400'),
}
const PublicUrls = z
  .array(
    z
      .string()
      .max(300)
      .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'is not an http:// or https:// address')
      .transform((text) => new URL(text).origin),
  )
  .max(50)
const Values = {
  ...Numbers,
  idleOn: z.enum(['both', 'input']),
  /** Shown to everyone before signing in. Empty: none. */
  signInNotice: lines(2000),
  /** Said in the terminal when a session begins. Empty: the product's own sentence. */
  recordingNotice: lines(500),
  /** People may come by these as by those of `--public-url` and by the listener's own addresses, which nothing set here takes away. */
  publicUrls: PublicUrls,
  /** Roles whose people must have a second factor: asked for at their next sign-in, which sets one up where there is none. */
  secondFactorFor: z.array(Role).max(Role.options.length),
}
export const SettingsValues = z.object(Values)
export type SettingsValues = z.infer<typeof SettingsValues>
export type SettingName = keyof SettingsValues
/** `start`: what flags, environment, file or default gave; it holds where nobody has set another value here (`changed`). `givenBy`: by what the start gave it (`--idle-seconds`, `SALLYPORT_IDLE_SECONDS`), by name; without an entry it is the default. */
export const SettingsView = z.object({ values: SettingsValues, start: SettingsValues, changed: z.array(z.string()), givenBy: z.record(z.string(), z.string()) })
export type SettingsView = z.infer<typeof SettingsView>
const nullable = <Value extends z.ZodType>(value: Value) => value.nullable().optional()

export const settings = {
  get: oc.route({ method: 'GET', path: '/settings' }).output(SettingsView),
  change: oc
    .route({ method: 'PATCH', path: '/settings', summary: 'What is left out stays; null goes back to the value of the start' })
    .input(
      z.strictObject({
        idleSeconds: nullable(Values.idleSeconds),
        maxSeconds: nullable(Values.maxSeconds),
        graceSeconds: nullable(Values.graceSeconds),
        sessionsPerOperator: nullable(Values.sessionsPerOperator),
        retentionDays: nullable(Values.retentionDays),
        reachEverySeconds: nullable(Values.reachEverySeconds),
        idleOn: nullable(Values.idleOn),
        signInNotice: nullable(Values.signInNotice),
        recordingNotice: nullable(Values.recordingNotice),
        publicUrls: nullable(Values.publicUrls),
        secondFactorFor: nullable(Values.secondFactorFor),
      }),
    )
    .output(SettingsView),
}

/** At most 6 of each kind, the best first; only what the asker may see. */
export const search = oc
  .route({ method: 'GET', path: '/search' })
  .input(z.strictObject({ q: z.string().min(1).max(200) }))
  .output(z.object({ hosts: z.array(AssetView), people: z.array(OperatorView.pick({ id: true, username: true, name: true })), sessions: z.array(SessionView) }))

export const disk = {
  get: oc
    .route({ method: 'GET', path: '/disk', summary: 'Room for recordings: warned at 85 %, sessions refused at 95 %' })
    .output(z.object({ usedShare: z.number(), recordingsBytes: z.number(), state: z.enum(['ok', 'warning', 'refusing']) })),
}
