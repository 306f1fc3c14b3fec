/** Where AWS's documents leave a question open: what was chosen, and which test shows it. */
export interface Choice {
  readonly question: string
  readonly choice: string
  /** The title of the test. */
  readonly shownBy: string
}
