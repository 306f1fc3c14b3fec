/** What terminals are told by escape sequences: colours, where to write, what to clear. */
const ESCAPES =
  // oxlint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][0-9A-Za-z]|[ -~])/g

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

/** A serial console's output as text: EC2 gives it in base64, and it was made for a terminal. */
export function consoleText(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0)
  const lines = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n').replaceAll(ESCAPES, '')
  return (
    lines
      .split('\n')
      // A line that was written again, such as one of progress, is as it was last.
      .map((line) => line.split('\r').findLast((part) => part !== '') ?? '')
      .join('\n')
      .replaceAll(CONTROLS, '')
  )
}
