import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { resetForm } from '../../shared/routes/passwords.ts';
import { emptyFields, show, showIncomplete, showRefusal } from '../../shared/screens/screens.ts';
import { askForLink, LINK_ASKED_MESSAGE } from './ask-for-link.ts';
import type { Deps } from './deps.ts';
import { resetAskedPage, resetPage } from './reset-page.ts';

export const resetFormEndpoint = ({ table, publicUrl }: Deps) =>
  endpoint(resetForm, async (call) => {
    const { company, userName, formToken } = call.body;
    const form = openForm(call);
    const again = (message: string) => resetPage({ form, company, userName, message });
    if (!isOurForm(call, formToken, publicUrl)) {
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    const errors = emptyFields(
      { company, userName },
      { company: 'Enter the company.', userName: 'Enter the user name.' },
    );
    if (errors) return showIncomplete(resetPage({ form, company, userName, errors }), form.setCookies);
    await askForLink(table, { company, userName }, call);
    return show(resetAskedPage(LINK_ASKED_MESSAGE));
  });
