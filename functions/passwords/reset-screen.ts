import { endpoint } from '../../shared/http/call.ts';
import { openForm } from '../../shared/http/forms.ts';
import { resetScreen } from '../../shared/routes/passwords.ts';
import { show } from '../../shared/screens/screens.ts';
import { resetPage } from './reset-page.ts';

export const resetScreenEndpoint = () =>
  endpoint(resetScreen, async (call) => {
    const form = openForm(call);
    return show(resetPage({ form, company: call.query.company }), { setCookies: form.setCookies });
  });
