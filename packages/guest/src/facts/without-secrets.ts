/** Settings whose value is not for others, such as `password=` of a network filesystem. */
const SECRET_SETTING = /^([^=]*(?:pass|pwd|secret|token|cred|user)[^=]*)=.*$/i

/** An option as `name=value`; of one that may be a secret its name alone. */
export function optionWithoutSecret(option: string): string {
  return option.replace(SECRET_SETTING, '$1')
}

/** The address of a filesystem, without the name and the password that may be in it. */
export function addressWithoutSecret(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//')
}
