// A command as a gateway tells it: with the header of the block in which it was run.
import { z } from 'zod'

/** Told with one block; what is more goes with the next. */
export const maxToldCommands = 1000
/** Of one header, as JSON. */
export const maxToldBytes = 192 * 1024
/** `number` names it in its session and rises with it: twice the output offset where it was taken, one more where nothing is known. Told again, `exitStatus` and `durationMs` are added to what is known. */
export const ToldCommand = z.strictObject({
  number: z.number().int().min(0),
  atMs: z.number().min(0),
  text: z.string().max(4000),
  how: z.enum(['integration', 'screen', 'exec', 'hidden']),
  folder: z.string().max(1000).optional(),
  exitStatus: z.number().int().optional(),
  durationMs: z.number().int().min(0).optional(),
  /** A rule of this name was broken and the shell was sent Ctrl-C. */
  denied: z.string().max(100).optional(),
})
export type ToldCommand = z.infer<typeof ToldCommand>
