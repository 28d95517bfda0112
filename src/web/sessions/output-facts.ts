import { z } from 'zod'

const OutputFacts = z.object({ stdoutBytes: z.number(), stderrBytes: z.number(), stdout: z.string().max(64).optional(), stderr: z.string().max(64).optional() })

/** Of a row `output.counted` of the ledger; undefined when there is none, or one of another shape. */
export const readOutputCount = (detail: unknown): z.infer<typeof OutputFacts> | undefined => OutputFacts.safeParse(detail).data
