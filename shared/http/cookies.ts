const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** `__Host-` cookies: of this host alone, over HTTPS alone, out of reach for scripts. `value` must need no quoting. */
export function hostCookie(name: `__Host-${string}`, value: string, maxAgeSeconds?: number): string {
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${value}; ${ATTRIBUTES}${age}`;
}

export function clearedCookie(name: `__Host-${string}`): string {
  return hostCookie(name, '', 0);
}
