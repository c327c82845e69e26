/** M1: the three user types of HR > Employees, as the vendor writes them. */
export const USER_TYPES = ['Employee', 'External Employee', 'API Employee'] as const;
export type UserType = (typeof USER_TYPES)[number];

/** Names are matched without regard to case (M1): the vendor itself writes "Api Employee". */
export function parseUserType(text: string): UserType | undefined {
  const wanted = text.trim().toLowerCase();
  return USER_TYPES.find((type) => type.toLowerCase() === wanted);
}

export function isApiEmployee(type: UserType): boolean {
  return type === 'API Employee';
}

/** M12: Employee and API Employee are internal users. */
export function isInternal(type: UserType): boolean {
  return type !== 'External Employee';
}

/** M10: the other two types consume one licence each while active. */
export function consumesLicence(type: UserType, active: boolean): boolean {
  return active && !isApiEmployee(type);
}
