import { createHmac } from 'node:crypto'

/** A receiver that takes longer has not taken it. */
const ANSWER_MS_MAX = 10_000

/**
 * Posts an event. The header `landfall-signature` has the time of sending and an HMAC of it and the
 * body, `t=SECONDS,v1=HEX`: a receiver who knows the secret can tell ours from others', and old
 * ones that are sent again. Throws unless the answer is a 2xx.
 */
export async function post(
  url: string,
  options: { readonly secret: string; readonly body: string; readonly now: Date },
): Promise<void> {
  const { secret, body, now } = options
  const seconds = Math.floor(now.getTime() / 1000)
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'landfall-signature': `t=${seconds},v1=${digest}`,
    },
    body,
    // Another address would get what was meant for this one.
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`)
}
