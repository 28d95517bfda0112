declare module 'bcrypt-pbkdf' {
  const bcrypt: {
    /** Writes `keyLength` bytes into `key`; 0 when it could. Blocks for as long as `rounds` take. */
    pbkdf(pass: Uint8Array, passLength: number, salt: Uint8Array, saltLength: number, key: Uint8Array, keyLength: number, rounds: number): number
  }
  export default bcrypt
}
