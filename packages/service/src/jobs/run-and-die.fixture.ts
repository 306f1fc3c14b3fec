import { openDatabase } from '../database/database.ts'
import { TestService } from '../test-service.ts'
import { recordedProvider } from './recorded-provider.fixture.ts'

/**
 * `node run-and-die.fixture.ts CONNECTION JOB CHECKPOINT` runs a job in a process of its own, which
 * kills itself without warning when it comes to the checkpoint.
 */
const [connectionString = '', jobID = '', checkpoint = ''] = process.argv.slice(2)
const db = openDatabase({ connectionString })
const service = new TestService({ db, provider: await recordedProvider(db) })
service.queued.push(jobID)
await service.runJobs({
  checkpoint(name) {
    if (name === checkpoint) process.kill(process.pid, 'SIGKILL')
  },
})
await db.destroy()
