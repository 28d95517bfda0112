// The API on either database, for tests of what is promised of both.
import { startPostgres } from '../../../test/harness/postgres.ts'
import type { Engine } from '../store/engine.ts'
import { startApi, type TestApi } from './test-api.ts'

/** `stop` ends the database too. */
export async function startApiOn(engine: Engine): Promise<TestApi> {
  if (engine === 'sqlite') return await startApi()
  const server = await startPostgres()
  try {
    const api = await startApi({ place: { databaseUrl: await server.makeDatabase() } })
    return {
      ...api,
      async stop() {
        await api.stop()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}
