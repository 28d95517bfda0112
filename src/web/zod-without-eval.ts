// Imported before anything that makes a schema: zod otherwise probes `new Function`, which the content security policy reports as a violation.
import { config } from 'zod'

config({ jitless: true })
