/** A time in words. */
export function ms(time: number): string {
  return time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`
}

/** A size in words. */
export function size(bytes: number): string {
  const sizes = [
    [1024 ** 2, 'MB'],
    [1024, 'kB'],
  ] as const
  const [unit, name] = sizes.find(([unit]) => Math.abs(bytes) >= unit) ?? [1, 'bytes']
  const value = bytes / unit
  return `${Math.abs(value) < 10 && unit > 1 ? value.toFixed(1) : Math.round(value)} ${name}`
}

/** A number of things in words. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}
