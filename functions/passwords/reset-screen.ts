import { endpoint } from '../../shared/http/call.ts';
import { resetScreen } from '../../shared/routes/passwords.ts';
import { openForm } from './forms.ts';
import { resetPage } from './reset-page.ts';
import { show } from './screens.ts';

export const resetScreenEndpoint = () =>
  endpoint(resetScreen, async (call) => {
    const form = openForm(call);
    return show(resetPage({ form, company: call.query.company }), { setCookies: form.setCookies });
  });
