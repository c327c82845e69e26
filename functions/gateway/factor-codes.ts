import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { openForm } from '../../shared/http/forms.ts';
import { factorCodes } from '../../shared/routes/gateway.ts';
import { show } from '../../shared/screens/screens.ts';
import { replaceRecoveryCodes } from '../../shared/store/second-factors.ts';
import { confirmFactor, factorChangedMeanwhile } from './confirm-factor.ts';
import type { Deps } from './deps.ts';
import { recoveryCodesPage } from './enrol-page.ts';
import { hashOf, newRecoveryCodes } from './recovery-codes.ts';

/** Ten new codes in the place of those that are left; sessions and tokens go on. */
export const factorCodesEndpoint = (deps: Deps) =>
  endpoint(factorCodes, async (call) => {
    const refusal = await confirmFactor(deps, call, 'factor.codes');
    if (refusal) return refusal;
    const { employee } = call.actor;
    const codes = newRecoveryCodes();
    const replaced = await replaceRecoveryCodes(
      deps.table,
      employee,
      codes.map((code) => hashOf(employee, code)),
      {
        tenant: employee.tenant,
        at: systemClock(),
        action: 'factor.codes',
        outcome: 'done',
        actor: { kind: 'owner', id: employee.id },
        origin: call.origin,
        employeeId: employee.id,
      },
    );
    if (!replaced) return factorChangedMeanwhile(call);
    const form = openForm(call);
    const done = 'These ten codes take the place of the old ones, which no longer work.';
    return show(recoveryCodesPage({ form, codes, done }), { setCookies: form.setCookies });
  });
