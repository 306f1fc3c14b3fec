import Alert, { type AlertProps } from '@cloudscape-design/components/alert'
import { formatBytes, type VerificationReport } from '@landfall/model'
import { usePolled } from '../api/polling.ts'
import { useUrlParam } from '../shell/url-parameters.ts'

type Described =
  | { readonly status: 'RUNNING' }
  | { readonly status: 'COMPLETED'; readonly report: VerificationReport }
  | { readonly status: 'FAILED'; readonly error: string }

/** How the comparison that the address names goes, or what it has found. */
export function Verification() {
  const [verificationID, setVerification] = useUrlParam('verification')
  const input = { verificationID }
  const { data, error } = usePolled<Described>('landfall:DescribeVerification', input, {
    enabled: verificationID !== undefined,
  })
  if (verificationID === undefined) return null
  const dismiss = () => setVerification(undefined)
  const result = error
    ? ({ type: 'error', text: error.message } as const)
    : wordsOf(data ?? { status: 'RUNNING' })
  return (
    <Alert type={result.type} dismissible onDismiss={dismiss} dismissAriaLabel="Dismiss">
      {result.text}
    </Alert>
  )
}

function wordsOf(described: Described): { readonly type: AlertProps.Type; readonly text: string } {
  switch (described.status) {
    case 'RUNNING':
      return { type: 'info', text: 'Source and point are being compared.' }
    case 'FAILED':
      return { type: 'error', text: `They could not be compared: ${described.error}` }
    case 'COMPLETED':
      return resultWords(described.report)
  }
}

function resultWords({ disks }: VerificationReport) {
  const sum = (valueOf: (disk: (typeof disks)[number]) => number) =>
    formatBytes(disks.reduce((total, disk) => total + valueOf(disk), 0))
  const rest = `${sum((disk) => disk.changedBytes)} were written since and cannot be compared.`
  const different = disks.filter((disk) => disk.differentBytes > 0)
  if (different.length === 0) {
    const text = `Verified: ${sum((disk) => disk.equalBytes)} are equal; ${rest}`
    return { type: 'success', text } as const
  }
  const where = different.map(({ deviceName }) => deviceName).join(', ')
  const bytes = sum((disk) => disk.differentBytes)
  const text =
    `${bytes} of ${where} differ though nobody wrote them: a defect of the point. ` +
    `They are sent again: take another point after that. ${rest}`
  return { type: 'error', text } as const
}
