/** `20261130-175800`, in UTC: files of a bucket in the order in which they came. */
export function timeStamp(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split('T')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`
}

/** A name that every bucket takes and that ends as imports need it. */
export function fileName(name: string): string {
  const plain = name
    .replace(/\.csv$/i, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 100)
  return `${plain || 'inventory'}.csv`
}
