import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { SecretBox } from './secret-box.ts'
import { randomIdentifier } from './users.ts'

const SECRET_BYTES = 30

const schema = z.object({
  secretAccessKey: z.string(),
  /** ISO 8601 in UTC. */
  expiresAt: z.string(),
  /** Whose session it is. */
  userID: z.string(),
  /** The role that the user has taken on; absent: the session is the user's own. */
  role: z
    .object({
      roleName: z.string(),
      sessionName: z.string(),
      sourceIdentity: z.string().optional(),
    })
    .optional(),
  /** Policies, as JSON, that take away what they do not allow. */
  policies: z.array(z.string()),
})

/** What temporary credentials stand for. */
export type Session = z.infer<typeof schema>

export interface TemporaryCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAt: Date
}

/** Temporary credentials: all they stand for is sealed in their token, and nothing is stored. */
export function createSession(
  box: SecretBox,
  session: Omit<Session, 'secretAccessKey' | 'expiresAt'> & { readonly expiresAt: Date },
): TemporaryCredentials {
  const accessKeyId = randomIdentifier('ASIA', 16)
  const secretAccessKey = randomBytes(SECRET_BYTES).toString('base64')
  const { expiresAt } = session
  const claims: Session = { ...session, secretAccessKey, expiresAt: expiresAt.toISOString() }
  const sessionToken = box.seal(JSON.stringify(claims), label(accessKeyId)).toString('base64')
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt }
}

/** What a token stands for; undefined when it is not ours, or not the key's. */
export function openSession(
  box: SecretBox,
  accessKeyId: string,
  sessionToken: string,
): Session | undefined {
  try {
    const text = box.open(Buffer.from(sessionToken, 'base64'), label(accessKeyId))
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function label(accessKeyId: string): string {
  return `session ${accessKeyId}`
}
