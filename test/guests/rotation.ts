import { CELLS, type GuestCell } from './cell.ts'

/** Each takes several minutes: all of them are for `npm run test:guests`. */
const GUESTS_A_DAY = 3
const DAY_MS = 24 * 60 * 60 * 1000

/** What people do in a browser does not answer a passphrase at the instance's console. */
const canBeClicked = ({ layout }: GuestCell) => layout !== 'luks'

/** Three of the guests, others every day: one is migrated by clicks, the others by calls. */
export function guestsOfToday(): { byClicks: GuestCell; byCalls: readonly GuestCell[] } {
  const day = Math.floor(Date.now() / DAY_MS)
  const today = Array.from(
    { length: GUESTS_A_DAY },
    (_, index) => CELLS[(day * GUESTS_A_DAY + index) % CELLS.length]!,
  )
  const byClicks = today.find(canBeClicked) ?? today[0]!
  return { byClicks, byCalls: today.filter((cell) => cell !== byClicks) }
}
